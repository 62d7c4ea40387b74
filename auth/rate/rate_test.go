package rate_test

import (
	"testing"
	"time"

	"sundial/auth/rate"
	"sundial/models/store"
	"sundial/models/store/storetest"
)

func TestMostRequestsWriteNothing(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 3, 12, 0, 1, 0, time.UTC)
	l := rate.New(storetest.New(t), func() time.Time { return now })
	ctx, statements := store.CountQueries(t.Context())
	take := func(n int) (passed int, last rate.Verdict) {
		t.Helper()
		for range n {
			v, err := l.Take(ctx, "token:1", 100)
			if err != nil {
				t.Fatal(err)
			}
			if last = v; v.Allowed {
				passed++
			}
		}
		return passed, last
	}
	if n, v := take(90); n != 90 || v.Remaining != 10 || v.Reset != 59*time.Second {
		t.Errorf("%d passed, %+v", n, v)
	}
	if n := statements.Load(); n != 18 {
		t.Errorf("%d statements for 90 requests", n)
	}
	if n, v := take(200); n != 10 || v.Allowed || v.Remaining != 0 || v.Limit != 100 {
		t.Errorf("%d passed, %+v", n, v)
	}
	if n := statements.Load(); n > 22 {
		t.Errorf("%d statements: whoever is refused should cost none", n)
	}
	now = now.Add(time.Minute)
	if n, _ := take(1); n != 1 {
		t.Error("the next window should be open")
	}
	if v, err := l.Take(ctx, "other", 0); err != nil || !v.Allowed {
		t.Errorf("no limit: %+v %v", v, err)
	}
}

func TestTheDatabasesClockServesWithoutOne(t *testing.T) {
	t.Parallel()
	l := rate.New(storetest.New(t), nil)
	passed := 0
	for range 30 {
		v, err := l.Take(t.Context(), "k", 10)
		if err != nil {
			t.Fatal(err)
		}
		if v.Allowed {
			passed++
		}
		if v.Reset <= 0 || v.Reset > rate.Window {
			t.Errorf("%+v", v)
		}
	}
	if passed != 10 && passed != 20 { // twenty when the minute ended in between
		t.Errorf("%d passed", passed)
	}
}
