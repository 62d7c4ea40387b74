package store_test

import (
	"testing"

	"sundial/models/fault"
	"sundial/models/org"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func TestPeopleAreListedByNameAndNarrowed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		if err := s.SetDisabled(w.As(w.Admin), w.Stranger.ID, true); err != nil {
			t.Fatal(err)
		}
		tests := map[string]struct {
			f    store.PeopleFilter
			want int
		}{
			"everybody":          {store.PeopleFilter{}, 12},
			"part of a name":     {store.PeopleFilter{Query: "REVIEW"}, 3},
			"part of an e-mail":  {store.PeopleFilter{Query: "@example.test"}, 12},
			"a percent sign":     {store.PeopleFilter{Query: "%"}, 0},
			"one role":           {store.PeopleFilter{Role: org.Reviewer}, 3},
			"one team":           {store.PeopleFilter{Team: w.Other.ID}, 3},
			"no such team":       {store.PeopleFilter{Team: -1}, 0},
			"no role":            {store.PeopleFilter{NoRole: true}, 1},
			"disabled":           {store.PeopleFilter{Disabled: true}, 1},
			"disabled with role": {store.PeopleFilter{Disabled: true, Role: org.Admin}, 0},
		}
		for name, tt := range tests {
			page, err := s.PeoplePage(t.Context(), tt.f, "", 50)
			n, err2 := s.CountPeople(t.Context(), tt.f)
			if err != nil || err2 != nil || len(page.Rows) != tt.want || n.N != tt.want {
				t.Errorf("%s: %d rows, counted %d, want %d; %v, %v", name, len(page.Rows), n.N, tt.want, err, err2)
			}
		}
		seen, after := 0, ""
		for range 9 {
			page, err := s.PeoplePage(t.Context(), store.PeopleFilter{}, after, 5)
			if err != nil {
				t.Fatal(err)
			}
			if seen += len(page.Rows); page.Next == "" {
				back, err := s.PeoplePage(t.Context(), store.PeopleFilter{}, page.Prev, 5)
				if err != nil || len(back.Rows) != 5 {
					t.Errorf("the way back: %d rows, %v", len(back.Rows), err)
				}
				break
			}
			after = page.Next
		}
		if seen != 12 {
			t.Errorf("%d people on all pages", seen)
		}
		admins, err := s.Administrators(t.Context(), 10)
		if err != nil || len(admins) != 1 || admins[0].ID != w.Admin.ID {
			t.Errorf("administrators: %+v, %v", admins, err)
		}
	})
}

func TestNobodyTakesTheirOwnAccessAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		if err := s.SetDisabled(w.As(w.Admin), w.Admin.ID, true); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an administrator disabled themselves: %v", err)
		}
		if err := s.SetDisabled(w.As(w.Auditor), w.Owner.ID, true); !fault.Is(err, fault.Forbidden) {
			t.Errorf("an auditor disabled somebody: %v", err)
		}
		if _, err := s.EndSessionsOf(w.As(w.Admin), w.Owner.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("there was no session to end: %v", err)
		}
	})
}

func TestTeamsAreAddedAndChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := storetest.NewWorld(t, s)
		as := w.As(w.Admin)
		d, err := s.AddDepartment(as, org.Department{Slug: "ops", Name: "Operations"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddDepartment(as, org.Department{Slug: "ops", Name: "Other"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a short name was given twice: %v", err)
		}
		team, err := s.AddTeam(as, org.Team{DepartmentID: d.ID, Slug: "routing", Name: "Routing", Group: "team-routing"})
		if err != nil {
			t.Fatal(err)
		}
		refused := map[string]org.Team{
			"a short name twice":       {DepartmentID: d.ID, Slug: "routing", Name: "Again"},
			"a group twice":            {DepartmentID: d.ID, Slug: "again", Name: "Again", Group: "team-routing"},
			"a department that is not": {DepartmentID: 999, Slug: "again", Name: "Again"},
		}
		for name, x := range refused {
			if _, err := s.AddTeam(as, x); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		renamed := team
		renamed.Name = "Route Planning"
		if err := s.ChangeTeam(as, "routing", team.Stamp(), renamed); err != nil {
			t.Fatal(err)
		}
		if err := s.ChangeTeam(as, "routing", team.Stamp(), org.Team{DepartmentID: d.ID, Name: "Stale"}); !fault.Is(err, fault.Stale) {
			t.Errorf("a stale form was saved: %v", err)
		}
		if err := s.ChangeTeam(as, "routing", renamed.Stamp(), renamed); !fault.Is(err, fault.Conflict) {
			t.Errorf("nothing to change: %v", err)
		}
		if err := s.ChangeTeam(as, "nowhere", "", renamed); !fault.Is(err, fault.NotFound) {
			t.Errorf("a team that is not: %v", err)
		}
		if err := s.RenameDepartment(as, "ops", "Operations", "Field Operations"); err != nil {
			t.Fatal(err)
		}
		if err := s.RenameDepartment(as, "ops", "Operations", "Again"); !fault.Is(err, fault.Stale) {
			t.Errorf("a stale form was saved: %v", err)
		}
		got, err := s.TeamBySlug(t.Context(), "routing")
		if err != nil || got.Name != "Route Planning" || got.Department != "Field Operations" || got.Group != "team-routing" {
			t.Errorf("%+v, %v", got, err)
		}
		events, _ := s.Events(t.Context(), store.EventFilter{Kind: "team", Subject: team.ID}, 5)
		if len(events) != 2 || events[0].Verb != "team.edited" || len(events[0].Changes()) != 1 {
			t.Errorf("the change should tell before and after: %+v", events)
		}
	})
}
