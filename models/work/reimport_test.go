package work_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sundial/models/day"
	"sundial/models/fault"
	"sundial/models/intake"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

// nextYear is the real inventory as it comes a year later: UTF-8 with a byte-order mark, semicolons,
// some columns gone and one new, in another order, with what really changed in it.
func nextYear(t testing.TB, change func(rows [][]string, column func(string) int) [][]string) []byte {
	t.Helper()
	raw := file(t)
	g, err := intake.Detect(raw)
	must(t, err)
	columns, rows, err := intake.Sample(raw, g.Format, intake.MaxRows)
	must(t, err)
	rows = change(rows, func(title string) int {
		i := slices.Index(columns, title)
		if i < 0 {
			t.Fatalf("no column %q", title)
		}
		return i
	})
	var b bytes.Buffer
	b.WriteString("\xEF\xBB\xBF")
	w := csv.NewWriter(&b)
	w.Comma = ';'
	kept := len(columns) - 20
	must(t, w.Write(append([]string{"Collected"}, columns[:kept]...)))
	for _, row := range rows {
		must(t, w.Write(append([]string{"2025"}, row[:kept]...)))
	}
	w.Flush()
	return b.Bytes()
}

func TestNextYearsFileIsReconciled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		b.imported("2024.csv", file(t))
		var gone, renamed, ended int
		raw := nextYear(t, func(rows [][]string, column func(string) int) [][]string {
			stage, name, purpose := column("Stage of Development"), column("Use Case Name"), column("What is the intended purpose and expected benefits of the AI?")
			var out [][]string
			for i, row := range rows {
				switch {
				case row[stage] == "Operation and Maintenance" && row[name] != "Generative AI Usage" && gone < 12:
					gone++ // no longer listed
					continue
				case row[stage] == "Operation and Maintenance" && row[name] != "Generative AI Usage" && renamed < 3:
					renamed++
					row[name] += " v2"
				case row[stage] == "Initiated" && ended < 5:
					ended++
					row[stage] = "Retired"
				case i%500 == 0:
					row[purpose] += " Now also at night."
				}
				out = append(out, row)
			}
			slices.Reverse(out)
			return out
		})
		job := b.imported("2025.csv", raw)
		p := job.Progress
		if p.RowsDone != 2121 || p.Added != 3 || p.Vanished != 15 || p.Refused != 0 || p.Changed+p.Unchanged != 2118 || p.Changed-p.OnlyFacts < 5 {
			t.Errorf("%+v", p)
		}
		if n, _, err := s.CountQuestions(t.Context(), store.QuestionFilter{State: intake.QuestionOpen}); err != nil || n != 15 {
			t.Errorf("%d questions are open, want one for each vanished system: %v", n, err)
		}
		if n := b.models(registry.Filter{Reported: string(intake.Vanished)}); n != 15 {
			t.Errorf("%d models are flagged as vanished", n)
		}
		if n := b.models(registry.Filter{Stage: registry.Retired}); n != 142+5 {
			t.Errorf("%d models are retired, want the five more that are reported so", n)
		}
		list, err := s.Questions(t.Context(), store.QuestionFilter{State: intake.QuestionOpen}, "", 50)
		must(t, err)
		likely := 0
		for _, q := range list.Rows {
			v, err := s.Question(t.Context(), q.ID)
			must(t, err)
			if slices.ContainsFunc(v.Likely, func(l store.Listed) bool { return l.Name == v.Question.Name+" v2" }) {
				likely++
			}
		}
		if likely != 3 {
			t.Errorf("%d of 3 renamed systems are suggested under their new name", likely)
		}
		again := b.imported("2025.csv", raw)
		if p := again.Progress; p.Unchanged != 2121 || p.Added+p.Changed != 0 || p.Vanished != 15 {
			t.Errorf("the same file again: %+v", p)
		}
		b.auditHolds()
	})
}

// two imports a small inventory and then another state of it.
func (b *bench) two(first, second []string) intake.Job {
	b.t.Helper()
	b.imported("first.csv", small(first...))
	return b.imported("second.csv", small(second...))
}

func (b *bench) row(id int64, row int64) store.ImportedRow {
	b.t.Helper()
	page, err := b.S.ImportedRows(b.t.Context(), id, store.ImportedFilter{}, "", 100)
	must(b.t, err)
	for _, r := range page.Rows {
		if r.Row == row {
			return r
		}
	}
	b.t.Fatalf("import %d has no row %d", id, row)
	return store.ImportedRow{}
}

func TestWhatAPersonChangedStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		byName := func(m *intake.Mapping) { m.Identity = []string{"Name"} }
		b.imported("first.csv", small("Risk,Fraud,Scorer,Finds it,Operating,2,nobody@example.test"), byName)
		_, err := s.ChangeModel(b.As(b.Admin), "scorer", 0, func(m *registry.Model) error {
			m.Tier, m.OwnerID = 1, b.Owner.ID
			m.Note("model.edited", m.Subject(), nil, nil)
			return nil
		})
		must(t, err)
		job := b.imported("second.csv", small("Risk,Credit,Scorer,Finds it sooner,Operating,3,reviewer@example.test"), byName)
		m := b.model("scorer")
		if m.Tier != 1 || m.OwnerID != b.Owner.ID {
			t.Errorf("a person's tier and owner were overwritten: %d, %d", m.Tier, m.OwnerID)
		}
		if m.Purpose != "Finds it sooner" || m.TeamID != b.Other.ID {
			t.Errorf("what nobody touched was not taken over: %q, team %d", m.Purpose, m.TeamID)
		}
		kept := map[string]string{}
		for _, f := range b.row(job.ID, 1).Changes {
			if f.Kept != "" {
				kept[f.Name] = f.Kept
			}
		}
		if d := cmp.Diff(map[string]string{"tier": "Tier 1", "owner": "Owner"}, kept); d != "" {
			t.Error("the report should say what was kept:", d)
		}
		if job.Progress.Kept != 1 {
			t.Errorf("%d rows kept something", job.Progress.Kept)
		}
	})
}

func TestNamesBecomeTeamsAndOwners(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		b.imported("first.csv", small("RISK,fraud,A system,Finds it,Operating,2,OWNER@example.test", "Harbour,Tugs,B system,Pulls,Operating,2,someone",
			"Harbour,,C system,Pulls,Operating,2,", ",,D system,Pulls,Operating,2,", ",Credit,E system,Pulls,Operating,2,"))
		if m := b.model("a-system"); m.TeamID != b.Fraud.ID || m.OwnerID != b.Owner.ID {
			t.Errorf("team %d and owner %d, want those that are here already", m.TeamID, m.OwnerID)
		}
		tugs, err := s.TeamBySlug(t.Context(), "tugs")
		must(t, err)
		if m := b.model("b-system"); tugs.Department != "Harbour" || m.TeamID != tugs.ID || m.OwnerID != 0 {
			t.Errorf("%+v of %+v", m, tugs)
		}
		none, err := s.TeamBySlug(t.Context(), "harbour-unassigned")
		must(t, err)
		if m := b.model("c-system"); m.TeamID != none.ID {
			t.Errorf("team %d, want the department's unassigned", m.TeamID)
		}
		if d, e := b.model("d-system"), b.model("e-system"); d.TeamID != 0 || e.TeamID != b.Other.ID {
			t.Errorf("teams %d and %d, want none and the one that is called so", d.TeamID, e.TeamID)
		}
		facts, err := s.ImportedRecords(t.Context(), b.model("b-system").ID)
		must(t, err)
		if len(facts) != 1 || facts[0].Fields["owner"] != "someone" || facts[0].FileName != "first.csv" || facts[0].Row != 2 {
			t.Errorf("the source's words are not kept: %+v", facts)
		}
	})
}

func TestABadRowDoesNotCostTheOthers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		job := b.imported("first.csv", small("Risk,Fraud,One,Finds it,Operating,2,", "Risk,Fraud,,Finds it,Operating,2,", "Risk,Fraud", "Risk,Fraud,Two \x01\x00,Finds it,Operating,2,"))
		want := map[intake.Outcome]int{intake.OutcomeAdded: 2, intake.OutcomeRefused: 2}
		if d := cmp.Diff(want, b.outcomes(job.ID)); d != "" {
			t.Error(d)
		}
		if r := b.row(job.ID, 2); len(r.Problems) != 1 || r.Problems[0].Rule != intake.RuleNoName {
			t.Errorf("%+v", r)
		}
	})
}

const operating = "Risk,Fraud,%,Finds it,Operating,2,owner@example.test"

func named(names ...string) []string {
	var rows []string
	for _, name := range names {
		rows = append(rows, strings.Replace(operating, "%", name, 1))
	}
	return rows
}

func (b *bench) question(identity string) store.QuestionView {
	b.t.Helper()
	page, err := b.S.Questions(b.t.Context(), store.QuestionFilter{}, "", 50)
	must(b.t, err)
	for _, q := range page.Rows {
		if q.Question.Identity == identity {
			v, err := b.S.Question(b.t.Context(), q.ID)
			must(b.t, err)
			return v
		}
	}
	b.t.Fatalf("nobody asked about %q", identity)
	return store.QuestionView{}
}

func (b *bench) answer(who org.Person, id int64, r intake.Reply) error {
	return b.S.AnswerQuestion(b.As(who), id, 0, r)
}

func TestAnswersAboutVanishedSystems(t *testing.T) {
	yesterday := func(s *store.Store) day.Day { return day.Of(s.Now().Add(-24 * time.Hour)) }
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBench(t, s)
		b.two(named("Alpha", "Beta", "Gamma", "Delta", "Omega"), named("Beta two", "Omega"))
		alpha, beta, gamma, delta := b.question("risk / fraud / alpha"), b.question("risk / fraud / beta"), b.question("risk / fraud / gamma"), b.question("risk / fraud / delta")

		if err := b.answer(b.Stranger, alpha.ID, intake.Reply{Answer: intake.AnsweredRetired, On: yesterday(s)}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("somebody of another team answered: %v", err)
		}
		if err := b.answer(b.Auditor, alpha.ID, intake.Reply{Answer: intake.AnsweredRetired, On: yesterday(s)}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an auditor answered: %v", err)
		}
		if err := b.answer(b.Owner, alpha.ID, intake.Reply{Answer: intake.AnsweredRetired}); !fault.Is(err, fault.Invalid) {
			t.Errorf("retired without a day or a reason: %v", err)
		}
		must(t, b.answer(b.Owner, alpha.ID, intake.Reply{Answer: intake.AnsweredRetired, On: yesterday(s)}))
		if m := b.model("alpha"); m.Stage != registry.Retired || m.Reported != "retired" {
			t.Errorf("retired, but %s and %s", m.Stage, m.Reported)
		}
		if err := b.answer(b.Owner, alpha.ID, intake.Reply{Answer: intake.AnsweredRetired, On: yesterday(s)}); !fault.Is(err, fault.Conflict) {
			t.Errorf("answered twice: %v", err)
		}

		old := b.model("beta")
		must(t, b.answer(b.Contributor, beta.ID, intake.Reply{Answer: intake.AnsweredRenamed, Into: "risk / fraud / beta two"}))
		if m := b.model("beta"); m.ID != old.ID || m.Name != "Beta two" || m.Reported != "operating" {
			t.Errorf("the old model should go on under the new name: %+v", m)
		}
		if _, err := s.Model(t.Context(), "beta-two"); !fault.Is(err, fault.NotFound) {
			t.Errorf("the new entry should have become one with it: %v", err)
		}

		must(t, b.answer(b.Admin, gamma.ID, intake.Reply{Answer: intake.AnsweredMerged, Into: "risk / fraud / omega"}))
		if m := b.model("gamma"); m.Stage != registry.Retired {
			t.Errorf("merged, but %s", m.Stage)
		}
		must(t, b.answer(b.Owner, delta.ID, intake.Reply{Answer: intake.AnsweredMistake, Detail: "The next list will hold it again."}))
		if m := b.model("delta"); m.Reported != "operating" {
			t.Errorf("missing by mistake, but %s", m.Reported)
		}

		job := b.imported("third.csv", small(named("Beta two", "Omega", "Delta")...))
		if p := job.Progress; p.Unchanged != 3 || p.Vanished != 0 {
			t.Errorf("everything is explained now: %+v", p)
		}
		if q := b.question("risk / fraud / delta"); q.Question.State != intake.QuestionSettled {
			t.Errorf("listed again, but %s", q.Question.State)
		}
		b.auditHolds()
	})
}

func TestAPromiseNotKeptIsAskedAboutAgain(t *testing.T) {
	b := newBench(t, storetest.New(t))
	b.two(named("Alpha", "Omega"), named("Omega"))
	must(t, b.answer(b.Owner, b.question("risk / fraud / alpha").ID, intake.Reply{Answer: intake.AnsweredMistake, Detail: "The next list will hold it again."}))
	b.imported("third.csv", small(named("Omega", "New one")...))
	if n, _, _ := b.S.CountQuestions(t.Context(), store.QuestionFilter{State: intake.QuestionOpen}); n != 1 {
		t.Errorf("%d questions are open, want the same again", n)
	}
}

func TestWhatServesIsNotEndedByAnAnswer(t *testing.T) {
	b := newBench(t, storetest.New(t))
	b.imported("first.csv", small(named("Alpha", "Omega")...))
	b.Serve(t, "served", "v1", 3)
	// The inventory's system is the one that serves: as if it had been registered for it.
	b.imported("second.csv", small(named("Omega")...))
	b.Version(t, "alpha", "v1")
	q := b.question("risk / fraud / alpha")
	must(t, b.answer(b.Owner, q.ID, intake.Reply{Answer: intake.AnsweredRetired, Detail: "It was switched off long ago."}))
	if m := b.model("alpha"); m.Stage != registry.Retired {
		t.Errorf("an experiment is closed by the answer, but it is %s", m.Stage)
	}
}

func TestAnEntryThatPeopleWorkedOnIsNotJoined(t *testing.T) {
	b := newBench(t, storetest.New(t))
	b.two(named("Alpha", "Omega"), named("Alpha two", "Omega"))
	b.Version(t, "alpha-two", "v1")
	err := b.answer(b.Owner, b.question("risk / fraud / alpha").ID, intake.Reply{Answer: intake.AnsweredRenamed, Into: "risk / fraud / alpha two"})
	if f, ok := fault.As(err); !ok || len(f.Problems) != 1 || f.Problems[0].Field != "into" {
		t.Errorf("work on the new entry would be lost: %v", err)
	}
}

func TestAModelImportedIsNeverInProduction(t *testing.T) {
	b := newBench(t, storetest.New(t))
	b.two([]string{"Risk,Fraud,One,Finds it,Planned,2,", "Risk,Fraud,Two,Finds it,Operating,2,", "Risk,Fraud,Three,Finds it,Retired,2,"},
		[]string{"Risk,Fraud,One,Finds it,In production,2,", "Risk,Fraud,Two,Finds it,Retired,2,", "Risk,Fraud,Three,Finds it,Operating,2,"})
	want := map[string]registry.Stage{"one": registry.Experiment, "two": registry.Retired, "three": registry.Retired}
	for slug, stage := range want {
		if m := b.model(slug); m.Stage != stage {
			t.Errorf("%s is %s, want %s", slug, m.Stage, stage)
		}
	}
}

func TestARetirementOfWhatIsLiveHereIsToldNotDone(t *testing.T) {
	b := newBench(t, storetest.New(t))
	b.imported("first.csv", small(named("Alpha")...))
	b.Version(t, "alpha", "v1")
	job := b.imported("second.csv", small("Risk,Fraud,Alpha,Finds it,Retired,2,owner@example.test"))
	if m := b.model("alpha"); m.Stage != registry.Experiment || m.Reported != "retired" {
		t.Errorf("%s, reported %s", m.Stage, m.Reported)
	}
	if r := b.row(job.ID, 1); !slices.ContainsFunc(r.Problems, func(p intake.RowProblem) bool { return p.Rule == intake.RuleRetiredButLive }) {
		t.Errorf("the row does not say so: %+v", r.Problems)
	}
}
