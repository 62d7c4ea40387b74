package webtest_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"sundial/web/webtest"
)

const sound = `<!DOCTYPE html><html lang="en"><head><title>T</title><link rel="stylesheet" href="/static/a.css"><script src="/static/a.js" defer></script></head>
<body><a href="#main">Skip</a><main id="main"><h1>H</h1><h2>S</h2>%s</main><dialog aria-labelledby="later"></dialog></body></html>`

func problems(t *testing.T, page string, part bool) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(webtest.Check(doc, part), "\n")
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	if got := problems(t, strings.Replace(sound, "%s", `<form method="post" action="/a" hx-post="/a"><label for="x">X</label><input id="x" name="x"><input type="hidden" name="h"><label>Y <input name="y"></label>
		<button type="submit">Go</button></form><a href="/b" hx-get="/b">B</a><img src="/static/i.png" alt=""><svg aria-hidden="true"></svg>
		<table><caption>C</caption><tr><th scope="col">A</th></tr></table>`, 1), false); got != "" {
		t.Fatalf("a sound page: %s", got)
	}
	for markup, want := range map[string]string{
		`<h1>Two</h1>`:                                                "2 h1",
		`<h4>Deep</h4>`:                                               "skips",
		`<p id="main"></p>`:                                           `"main" is there 2 times`,
		`<p style="color:red"></p>`:                                   "style attribute",
		`<style>p{}</style>`:                                          "inline",
		`<script>x()</script>`:                                        "inline",
		`<p onclick="x()"></p>`:                                       "onclick",
		`<p hx-on:click="x()"></p>`:                                   "hx-on:click",
		`<a href="javascript:x()">A</a>`:                              "is a script",
		`<a href="/x" hx-vals="js:{a:1}">A</a>`:                       "is a script",
		`<img src="https://e.example/x" alt="">`:                      "from elsewhere",
		`<img src="/x">`:                                              "no alt",
		`<input name="x">`:                                            "no label",
		`<input id="x" name="x"><label for="x"></label>`:              "empty",
		`<label for="gone">L</label>`:                                 "not there",
		`<p aria-describedby="gone">L</p>`:                            "not there",
		`<a href="#gone">L</a>`:                                       "not there",
		`<a href="">L</a>`:                                            "nowhere",
		`<a href="/x"><svg aria-hidden="true"></svg></a>`:             "says nothing",
		`<a href="/x" hx-get="/y">X</a>`:                              "does not repeat",
		`<form action="/a"><button type="submit">A</button></form>`:   "method",
		`<form method="post"><button type="submit">A</button></form>`: `action ""`,
		`<form method="post" action="/a" hx-post="/b"><button type="submit">A</button></form>`: "does not repeat",
		`<form method="get" action="/a" hx-post="/a"><button type="submit">A</button></form>`:  "does not repeat",
		`<form method="post" action="/a"><label>A<input name="x"></label></form>`:              "no button",
		`<button type="submit"></button>`:                                                      "says nothing",
		`<button>A</button>`:                                                                   "no type",
		`<button type="button" hx-post="/x">A</button>`:                                        "without being a form",
		`<table><tr><th scope="col">A</th></tr></table>`:                                       "no caption",
		`<table><caption>C</caption><tr><th>A</th></tr></table>`:                               "no scope",
		`<svg></svg>`:           "named image",
		`<fieldset></fieldset>`: "no legend",
		`<label>X<input name="x" aria-invalid="true"></label>`:     "does not say why",
		`<a href="about:invalid#TemplFailedSanitizationURL">A</a>`: "not safe",
	} {
		if got := problems(t, strings.Replace(sound, "%s", markup, 1), false); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", markup, got, want)
		}
	}
	for page, want := range map[string]string{
		strings.Replace(sound, ` lang="en"`, "", 1):               "lang",
		strings.Replace(sound, "<title>T</title>", "", 1):         "title",
		strings.Replace(sound, "/static/a.js", "//cdn.x/a.js", 1): "from elsewhere",
	} {
		if got := problems(t, page, false); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAPartNeedsNoHead(t *testing.T) {
	if got := problems(t, `<title>T</title><div id="list"><p aria-describedby="elsewhere">x</p></div>`, true); got != "" {
		t.Error(got)
	}
	if got := problems(t, `<div id="list"><input name="x"></div>`, true); !strings.Contains(got, "no label") {
		t.Error(got)
	}
}
