package intake

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"

	"sundial/models/day"
	"sundial/models/registry"
)

// Record is one row of an inventory in our shape. Department, Team, Owner and Vendor are names as the
// file writes them; finding (or asking for) the people and teams behind them is the store's work.
type Record struct {
	Identity       string // stable from one file to the next: identity columns, and the order among equals
	Slug           string // a suggestion; make it unique before use
	Name           string
	Purpose        string
	Department     string
	Team           string
	Owner          string // an e-mail address or a name
	Vendor         string
	URL            string // http or https; anything else stays in Facts
	Kind           registry.Kind
	KindGuessed    bool // no column said so: the mapping's default, or words in name or purpose
	Tier           registry.Tier
	Reported       Reported
	ReportedRaw    string // the stage in the file's own words
	StartedOn      day.Day
	OperatingSince day.Day
	RetiredOn      day.Day
	Facts          map[string]string // every other filled column under its title, and texts that did not fit
	Row, Line      int
	Digest         string // SHA-256 of Fields
}

// CloseReason is what a record that is reported retired is closed with; "" for all others.
func (r Record) CloseReason() string {
	switch {
	case r.Reported != Retired:
		return ""
	case r.RetiredOn.Known():
		return "Reported retired on " + r.RetiredOn.Human() + " by the imported inventory; no retirement was run in Sundial."
	}
	return "Reported retired, without a date, by the imported inventory; no retirement was run in Sundial."
}

// factPrefix keeps the source's columns apart from our fields in Fields.
const factPrefix = "fact:"

// Fields are the record's filled fields and facts as plain text: what the digest is taken of, what two
// imports are compared by, and what the store keeps for the next comparison.
func (r Record) Fields() map[string]string {
	f := map[string]string{}
	put := func(field Field, value string) {
		if value != "" {
			f[string(field)] = value
		}
	}
	put(FieldName, r.Name)
	put(FieldPurpose, r.Purpose)
	put(FieldDepartment, r.Department)
	put(FieldTeam, r.Team)
	put(FieldOwner, r.Owner)
	put(FieldVendor, r.Vendor)
	put(FieldURL, r.URL)
	put(FieldKind, string(r.Kind))
	put(FieldStage, string(r.Reported))
	put(FieldStarted, string(r.StartedOn))
	put(FieldOperating, string(r.OperatingSince))
	put(FieldRetired, string(r.RetiredOn))
	if r.Tier > 0 {
		put(FieldTier, string(rune('0'+r.Tier)))
	}
	for title, text := range r.Facts {
		f[factPrefix+title] = text
	}
	return f
}

// digestOf is audit.Digest of a flat map, in one pass: encoding/json sorts the keys of maps bytewise,
// which is all that canonical JSON asks of one. A test holds the two together.
func digestOf(fields map[string]string) string {
	sum := sha256.New()
	enc := json.NewEncoder(withoutNewline{sum})
	enc.SetEscapeHTML(false)
	if err := enc.Encode(fields); err != nil {
		panic("intake: a record's fields are plain text: " + err.Error())
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// withoutNewline drops the line end that json.Encoder writes after a value.
type withoutNewline struct{ io.Writer }

func (w withoutNewline) Write(b []byte) (int, error) {
	_, err := w.Writer.Write(bytes.TrimSuffix(b, []byte("\n")))
	return len(b), err
}

// Known is what the last import left of a record, for Reconcile.
type Known struct {
	Identity           string
	Digest             string
	Reported           Reported
	RetirementOnRecord bool // retired in Sundial, or its question was answered with retired, renamed or merged
	Fields             map[string]string
}

// Known is the record as the next import will find it.
func (r Record) Known() Known {
	return Known{Identity: r.Identity, Digest: r.Digest, Reported: r.Reported, Fields: r.Fields()}
}

// Name, Department and Team are those that the last import read.
func (k Known) Name() string       { return k.Fields[string(FieldName)] }
func (k Known) Department() string { return k.Fields[string(FieldDepartment)] }
func (k Known) Team() string       { return k.Fields[string(FieldTeam)] }

// FactName is the source's column behind a key of Fields; fact is false for fields of ours.
func FactName(key string) (column string, fact bool) { return strings.CutPrefix(key, factPrefix) }
