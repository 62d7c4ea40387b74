package demoidp

import (
	"bytes"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// signInView is what the sign-in page shows.
type signInView struct {
	Action        string
	Request       string
	People        []Person
	Chosen        string // subject
	Password      string // what everyone's password is
	Typed         string // what stands in the field
	PersonError   string
	PasswordError string
	Stylesheets   []string
	Portal        string
}

func (v signInView) failed() bool { return v.PersonError != "" || v.PasswordError != "" }

func (p *Provider) showSignIn(w http.ResponseWriter, r *http.Request) {
	under, err := p.storage.underWay(r.URL.Query().Get("request"))
	if err != nil {
		p.draw(w, r, http.StatusGone, signInView{})
		return
	}
	view := p.view(under.id)
	// The password is no secret here; with it filled in, a person is chosen and signed in with two keys.
	view.Typed = p.cfg.Password
	view.Chosen = hinted(view.People, under.asked)
	p.draw(w, r, http.StatusOK, view)
}

// hinted is the person the portal thinks of, or the first.
func hinted(people []Person, asked *oidc.AuthRequest) string {
	first := ""
	for i, person := range people {
		if i == 0 {
			first = person.Subject
		}
		if asked.LoginHint != "" && (asked.LoginHint == person.Subject || strings.EqualFold(asked.LoginHint, person.Email)) {
			return person.Subject
		}
	}
	return first
}

func (p *Provider) signIn(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form cannot be read.", http.StatusBadRequest)
		return
	}
	under, err := p.storage.underWay(r.PostForm.Get("request"))
	if err != nil {
		p.draw(w, r, http.StatusGone, signInView{})
		return
	}
	view := p.view(under.id)
	view.Chosen = r.PostForm.Get("person")
	if _, known := p.storage.person(view.Chosen); !known {
		view.PersonError = "Choose one of the demo people."
	}
	if subtle.ConstantTimeCompare([]byte(r.PostForm.Get("password")), []byte(p.cfg.Password)) != 1 {
		view.PasswordError = "This is not the password. It is written above the field."
	}
	if view.failed() {
		p.draw(w, r, http.StatusUnprocessableEntity, view)
		return
	}
	if !p.storage.complete(under.id, view.Chosen) {
		p.draw(w, r, http.StatusGone, signInView{})
		return
	}
	http.Redirect(w, r, p.cfg.Issuer+"/authorize/callback?id="+url.QueryEscape(under.id), http.StatusSeeOther)
}

func (p *Provider) view(request string) signInView {
	return signInView{
		Action: p.cfg.Issuer + "/sign-in", Request: request,
		People: p.storage.everybody(), Password: p.cfg.Password,
	}
}

// draw shows the page, or without a request the page that says that this sign-in has ended.
func (p *Provider) draw(w http.ResponseWriter, r *http.Request, status int, view signInView) {
	view.Portal = p.portal()
	view.Stylesheets = []string{p.cfg.Issuer + "/signin.css"}
	if p.cfg.StylesheetURL != "" {
		view.Stylesheets = []string{p.cfg.StylesheetURL, p.cfg.Issuer + "/signin.css"}
	}
	page := signInPage(view)
	if view.Request == "" {
		page = endedPage(view)
	}
	var drawn bytes.Buffer
	if err := page.Render(r.Context(), &drawn); err != nil {
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", p.contentPolicy())
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // none at all would make the form's Origin "null"
	w.WriteHeader(status)
	_, _ = drawn.WriteTo(w)
}

// contentPolicy lets the form lead back to the portal: browsers hold redirects after a form to form-action too.
func (p *Provider) contentPolicy() string {
	forms, styles := []string{"'self'"}, []string{"'self'"}
	for _, address := range p.cfg.RedirectURLs {
		forms = withOrigin(forms, address)
	}
	styles = withOrigin(styles, p.cfg.StylesheetURL)
	from := strings.Join(styles, " ")
	return "default-src 'none'; style-src " + from + "; img-src " + from + " data:; font-src " + from +
		"; form-action " + strings.Join(forms, " ") + "; base-uri 'none'; frame-ancestors 'none'"
}

func withOrigin(list []string, address string) []string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return append(list, u.Scheme+"://"+u.Host)
	}
	return list
}
