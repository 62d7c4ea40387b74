package registry

import (
	"slices"
	"strings"
	"time"

	"sundial/models/audit"
	"sundial/models/fault"
	"sundial/models/org"
)

// PromptRecord is a prompt that a team registered. What it says stands in its versions.
type PromptRecord struct {
	ID        int64
	Name      string // lower-case with dashes, part of its address
	TeamID    int64
	Purpose   string
	Revision  int64
	CreatedAt time.Time
	UpdatedAt time.Time

	audit.Trail `json:"-"`
}

// PromptVersion is one state of a registered prompt. It never changes: another hash is another version.
type PromptVersion struct {
	ID        int64
	PromptID  int64
	Number    int // 1, 2, 3 within the prompt
	Repo      string
	Path      string
	Commit    string
	SHA256    string
	Text      string // as it is hashed; "" where only the hash is known
	Config    string // canonical JSON, "" for none
	Note      string // what is different
	AuthorID  int64
	CreatedAt time.Time

	Removed []string // what normalising took away from the text as it was typed; not kept
}

// PromptDraft is what a person says of a prompt and of one version of it.
type PromptDraft struct {
	Name    string // only when the prompt is made
	TeamID  int64
	Purpose string
	Version PromptVersionDraft
}

// PromptVersionDraft is what a person or pipeline says of one version.
type PromptVersionDraft struct {
	Repo, Path, Commit, SHA256, Text, Config, Note string
}

// NewPrompt registers a prompt with its first version.
func NewPrompt(a org.Actor, d PromptDraft, now time.Time) (*PromptRecord, *PromptVersion, error) {
	var t typed
	p := &PromptRecord{Name: t.slug("name", d.Name), TeamID: d.TeamID, Revision: 1, CreatedAt: now, UpdatedAt: now}
	p.Purpose = t.text("purpose", d.Purpose, longestText)
	ownedBy(&t, a, d.TeamID, "a prompt")
	v := d.Version.tidy(&t)
	if err := t.Err(); err != nil {
		return nil, nil, err
	}
	v.Number, v.AuthorID, v.CreatedAt = 1, a.ID, now
	p.Note("prompt.registered", p.Subject(), nil, map[string]any{"name": p.Name, "team": p.TeamID, "purpose": p.Purpose, "version": 1, "sha256": v.SHA256, "repo": v.Repo, "path": v.Path, "commit": v.Commit})
	return p, v, nil
}

// Edit changes what a prompt is for and whose it is. Giving it away needs a say in both teams.
func (p *PromptRecord) Edit(a org.Actor, d PromptDraft, now time.Time) error {
	if may := org.May(a, org.Edit, p.TeamID); !may.Allowed {
		return fault.New(fault.Forbidden, may.Reason)
	}
	var t typed
	d.Purpose = t.text("purpose", d.Purpose, longestText)
	if d.TeamID != p.TeamID {
		ownedBy(&t, a, d.TeamID, "a prompt")
	}
	if err := t.Err(); err != nil {
		return err
	}
	var c changes
	set(&c, "purpose", &p.Purpose, d.Purpose)
	set(&c, "team", &p.TeamID, d.TeamID)
	p.UpdatedAt = now
	return c.note(&p.Trail, "prompt.edited", p.Subject())
}

// AddVersion adds the next version. have are those that the prompt has, in any order.
func (p *PromptRecord) AddVersion(a org.Actor, d PromptVersionDraft, have []PromptVersion, now time.Time) (*PromptVersion, error) {
	if may := org.May(a, org.Edit, p.TeamID); !may.Allowed {
		return nil, fault.New(fault.Forbidden, may.Reason)
	}
	var t typed
	v := d.tidy(&t)
	if err := t.Err(); err != nil {
		return nil, err
	}
	next := 1
	for _, h := range have {
		if h.SHA256 == v.SHA256 {
			t.Addf(v.Asked(d), "Version %d has this hash already: nothing changed that counts.", h.Number)
		}
		next = max(next, h.Number+1)
	}
	if next > mostPromptVersions {
		t.Addf("", "A prompt has at most %d versions. Register another one.", mostPromptVersions)
	}
	if err := t.Err(); err != nil {
		return nil, err
	}
	v.PromptID, v.Number, v.AuthorID, v.CreatedAt = p.ID, next, a.ID, now
	p.UpdatedAt = now
	p.Note("prompt.version_added", p.Subject(), nil, map[string]any{"version": v.Number, "sha256": v.SHA256, "repo": v.Repo, "path": v.Path, "commit": v.Commit, "note": v.Note})
	return v, nil
}

const mostPromptVersions = 5000

// Asked is the field to which a sentence about the hash belongs: the text where one was given.
func (v *PromptVersion) Asked(d PromptVersionDraft) string {
	if strings.TrimSpace(d.Text) != "" {
		return "text"
	}
	return "sha256"
}

// tidy checks a version and gives it back as it is kept.
func (d PromptVersionDraft) tidy(t *typed) *PromptVersion {
	v := &PromptVersion{Repo: t.repo("repo", d.Repo), Path: t.line("path", d.Path, 500), Commit: t.commit("commit", d.Commit), SHA256: t.sha256("sha256", d.SHA256),
		Config: t.config("config", d.Config), Note: t.text("note", d.Note, 2000)}
	normal := NormalizePrompt(d.Text)
	v.Removed = normal.Removed
	v.Text = t.bounded("text", normal.Text, longestPrompt, "\n\t")
	if v.Commit != "" && v.Repo == "" {
		t.Add("repo", "Name the repository that this commit is in.")
	}
	switch {
	case v.Text != "":
		v.SHA256 = t.hashOf("sha256", v.SHA256, v.Text, v.Config)
	case v.SHA256 == "":
		t.Add("text", "Enter the text, or below its SHA-256 as sundial prompt hash prints it.")
	}
	return v
}

// hashOf is the hash of a text, or the one that was given when it is the same.
func (t *typed) hashOf(field, given, text, config string) string {
	hash := HashPromptWith(text, config)
	if given != "" && given != hash {
		t.Addf(field, "This is not the hash of the text, which is %s. Leave it empty to have it computed.", hash)
	}
	return hash
}

// config is a configuration in its canonical form; blank stays blank.
func (t *typed) config(field, s string) string {
	canonical, err := CanonicalConfig(t.bounded(field, s, longestConfig, "\r\n\t"))
	if f, is := fault.As(err); is {
		t.Add(field, f.Sentence)
		return "" // nothing is kept: the form shows what was typed
	}
	return canonical
}

// ownedBy notes at the field "team" why something cannot be this team's.
func ownedBy(t *typed, a org.Actor, team int64, what string) {
	if team == 0 {
		t.Addf("team", "Choose the team that answers for it: %s belongs to somebody.", what)
		return
	}
	if may := org.May(a, org.Edit, team); !may.Allowed {
		t.Add("team", "Choose a team of yours: only its members change it.")
	}
}

// Subject names the prompt in the audit trail.
func (p *PromptRecord) Subject() audit.Subject {
	return audit.Subject{Kind: "prompt", ID: p.ID, Label: p.Name}
}

// Named is the prompt version as a version's form and a pipeline write it: name@ and the first digits of
// the hash.
func (p PromptRecord) Named(v PromptVersion) string { return p.Name + "@" + v.SHA256[:12] }

// InRelease is the prompt version as a release holds it. as is what the release calls it, "" for the
// prompt's own name.
func (v PromptVersion) InRelease(as, name string) Prompt {
	if as == "" {
		as = name
	}
	return Prompt{Name: as, Repo: v.Repo, Path: v.Path, Commit: v.Commit, SHA256: v.SHA256, Text: v.Text, Config: v.Config}
}

// ParseNamed reads "name", "name@7" and "name@hash": a name, a number or the first eight and more digits of
// a hash. The empty rest means the newest version.
func ParseNamed(s string) (name, rest string, ok bool) {
	name, rest, _ = strings.Cut(strings.ToLower(strings.TrimSpace(s)), "@")
	name, rest = strings.TrimSpace(name), strings.TrimPrefix(strings.TrimSpace(rest), "sha256:")
	if !slugShape.MatchString(name) || len(name) > 64 {
		return name, rest, false
	}
	isNumber := len(rest) <= 5 && !strings.ContainsFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	isHash := len(rest) >= 8 && len(rest) <= 64 && hexShape.MatchString(rest)
	return name, rest, isNumber || isHash
}

// Pick finds the version that ParseNamed's rest means among all of a prompt's, in any order.
func Pick(list []PromptVersion, rest string) (PromptVersion, bool) {
	if len(list) == 0 {
		return PromptVersion{}, false
	}
	if rest == "" {
		return slices.MaxFunc(list, func(a, b PromptVersion) int { return a.Number - b.Number }), true
	}
	found, n := PromptVersion{}, 0
	for _, v := range list {
		if len(rest) <= 5 && itoa(v.Number) == strings.TrimLeft(rest, "0") || len(rest) >= 8 && strings.HasPrefix(v.SHA256, rest) {
			found, n = v, n+1
		}
	}
	return found, n == 1
}
