package link

// ImportFormat and ImportMapping are the steps before an import can run.
func ImportFormat(n int64) string  { return path("imports", id(n), "format") }
func ImportMapping(n int64) string { return path("imports", id(n), "mapping") }

// ImportMappingFrom begins the mapping of an import with a kept one.
func ImportMappingFrom(n int64, name string) string { return With(ImportMapping(n), "from", name) }

// ImportRows is what became of each row, filtered.
func ImportRows(n int64, outcome, after string) string {
	return With(Import(n), "outcome", outcome, "after", after)
}

// ImportRow is one of them, with the source's own words.
func ImportRow(n, row int64) string { return path("imports", id(n), "rows", id(row)) }

// ImportRowsCSV is ImportRows as a file, ImportProblemsCSV everything that a check found.
func ImportRowsCSV(n int64, outcome string) string {
	return With(path("imports", id(n), "rows.csv"), "outcome", outcome)
}
func ImportProblemsCSV(n int64) string { return path("imports", id(n), "problems.csv") }

// Questions are about systems that an inventory no longer lists.
func Questions() string { return "/imports/questions" }

// QuestionsOf are those of one inventory in one state.
func QuestionsOf(inventory, state, whose, after string) string {
	return With(Questions(), "inventory", inventory, "state", state, "whose", whose, "after", after)
}

// Question is one of them, with its answer.
func Question(n int64) string { return path("imports", "questions", id(n)) }

// AnswerQuestion is where the form of Question goes.
func AnswerQuestion(n int64) string { return path("imports", "questions", id(n), "answer") }
