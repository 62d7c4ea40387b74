package intake

// Severity says what a problem costs.
type Severity string

// The severities.
const (
	Refuses Severity = "refused" // the row does not come in
	Warns   Severity = "warning" // the row comes in, and somebody should look
)

// Rule names what was found wrong, so that a page can group "11 rows: retired without a date".
type Rule string

// The rules. The first group refuses a row.
const (
	RuleRagged       Rule = "wrong-number-of-cells"
	RuleQuotes       Rule = "misplaced-quote"
	RuleCellTooLarge Rule = "cell-too-large"
	RuleNoName       Rule = "no-name"
	RuleNotKept      Rule = "not-kept"

	RuleStageMissing       Rule = "stage-not-stated"
	RuleStageUnknown       Rule = "stage-not-mapped"
	RuleTierUnknown        Rule = "tier-not-mapped"
	RuleKindUnknown        Rule = "kind-not-mapped"
	RuleRetiredWithoutDate Rule = "retired-without-date"
	RuleRetiredDateStage   Rule = "retired-date-other-stage"
	RuleDateAsText         Rule = "date-kept-as-text"
	RuleDatePartial        Rule = "date-completed"
	RuleDateOrder          Rule = "retired-before-start"
	RuleCut                Rule = "text-cut"
	RuleCleaned            Rule = "characters-removed"
	RuleRetiredButLive     Rule = "retired-but-live"
	RuleListedAgain        Rule = "listed-again"
)

// Title is the rule as the heading of a group of rows.
func (r Rule) Title() string {
	switch r {
	case RuleRagged:
		return "Wrong number of cells"
	case RuleQuotes:
		return "Misplaced quote"
	case RuleCellTooLarge:
		return "Cell too large"
	case RuleNoName:
		return "No name"
	case RuleNotKept:
		return "Could not be kept"
	case RuleStageMissing:
		return "Stage not stated"
	case RuleStageUnknown:
		return "Stage not mapped"
	case RuleTierUnknown:
		return "Tier not mapped"
	case RuleKindUnknown:
		return "Kind not mapped"
	case RuleRetiredWithoutDate:
		return "Retired without a date"
	case RuleRetiredDateStage:
		return "Retirement date, but not retired"
	case RuleDateAsText:
		return "Date kept as text"
	case RuleDatePartial:
		return "Date completed"
	case RuleDateOrder:
		return "Retired before it began"
	case RuleCut:
		return "Text cut"
	case RuleCleaned:
		return "Characters removed"
	case RuleListedAgain:
		return "Listed again after it was said to have ended"
	case RuleRetiredButLive:
		return "Reported retired, but live here"
	}
	return string(r)
}

// RowProblem is what is wrong with one row, for the person who keeps the spreadsheet.
type RowProblem struct {
	Row      int      `json:"row"`
	Line     int      `json:"line"`
	Column   string   `json:"column,omitempty"`
	Rule     Rule     `json:"rule"`
	Sentence string   `json:"message"`
	Severity Severity `json:"severity"`
}

func (row Row) refuse(rule Rule, sentence string) *RowProblem {
	return &RowProblem{Row: row.Number, Line: row.Line, Rule: rule, Sentence: sentence, Severity: Refuses}
}
