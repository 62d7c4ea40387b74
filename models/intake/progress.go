package intake

// JobState is how far an import job is.
type JobState string

// The states of an import job.
//
//	uploaded -> mapping -> previewed -> running -> done
//	                                       |-> failed, cancelled
const (
	JobUploaded  JobState = "uploaded"
	JobMapping   JobState = "mapping"
	JobPreviewed JobState = "previewed"
	JobRunning   JobState = "running"
	JobDone      JobState = "done"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// Over reports whether nothing more will happen to the job.
func (s JobState) Over() bool { return s == JobDone || s == JobFailed || s == JobCancelled }

// Progress is how far an import job is, in rows. The store keeps it; a page draws it.
type Progress struct {
	State     JobState `json:"state"`
	RowsTotal int      `json:"rows_total"`
	RowsDone  int      `json:"rows_done"`
	Added     int      `json:"added"`
	Changed   int      `json:"changed"`
	Unchanged int      `json:"unchanged"`
	Refused   int      `json:"refused"`
	Warned    int      `json:"warned"`     // rows that came in with at least one warning
	OnlyFacts int      `json:"only_facts"` // of the changed: none of our own fields
	Kept      int      `json:"kept"`       // changed rows in which a person's value stayed
	Vanished  int      `json:"vanished"`
	Message   string   `json:"message,omitempty"` // why it failed, for people
}

// Percent is the share of rows done, 0 to 100.
func (p Progress) Percent() int {
	if p.RowsTotal <= 0 {
		return 0
	}
	return min(100, p.RowsDone*100/p.RowsTotal)
}
