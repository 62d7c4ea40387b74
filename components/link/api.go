package link

// API is the readable document of what programs can ask.
func API() string { return "/api" }
