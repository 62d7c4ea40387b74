package retirement

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	ics "github.com/arran4/golang-ical"
	"github.com/labstack/echo/v4"

	"sundial/components/link"
	"sundial/models/day"
	"sundial/models/store"
	"sundial/web/form"
)

// Feed is the calendar of how models end: the days of every model, or of one team's or owner's, as
// all-day events. The same facts make the same bytes, so that an unchanged calendar is not sent again.
func (h Handlers) Feed(c echo.Context) error {
	q := form.ReadQuery(c)
	f := store.DatesFilter{Team: q.Text("team"), Owner: q.Int("owner", 1, 1<<62)}
	if err := q.Err(); err != nil {
		return err
	}
	list, err := h.Store.Dates(c.Request().Context(), f, h.Policy)
	if err != nil {
		return err
	}
	body := h.calendar(list)
	sum := sha256.Sum256([]byte(body))
	etag := `"` + hex.EncodeToString(sum[:12]) + `"`
	head := c.Response().Header()
	head.Set("ETag", etag)
	head.Set(echo.HeaderCacheControl, "private, no-cache")
	if c.Request().Header.Get("If-None-Match") == etag {
		return c.NoContent(http.StatusNotModified)
	}
	head.Set(echo.HeaderContentDisposition, `inline; filename="retirements.ics"`)
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", []byte(body))
}

// refresh is how often a calendar program should ask again.
const refresh = "PT6H"

func (h Handlers) calendar(list []store.ModelDates) string {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Sundial//Retirements//EN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetCalscale("GREGORIAN")
	cal.SetXWRCalName("Model retirements")
	cal.SetXPublishedTTL(refresh)
	cal.SetRefreshInterval(refresh)
	for _, d := range list {
		for _, e := range entries(d) {
			h.add(cal, d, e)
		}
	}
	return cal.Serialize(ics.WithNewLine("\r\n"))
}

// entry is one day of a model. Key is part of what the event is called for ever.
type entry struct {
	key, what, why string
	on             day.Day
}

func entries(d store.ModelDates) []entry {
	all := []entry{
		{"deprecation", "is to be deprecated", "The model's own intended deprecation.", d.Deprecation},
		{"vendor-end", "loses its vendor's model", vendorWords(d), d.VendorEnd},
		{"latest-start", "must begin to be replaced", fmt.Sprintf("The last day on which a cutover can begin and still end before %s, by retirement plan %d.", d.End, d.Plan), d.LatestStart},
		{"review-by", "has its retirement plan reviewed", fmt.Sprintf("Plan %d is to be looked at again by this day.", d.Plan), d.ReviewBy},
	}
	var known []entry
	for _, e := range all {
		if e.on.Known() {
			known = append(known, e)
		}
	}
	return known
}

func vendorWords(d store.ModelDates) string {
	words := "From this day the vendor's model behind it no longer answers: " + d.VendorModel + "."
	if d.Successor != "" {
		words += " The vendor names " + d.Successor + " after it."
	}
	return words
}

func (h Handlers) add(cal *ics.Calendar, d store.ModelDates, e entry) {
	m := d.Model
	event := cal.AddEvent(fmt.Sprintf("model-%d-%s@%s", m.ID, e.key, h.host()))
	event.SetDtStampTime(d.ChangedAt)
	event.SetLastModifiedAt(d.ChangedAt)
	event.SetSequence(int(min(d.Sequence, 1<<31-1)))
	event.SetAllDayStartAt(e.on.Time())
	event.SetAllDayEndAt(e.on.Add(1).Time())
	event.SetSummary(m.Name + " " + e.what)
	lines := []string{e.why}
	if m.Team != "" {
		lines = append(lines, "Team: "+m.Team)
	}
	if m.Owner != "" {
		lines = append(lines, "Owner: "+m.Owner)
	}
	at := h.Portal + link.Retirement(m.Slug)
	event.SetDescription(strings.Join(append(lines, at), "\n"))
	event.SetURL(at)
	event.SetStatus(ics.ObjectStatusConfirmed)
	event.SetTimeTransparency(ics.TransparencyTransparent) // nobody is busy because a model ends
	event.AddCategory("Sundial")
}

// host is where the portal is, to tell its events from those of another.
func (h Handlers) host() string {
	_, host, _ := strings.Cut(h.Portal, "://")
	if host == "" {
		return "sundial"
	}
	return host
}
