package registry

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/audit"
	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/org"
)

var (
	now    = time.Date(2026, 3, 3, 14, 32, 0, 0, time.UTC)
	fraud  = org.Team{ID: 1, Slug: "fraud", Name: "Fraud"}
	credit = org.Team{ID: 2, Slug: "credit", Name: "Credit"}
	ada    = org.Person{ID: 11, Name: "Mira Meridian", Roles: []org.Role{org.Contributor}, TeamIDs: []int64{1}}
	tom    = org.Person{ID: 12, Name: "Tom Hale", Roles: []org.Role{org.Contributor}, TeamIDs: []int64{1}}
	gone   = org.Person{ID: 13, Name: "Gil Roth", Disabled: true}
	other  = org.Person{ID: 14, Name: "Uma Roy", Roles: []org.Role{org.Contributor}, TeamIDs: []int64{2}}
	both   = org.Person{ID: 15, Name: "Bo Lin", Roles: []org.Role{org.Contributor}, TeamIDs: []int64{1, 2}}
	admin  = org.Person{ID: 16, Name: "Ira Admin", Roles: []org.Role{org.Admin}}
	viewer = org.Person{ID: 17, Name: "Vi Reader", Roles: []org.Role{org.Viewer}}
	dir    = Directory{Teams: map[int64]org.Team{1: fraud, 2: credit},
		People: map[int64]org.Person{11: ada, 12: tom, 13: gone, 14: other, 15: both, 16: admin, 17: viewer}}
)

func as(p org.Person) org.Actor { return org.Actor{Person: p, Via: "session"} }

// fields are the fields of an error's problems; a fault without any is its sentence.
func fields(err error) []string {
	f, ok := fault.As(err)
	if !ok {
		if err != nil {
			return []string{err.Error()}
		}
		return nil
	}
	if len(f.Problems) == 0 {
		return []string{f.Sentence}
	}
	var out []string
	for _, p := range f.Problems {
		out = append(out, p.Field)
	}
	return out
}

func draft(change func(*Draft)) Draft {
	d := Draft{Basics{Name: "Fraud scorer", Slug: "fraud-scorer", Kind: Trained, Purpose: "Scores card payments.", Tier: 1}, People{TeamID: 1, OwnerID: 11, DeputyID: 12}}
	if change != nil {
		change(&d)
	}
	return d
}

func TestNewModel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		actor  org.Person
		change func(*Draft)
		want   []string
	}{
		"a whole model":                       {ada, nil, nil},
		"nobody named yet":                    {ada, func(d *Draft) { d.OwnerID, d.DeputyID, d.Tier, d.Purpose = 0, 0, 0, "" }, nil},
		"an administrator registers anywhere": {admin, nil, nil},
		"not for another team":                {other, nil, []string{"Only the model's own team changes it."}},
		"not as a viewer":                     {viewer, nil, []string{"Only contributors change models. Ask for the contributor role."}},
		"a team is needed":                    {ada, func(d *Draft) { d.TeamID = 0 }, []string{"team"}},
		"no unknown team":                     {admin, func(d *Draft) { d.TeamID = 99 }, []string{"team"}},
		"no unknown owner":                    {ada, func(d *Draft) { d.OwnerID = 99 }, []string{"owner"}},
		"no owner who left":                   {ada, func(d *Draft) { d.OwnerID = 13 }, []string{"owner"}},
		"no deputy who left":                  {ada, func(d *Draft) { d.DeputyID = 13 }, []string{"deputy"}},
		"the deputy is somebody else":         {ada, func(d *Draft) { d.DeputyID = 11 }, []string{"deputy"}},
		"no name":                             {ada, func(d *Draft) { d.Name = "  " }, []string{"name"}},
		"a name too long":                     {ada, func(d *Draft) { d.Name = strings.Repeat("x", MaxName+1) }, []string{"name"}},
		"a name with a control character":     {ada, func(d *Draft) { d.Name = "Fraud\x00" }, []string{"name"}},
		"a name with a zero-width space":      {ada, func(d *Draft) { d.Name = "Fraud\u200bscorer" }, []string{"name"}},
		"a name with a joiner":                {ada, func(d *Draft) { d.Name = "Fraud\u200dscorer" }, []string{"name"}},
		"a name turned around":                {ada, func(d *Draft) { d.Name = "Fraud\u202escorer" }, []string{"name"}},
		"a name in two alphabets":             {ada, func(d *Draft) { d.Name = "Frаud" }, []string{"name"}},
		"a name in wide letters":              {ada, func(d *Draft) { d.Name = "Ｆraud" }, []string{"name"}},
		"a name in another alphabet":          {ada, func(d *Draft) { d.Name = "Оценка риска" }, nil},
		"bytes that are no text":              {ada, func(d *Draft) { d.Name = "a\xff\xfe" }, []string{"name"}},
		"no slug":                             {ada, func(d *Draft) { d.Slug = "" }, []string{"slug"}},
		"a slug in capitals":                  {ada, func(d *Draft) { d.Slug = "Fraud" }, []string{"slug"}},
		"a slug of one letter":                {ada, func(d *Draft) { d.Slug = "x" }, []string{"slug"}},
		"a slug of 64":                        {ada, func(d *Draft) { d.Slug = strings.Repeat("x", 64) }, nil},
		"a slug of 65":                        {ada, func(d *Draft) { d.Slug = strings.Repeat("x", 65) }, []string{"slug"}},
		"a slug with a look-alike":            {ada, func(d *Draft) { d.Slug = "frаud" }, []string{"slug"}},
		"a slug that is a page":               {ada, func(d *Draft) { d.Slug = "new" }, []string{"slug"}},
		"a slug with a slash":                 {ada, func(d *Draft) { d.Slug = "a/../b" }, []string{"slug"}},
		"no kind":                             {ada, func(d *Draft) { d.Kind = "" }, []string{"kind"}},
		"a kind there is not":                 {ada, func(d *Draft) { d.Kind = "oracle" }, []string{"kind"}},
		"tier 4":                              {ada, func(d *Draft) { d.Tier = 4 }, []string{"tier"}},
		"tier -1":                             {ada, func(d *Draft) { d.Tier = -1 }, []string{"tier"}},
		"a purpose too long":                  {ada, func(d *Draft) { d.Purpose = strings.Repeat("x", MaxPurpose+1) }, []string{"purpose"}},
		"a purpose of several lines":          {ada, func(d *Draft) { d.Purpose = "One.\r\n\tTwo." }, nil},
		"everything at once":                  {ada, func(d *Draft) { d.Basics = Basics{Tier: 9} }, []string{"name", "slug", "kind", "tier"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := NewModel(as(c.actor), draft(c.change), dir, now)
			if diff := cmp.Diff(c.want, fields(err)); diff != "" {
				t.Fatal(diff)
			}
			if err == nil && (len(m.Notes()) != 1 || m.Notes()[0].Verb != "model.registered") {
				t.Error("registering is not on the trail")
			}
		})
	}
}

func model() *Model {
	return &Model{ID: 7, Slug: "fraud-scorer", Name: "Fraud scorer", Kind: Trained, Purpose: "Scores card payments.", TeamID: 1, OwnerID: 11, DeputyID: 12, Tier: 1}
}

func basics() Basics {
	m := model()
	return Basics{Name: m.Name, Slug: m.Slug, Kind: m.Kind, Purpose: m.Purpose, Tier: m.Tier}
}

func TestEditBasics(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		actor    org.Person
		versions bool
		change   func(*Basics)
		want     []string
	}{
		"another name":                          {ada, true, func(b *Basics) { b.Name = "Fraud scores" }, nil},
		"nothing changed":                       {ada, true, func(*Basics) {}, []string{"Nothing has changed."}},
		"blanks are no change":                  {ada, true, func(b *Basics) { b.Name = " Fraud  scorer " }, []string{"Nothing has changed."}},
		"another kind before a version":         {ada, false, func(b *Basics) { b.Kind = GenAI }, nil},
		"no other kind after a version":         {ada, true, func(b *Basics) { b.Kind = GenAI }, []string{"kind"}},
		"another slug before a version":         {ada, false, func(b *Basics) { b.Slug = "fraud" }, nil},
		"no other slug after a version":         {ada, true, func(b *Basics) { b.Slug = "fraud" }, []string{"slug"}},
		"a tier stays set":                      {ada, true, func(b *Basics) { b.Tier = 0 }, []string{"tier"}},
		"not another team's":                    {other, true, func(b *Basics) { b.Name = "Mine" }, []string{"Only the model's own team changes it."}},
		"not as a viewer, whatever was typed":   {viewer, true, func(b *Basics) { b.Name = "" }, []string{"Only contributors change models. Ask for the contributor role."}},
		"an administrator edits every model":    {admin, true, func(b *Basics) { b.Tier = 2 }, nil},
		"what was wrong at first is still so":   {ada, true, func(b *Basics) { b.Name = "" }, []string{"name"}},
		"a purpose may be emptied":              {ada, true, func(b *Basics) { b.Purpose = "" }, nil},
		"a purpose with a hidden direction":     {ada, true, func(b *Basics) { b.Purpose = "a\u202eb" }, []string{"purpose"}},
		"a purpose with a bell":                 {ada, true, func(b *Basics) { b.Purpose = "a\ab" }, []string{"purpose"}},
		"kind and slug at once, both explained": {ada, true, func(b *Basics) { b.Kind, b.Slug = GenAI, "x2" }, []string{"kind", "slug"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, b := model(), basics()
			c.change(&b)
			if diff := cmp.Diff(c.want, fields(m.EditBasics(as(c.actor), b, c.versions, now))); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

func TestEditTellsOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	m, b := model(), basics()
	m.Tier = 2
	b.Name, b.Tier = "Fraud scores", 1
	if err := m.EditBasics(as(ada), b, true, now); err != nil {
		t.Fatal(err)
	}
	want := []audit.Note{{Verb: "model.edited", Subject: audit.Subject{Kind: "model", ID: 7, Label: "fraud-scorer", Model: 7},
		Before: map[string]any{"name": "Fraud scorer", "tier": Tier(2)}, After: map[string]any{"name": "Fraud scores", "tier": Tier(1)}}}
	if diff := cmp.Diff(want, m.Notes()); diff != "" {
		t.Error(diff)
	}
	if m.UpdatedAt != now {
		t.Error("the moment of the change is not kept")
	}
}

func TestEditPeople(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		actor  org.Person
		stage  Stage
		before People
		after  People
		want   []string
	}{
		"another owner":                       {ada, "", People{1, 11, 12}, People{1, 12, 0}, nil},
		"nothing changed":                     {ada, "", People{1, 11, 12}, People{1, 11, 12}, []string{"Nothing has changed."}},
		"an owner who left must be replaced":  {ada, "", People{1, 13, 12}, People{1, 13, 0}, []string{"owner"}},
		"nobody may be named":                 {ada, "", People{1, 11, 12}, People{1, 0, 0}, nil},
		"but production has an owner":         {ada, Production, People{1, 11, 12}, People{1, 0, 12}, []string{"owner"}},
		"owner and deputy are two people":     {ada, "", People{1, 11, 12}, People{1, 12, 12}, []string{"deputy"}},
		"to a team of one's own":              {both, "", People{1, 11, 12}, People{2, 11, 12}, nil},
		"not to a team that is not one's own": {ada, "", People{1, 11, 12}, People{2, 11, 12}, []string{"team"}},
		"not from a team that is not":         {other, "", People{1, 11, 12}, People{2, 11, 12}, []string{"Only the model's own team changes it."}},
		"an administrator moves everything":   {admin, "", People{1, 11, 12}, People{2, 14, 0}, nil},
		"not to no team":                      {admin, "", People{1, 11, 12}, People{0, 11, 12}, []string{"team"}},
		"a team takes what nobody had":        {ada, "", People{}, People{1, 11, 12}, nil},
		"not for a team of others":            {ada, "", People{}, People{2, 0, 0}, []string{"team"}},
		"no unknown people":                   {ada, "", People{1, 11, 12}, People{1, 98, 99}, []string{"owner", "deputy"}},
		"no unknown team":                     {admin, "", People{1, 11, 12}, People{98, 11, 12}, []string{"team"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := model()
			m.Stage, m.TeamID, m.OwnerID, m.DeputyID = c.stage, c.before.TeamID, c.before.OwnerID, c.before.DeputyID
			if diff := cmp.Diff(c.want, fields(m.EditPeople(as(c.actor), c.after, dir, now))); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

func TestEditPeopleWritesNamesDown(t *testing.T) {
	t.Parallel()
	m := model()
	if err := m.EditPeople(as(ada), People{1, 12, 0}, dir, now); err != nil {
		t.Fatal(err)
	}
	raw, err := audit.Canonical(map[string]any{"before": m.Notes()[0].Before, "after": m.Notes()[0].After})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"after":{"deputy":null,"owner":{"id":12,"name":"Tom Hale"}},"before":{"deputy":{"id":12,"name":"Tom Hale"},"owner":{"id":11,"name":"Mira Meridian"}}}`
	if string(raw) != want {
		t.Errorf("got %s", raw)
	}
}

func TestEditPromises(t *testing.T) {
	t.Parallel()
	today := day.Of(now)
	for name, c := range map[string]struct {
		p    Promises
		want []string
	}{
		"a whole SLA":                 {Promises{SLA{99.5, 200, "auc", ">=", 0.9, "Weekdays"}, today.Add(90), 90}, nil},
		"a retraining cadence":        {Promises{RetrainingDays: 30}, nil},
		"trained every minus a day":   {Promises{RetrainingDays: -1}, []string{"retraining_days"}},
		"trained every four years":    {Promises{RetrainingDays: 1460}, []string{"retraining_days"}},
		"nothing changed":             {Promises{}, []string{"Nothing has changed."}},
		"availability over 100":       {Promises{SLA: SLA{AvailabilityPercent: 100.1}}, []string{"availability"}},
		"availability under 1":        {Promises{SLA: SLA{AvailabilityPercent: 0.5}}, []string{"availability"}},
		"negative latency":            {Promises{SLA: SLA{LatencyP95Millis: -1}}, []string{"latency"}},
		"latency over an hour":        {Promises{SLA: SLA{LatencyP95Millis: 3_600_001}}, []string{"latency"}},
		"a metric needs its operator": {Promises{SLA: SLA{QualityMetric: "auc"}}, []string{"quality_operator"}},
		"a strange operator":          {Promises{SLA: SLA{QualityMetric: "auc", QualityOperator: "<>"}}, []string{"quality_operator"}},
		"a threshold needs a metric":  {Promises{SLA: SLA{QualityThreshold: 1}}, []string{"quality_metric"}},
		"a threshold of 0 is one":     {Promises{SLA: SLA{QualityMetric: "bias", QualityOperator: "<="}}, nil},
		"a past date":                 {Promises{DeprecationOn: today.Add(-1)}, []string{"deprecation_on"}},
		"today":                       {Promises{DeprecationOn: today}, nil},
		"no date at all":              {Promises{DeprecationOn: "31.12.2026"}, []string{"deprecation_on"}},
		"a date nobody lives to see":  {Promises{DeprecationOn: "9999-12-31"}, []string{"deprecation_on"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, fields(model().EditPromises(as(ada), c.p, now))); diff != "" {
				t.Fatal(diff)
			}
		})
	}
	m := model()
	m.DeprecationOn = today.Add(-5)
	if err := m.EditPromises(as(ada), Promises{SLA{AvailabilityPercent: 99}, m.DeprecationOn, 0}, now); err != nil {
		t.Errorf("a date that has passed meanwhile stands in the way of other changes: %v", err)
	}
}

func TestEditConsumers(t *testing.T) {
	t.Parallel()
	good := Consumer{Name: "Checkout", Contact: "checkout@example.test", Criticality: "high", Integration: "API", NoticeDays: 30}
	with := func(change func(*Consumer)) []Consumer {
		c := good
		change(&c)
		return []Consumer{c}
	}
	many := make([]Consumer, 201)
	for i := range many {
		many[i] = good
		many[i].Name = "Caller " + strings.Repeat("x", i%100) + string(rune('a'+i/100))
	}
	for name, c := range map[string]struct {
		list   []Consumer
		reason string
		want   []string
	}{
		"one consumer":                {[]Consumer{good}, "", nil},
		"none, with a reason":         {nil, "Only its own team calls it.", nil},
		"blank rows do not count":     {[]Consumer{{Criticality: "medium"}, good}, "", nil},
		"neither consumer nor reason": {nil, "", []string{"no_consumers_reason"}},
		"a reason of a letter":        {nil, "x", []string{"no_consumers_reason"}},
		"a reason beside consumers":   {[]Consumer{good}, "None at all.", []string{"no_consumers_reason"}},
		"a consumer has a name":       {with(func(c *Consumer) { c.Name = "" }), "", []string{"consumers[0].name"}},
		"and somebody to tell":        {with(func(c *Consumer) { c.Contact = "" }), "", []string{"consumers[0].contact"}},
		"and a criticality":           {with(func(c *Consumer) { c.Criticality = "huge" }), "", []string{"consumers[0].criticality"}},
		"notice of a year at most":    {with(func(c *Consumer) { c.NoticeDays = 366 }), "", []string{"consumers[0].notice_days"}},
		"no negative notice":          {with(func(c *Consumer) { c.NoticeDays = -1 }), "", []string{"consumers[0].notice_days"}},
		"nobody twice":                {[]Consumer{good, {}, good}, "", []string{"consumers[2].name"}},
		"200 at most":                 {many, "", []string{"consumers"}},
		"a look-alike name":           {with(func(c *Consumer) { c.Name = "Сheckout" }), "", []string{"consumers[0].name"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, fields(model().EditConsumers(as(ada), c.list, c.reason, now))); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}

func TestEveryEditAsksForTheRight(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*Model) error{
		"basics":    func(m *Model) error { return m.EditBasics(as(other), basics(), true, now) },
		"people":    func(m *Model) error { return m.EditPeople(as(other), People{1, 12, 11}, dir, now) },
		"promises":  func(m *Model) error { return m.EditPromises(as(other), Promises{SLA: SLA{LatencyP95Millis: 5}}, now) },
		"consumers": func(m *Model) error { return m.EditConsumers(as(other), nil, "Nobody calls it.", now) },
		"versions": func(m *Model) error {
			_, err := NewVersion(as(other), m, VersionDraft{Label: "v1"}, nil, now)
			return err
		},
		"a version": func(m *Model) error {
			return (&Version{Label: "v1", Kind: Trained}).Edit(as(other), m, VersionDraft{}, nil, now)
		},
	} {
		m := model()
		err := edit(m)
		if !fault.Is(err, fault.Forbidden) || len(m.Notes()) != 0 || errors.Is(err, nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The tier decides how many must agree, so it is not lowered by those it restrains.
func TestTheRiskIsLoweredOnlyByThoseWhoJudgeIt(t *testing.T) {
	t.Parallel()
	risk, admin := ada, ada
	risk.Roles = append(slices.Clone(ada.Roles), org.RiskReviewer)
	admin.Roles = append(slices.Clone(ada.Roles), org.Admin)
	for name, c := range map[string]struct {
		by       org.Person
		from, to Tier
		want     []string
	}{
		"a contributor lowers it":           {ada, 1, 3, []string{"tier"}},
		"a contributor raises it":           {ada, 3, 1, nil},
		"a contributor says it first":       {ada, 0, 3, nil},
		"a risk reviewer lowers it":         {risk, 1, 2, nil},
		"an administrator lowers it":        {admin, 1, 3, nil},
		"lowered by one is lowered as well": {ada, 2, 3, []string{"tier"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, b := model(), basics()
			m.Tier, b.Tier = c.from, c.to
			if diff := cmp.Diff(c.want, fields(m.EditBasics(as(c.by), b, true, now))); diff != "" {
				t.Fatal(diff)
			}
		})
	}
}
