package link

// Notices is where somebody chooses what they hear of by mail, and TestNotices sends them a test.
func Notices() string     { return "/account/notices" }
func TestNotices() string { return "/account/notices/test" }

// Letters is the log of mail, and LettersCSV its file.
func Letters() string    { return "/admin/letters" }
func LettersCSV() string { return "/admin/letters.csv" }

// Letter is one of them, and ResendLetter puts it back in the queue.
func Letter(n int64) string       { return path("admin", "letters", id(n)) }
func ResendLetter(n int64) string { return path("admin", "letters", id(n), "resend") }
