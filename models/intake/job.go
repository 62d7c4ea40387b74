package intake

import (
	"strings"
	"time"
	"unicode/utf8"

	"sundial/models/audit"
	"sundial/models/fault"
)

// Job is one file on its way in. Its steps may be repeated until it runs; once it is over, the same
// file is brought in again by another job.
type Job struct {
	ID         int64
	FileName   string
	FileSHA256 string
	FileBytes  int64
	Format     Format
	Mapping    Mapping
	Inventory  string // what it is compared with: jobs of one inventory follow one another
	Preview    Preview
	Progress   Progress
	StartedBy  int64 // 0 when a command did
	Revision   int64
	CreatedAt  time.Time
	UpdatedAt  time.Time

	audit.Trail `json:"-"`
}

// NewJob is a job for a file that was just received.
func NewJob(fileName, sha256 string, size int64, format Format, by int64) *Job {
	j := &Job{FileName: fileName, FileSHA256: sha256, FileBytes: size, Format: format, StartedBy: by, Progress: Progress{State: JobUploaded}}
	j.Note("import.uploaded", j.Subject(), nil, map[string]any{"file": fileName, "sha256": sha256, "bytes": size})
	return j
}

// Subject names the job in the audit trail.
func (j *Job) Subject() audit.Subject {
	return audit.Subject{Kind: "import", ID: j.ID, Label: j.FileName}
}

// SetFormat says how the file is to be read. What was mapped on it before has to be looked at again.
func (j *Job) SetFormat(f Format) error {
	if err := j.prepared(); err != nil {
		return err
	}
	if f != j.Format {
		j.Preview = Preview{}
	}
	j.Format, j.Progress = f, Progress{State: JobMapping}
	j.Note("import.format_chosen", j.Subject(), nil, f)
	return nil
}

// MaxInventory is the longest name of an inventory, in characters.
const MaxInventory = 100

// SetMapping says what the columns mean and which inventory this is. The job can run after it.
func (j *Job) SetMapping(m Mapping, inventory string, columns []string) error {
	if err := j.prepared(); err != nil {
		return err
	}
	var p fault.Problems
	if m.Name == "" {
		p.Add("name", "Name the mapping, so that next year's file can use it again.")
	}
	if inventory = cleanLine(inventory); inventory == "" {
		p.Add("inventory", "Name the inventory, such as AI use cases. The next file of this name is compared with this one.")
	} else if utf8.RuneCountInString(inventory) > MaxInventory {
		p.Addf("inventory", "Use at most %d characters.", MaxInventory)
	}
	p.Merge("", m.Check(columns))
	if err := p.Err(); err != nil {
		return err
	}
	j.Mapping, j.Inventory, j.Preview = m, inventory, Preview{}
	j.Progress = Progress{State: JobMapping}
	j.Note("import.mapped", j.Subject(), nil, map[string]any{"mapping": m.Name, "inventory": inventory})
	return nil
}

// SetPreview keeps what a dry run found. The job can run from here.
func (j *Job) SetPreview(p Preview) {
	j.Preview = p
	j.Progress = Progress{State: JobPreviewed, RowsTotal: p.Rows}
}

// Start lets the job run.
func (j *Job) Start() error {
	if err := j.prepared(); err != nil {
		return err
	}
	if j.Progress.State != JobPreviewed {
		return fault.New(fault.Conflict, "Look at what the import would do first, then run it.")
	}
	j.Progress = Progress{State: JobRunning, RowsTotal: j.Preview.Rows}
	j.Note("import.started", j.Subject(), nil, map[string]any{"inventory": j.Inventory, "mapping": j.Mapping.Name, "rows": j.Preview.Rows})
	return nil
}

// Cancel stops the job. What came in stays: it is on record, row by row.
func (j *Job) Cancel() error {
	if j.Progress.State.Over() {
		return fault.Newf(fault.Conflict, "This import is %s already.", j.Progress.State)
	}
	j.Note("import.cancelled", j.Subject(), map[string]any{"state": j.Progress.State}, map[string]any{"rows_done": j.Progress.RowsDone})
	j.Progress.State = JobCancelled
	return nil
}

// Finish ends a job whose last row is in.
func (j *Job) Finish() {
	p := j.Progress
	j.Progress.State = JobDone
	j.Note("import.finished", j.Subject(), nil, map[string]any{"inventory": j.Inventory, "rows": p.RowsDone, "added": p.Added,
		"changed": p.Changed, "unchanged": p.Unchanged, "refused": p.Refused, "vanished": p.Vanished})
}

// Fail ends a job that cannot go on, with a sentence for people.
func (j *Job) Fail(sentence string) {
	j.Progress.State, j.Progress.Message = JobFailed, sentence
	j.Note("import.failed", j.Subject(), nil, map[string]any{"rows_done": j.Progress.RowsDone, "why": sentence})
}

// prepared refuses to change what runs or has run.
func (j *Job) prepared() error {
	switch s := j.Progress.State; {
	case s == JobRunning:
		return fault.New(fault.Conflict, "This import is running. Wait until it is done, or cancel it.")
	case s.Over():
		return fault.Newf(fault.Conflict, "This import is %s. Import the file again to change how it is read.", s)
	}
	return nil
}

// InventoryKey is how two names of an inventory are told to be one.
func InventoryKey(name string) string { return strings.ToLower(cleanLine(name)) }
