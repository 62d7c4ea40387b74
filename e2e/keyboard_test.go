package e2e

import (
	"strings"
	"testing"

	"github.com/playwright-community/playwright-go"
)

// Ten tasks with the keyboard alone: Tab to get there, Enter, Space, arrows and letters to do it. Whatever
// has the focus must show that it has.
func TestTenTasksByKeyboard(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, v view) {
		v.Base = startDemo(t).URL
		mira := keyboard{newPage(t, v)}
		mira.signsIn(owner)       // 1
		mira.searchesAModel()     // 2
		mira.opensIt()            // 3
		mira.filtersTheList()     // 4
		mira.turnsThePage()       // 5
		mira.writesAPlanSection() // 6
		mira.changesTheColours()  // 7
		mira.signsOut()           // 8
		otto := keyboard{newPage(t, v)}
		otto.signsIn("Otto Orrery")
		otto.asksForPromotion() // 9
		rowan := keyboard{newPage(t, v)}
		rowan.signsIn(reviewer)
		rowan.approves() // 10
	})
}

// keyboard is a page whose mouse stays where it is.
type keyboard struct{ *page }

func (k keyboard) press(keys ...string) {
	k.t.Helper()
	for _, key := range keys {
		if err := k.Keyboard().Press(key); err != nil {
			k.t.Fatalf("press %s: %v", key, err)
		}
	}
}

func (k keyboard) types(text string) {
	k.t.Helper()
	if err := k.Keyboard().Type(text); err != nil {
		k.t.Fatalf("type %q: %v", text, err)
	}
}

// mostTabs is more than any page has places to stop at before its main task.
const mostTabs = 150

// tabsTo goes on until the element with this role and name has the focus, and looks whether that shows.
func (k keyboard) tabsTo(role *playwright.AriaRole, name string) {
	k.t.Helper()
	goal := k.GetByRole(*role, playwright.PageGetByRoleOptions{Name: name}).First()
	if err := goal.WaitFor(playwright.LocatorWaitForOptions{Timeout: patience}); err != nil {
		k.t.Fatalf("%s has no %s called %q; it reads:\n%s", k.URL(), *role, name, k.text())
	}
	for range mostTabs {
		k.press("Tab")
		if on, err := goal.Evaluate("e => e === document.activeElement", nil); err != nil || on != true {
			continue
		}
		if shown, err := goal.Evaluate(focusShows, nil); err != nil || shown != true {
			k.t.Errorf("the %s %q on %s does not show that it has the focus", *role, name, k.URL())
		}
		return
	}
	k.t.Fatalf("the %s %q on %s is not reached by Tab", *role, name, k.URL())
}

// focusShows: an outline, or a ring drawn as a shadow, on the element or on the frame around it.
const focusShows = `e => [e, e.parentElement, e.nextElementSibling].some(x => {
	if (!x) return false;
	const s = getComputedStyle(x);
	return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none";
})`

func (k keyboard) signsIn(name string) {
	k.visit("/login")
	k.tabsTo(playwright.AriaRoleLink, "Sign in with")
	k.press("Enter")
	k.heading("Sign in")
	// The people are one group of radio buttons: Tab enters it, arrows choose.
	k.press("Tab")
	chosen := k.GetByRole(*playwright.AriaRoleRadio, playwright.PageGetByRoleOptions{Name: name})
	for range 12 {
		if on, _ := chosen.IsChecked(); on {
			break
		}
		k.press("ArrowDown")
	}
	must(k.t, name+" is chosen", expect.Locator(chosen).ToBeChecked())
	k.tabsTo(playwright.AriaRoleButton, "Sign in")
	k.press("Enter")
	k.heading("My work")
}

func (k keyboard) searchesAModel() {
	k.tabsTo(playwright.AriaRoleSearchbox, "Search models")
	k.types("fraud")
	k.press("Enter")
	k.heading("Models")
	k.reads(k.row("Fraud scorer"), "v7")
}

func (k keyboard) opensIt() {
	k.press("Tab") // the first stop of every page leads past the navigation
	must(k.t, "the way past the navigation", expect.Locator(k.GetByText("Skip to main content")).ToBeFocused())
	k.press("Enter")
	k.tabsTo(playwright.AriaRoleLink, "Fraud scorer")
	k.press("Enter")
	k.heading("Fraud scorer")
}

func (k keyboard) filtersTheList() {
	k.visit("/models")
	k.tabsTo(playwright.AriaRoleCombobox, "Stage")
	k.press("p") // the one stage that begins so
	k.tabsTo(playwright.AriaRoleButton, "Apply")
	k.press("Enter")
	k.reads(k.row("Arrival time"), "serves v6")
	must(k.t, "the filter is in the address", k.WaitForURL("**/models?*stage=production*", playwright.PageWaitForURLOptions{Timeout: patience}))
	must(k.t, "models in production alone are listed", expect.Locator(k.row("Pallet counter")).ToHaveCount(0))
}

func (k keyboard) turnsThePage() {
	k.visit("/requests?show=all")
	first, err := k.Locator("tbody th").First().InnerText()
	must(k.t, "the first request", err)
	k.tabsTo(playwright.AriaRoleLink, "Older")
	k.press("Enter")
	must(k.t, "the next page is in the address", k.WaitForURL("**/requests?*after=*", playwright.PageWaitForURLOptions{Timeout: patience}))
	must(k.t, "other requests", expect.Locator(k.Locator("tbody th").First()).Not().ToHaveText(first))
	k.tabsTo(playwright.AriaRoleLink, "Newer")
}

func (k keyboard) writesAPlanSection() {
	k.visit("/models/merchant-risk/retirement")
	k.tabsTo(playwright.AriaRoleLink, "Rollback")
	k.press("Enter")
	k.heading("Rollback")
	for _, x := range []struct{ field, text string }{
		{"The old version may return for", "14"}, {"Its capacity is held for", "21"},
		{"Who decides to roll back", "The owner"}, {"After what there is no way back", "When the capacity is given back"},
	} {
		k.tabsTo(playwright.AriaRoleTextbox, x.field)
		k.types(x.text)
	}
	k.tabsTo(playwright.AriaRoleButton, "Save and return to the list")
	k.press("Space")
	k.sees("Rollback saved.")
}

func (k keyboard) asksForPromotion() {
	k.visit("/models/tone-checker/versions/v1")
	k.tabsTo(playwright.AriaRoleLink, "Request promotion to validated")
	k.press("Enter")
	k.tabsTo(playwright.AriaRoleTextbox, "Why now")
	k.types("Its authors would like to hear what is missing.")
	k.tabsTo(playwright.AriaRoleButton, "Ask for promotion")
	k.press("Enter")
	k.reads(k.in("Why"), "hear what is missing")
}

func (k keyboard) approves() {
	k.tabsTo(playwright.AriaRoleLink, "Fraud scorer v8")
	k.press("Enter")
	k.tabsTo(playwright.AriaRoleButton, "Approve")
	k.press("Space")
	k.reads(k.Locator("main"), "Applied")
}

func (k keyboard) changesTheColours() {
	k.visit("/")
	menu := k.Locator("details.user > summary")
	for range mostTabs {
		k.press("Tab")
		if on, _ := menu.Evaluate("e => e === document.activeElement", nil); on == true {
			break
		}
	}
	k.press("Enter")
	k.tabsTo(playwright.AriaRoleButton, "Dark")
	k.press("Enter")
	must(k.t, "the page is dark", expect.Locator(k.Locator("html")).ToHaveAttribute("data-theme", "dark"))
}

func (k keyboard) signsOut() {
	k.visit("/logout")
	k.tabsTo(playwright.AriaRoleButton, "Sign out")
	k.press("Enter")
	must(k.t, "signed out", k.GetByRole(*playwright.AriaRoleLink, playwright.PageGetByRoleOptions{Name: "Sign in"}).First().WaitFor(playwright.LocatorWaitForOptions{Timeout: patience}))
	k.visit("/models")
	if !strings.Contains(k.path(), "login") {
		k.t.Errorf("after signing out %s still opens", k.URL())
	}
}
