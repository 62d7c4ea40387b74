// Package static owns what the browser loads beside pages: the stylesheet, scripts and pictures.
// Everything is embedded and named by its content, so that a copy may be kept for ever and a
// change is a new name. It leaves to components/layout which of them a page links.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed css js img vendor/*.js
var files embed.FS

// Prefix is the path under which Handler serves.
const Prefix = "/static/"

// layers is the cascade, weakest first: each is a folder of css whose files are joined by name.
var layers = []string{"reset", "tokens", "base", "layout", "components", "utilities"}

type asset struct {
	body        []byte
	contentType string
}

// byName maps "app.css" to its hashed name, byHashed that to what is served.
var byName, byHashed = load()

// URL is where the asset of this name is served: URL("app.css") is "/static/app.3f9c….css". A name
// that does not exist is a mistake in a template and panics, in the first test that draws it.
func URL(name string) string {
	hashed, ok := byName[name]
	if !ok {
		panic("static: no asset called " + name)
	}
	return Prefix + hashed
}

// Handler serves the assets by their hashed names and nothing else.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := byHashed[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Only GET and HEAD.", http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.contentType)
		h.Set("Content-Length", fmt.Sprint(len(a.body)))
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method == http.MethodGet {
			_, _ = w.Write(a.body)
		}
	})
}

// Stylesheet is the joined css as it is served.
func Stylesheet() string { return string(byHashed[byName["app.css"]].body) }

func load() (map[string]string, map[string]asset) {
	names, assets := map[string]string{}, map[string]asset{}
	add := func(name string, body []byte) {
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		names[name] = hashed
		assets[hashed] = asset{body, contentType(ext)}
	}
	add("app.css", joinCSS())
	for _, folder := range []string{"js", "img", "vendor"} {
		for _, f := range read(folder) {
			add(f.name, f.body)
		}
	}
	return names, assets
}

// joinCSS makes one stylesheet of all files. A file says nothing about layers: its folder does.
func joinCSS() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "@layer %s;\n", strings.Join(layers, ", "))
	for _, layer := range layers {
		fmt.Fprintf(&b, "\n@layer %s {\n", layer)
		for _, f := range read("css/" + layer) {
			b.Write(bytes.TrimSpace(f.body))
			b.WriteString("\n\n")
		}
		b.WriteString("}\n")
	}
	return b.Bytes()
}

type file struct {
	name string
	body []byte
}

// read returns the files of an embedded folder, sorted by name. Embedding cannot fail at run time,
// so an error is a broken build.
func read(folder string) []file {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		panic("static: " + err.Error())
	}
	list := make([]file, 0, len(entries))
	for _, e := range entries {
		body, err := files.ReadFile(path.Join(folder, e.Name()))
		if err != nil {
			panic("static: " + err.Error())
		}
		list = append(list, file{e.Name(), body})
	}
	return list
}

func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(ext)
}
