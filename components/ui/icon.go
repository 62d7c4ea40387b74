package ui

import "sort"

// glyph is what an icon is drawn from: an optional ring, strokes and filled shapes.
type glyph struct {
	ring        bool
	line, solid string
}

// glyphs are ours. The stage icons are one dial whose shadow fills as a version moves on, so that
// order can be read without colour or words.
var glyphs = map[string]glyph{
	"check":        {line: "M3 8.5 6.5 12 13 4.5"},
	"cross":        {line: "M4 4l8 8M12 4l-8 8"},
	"dot":          {solid: "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"},
	"dash":         {line: "M3.5 8h9"},
	"question":     {ring: true, line: "M6.2 6.3a1.9 1.9 0 1 1 2.7 1.9c-.6.3-.9.7-.9 1.2", solid: "M8 10.6a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8z"},
	"info":         {ring: true, line: "M8 7.4v3.8", solid: "M8 4.2a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8z"},
	"warning":      {line: "M8 2 14.5 13.5h-13zM8 6.4v3.2", solid: "M8 10.9a.85.85 0 1 0 0 1.7.85.85 0 0 0 0-1.7z"},
	"error":        {ring: true, line: "M8 4.6v4", solid: "M8 10.1a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8z"},
	"check-circle": {ring: true, line: "M5.2 8.3 7.2 10.3 10.9 6"},
	"waived":       {line: "M3.5 14V2.5M3.5 3h8.5l-2 2.75 2 2.75H3.5"},
	"clock":        {ring: true, line: "M8 4.5V8l2.4 1.6"},
	"search":       {line: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4 14 14"},
	"plus":         {line: "M8 3v10M3 8h10"},
	"minus":        {line: "M3.5 8h9"},
	"changed":      {line: "M3 5.5h10M3 10.5h10M10.5 3 13 5.5 10.5 8M5.5 8 3 10.5 5.5 13"},
	"right":        {line: "M6 3.5 10.5 8 6 12.5"},
	"left":         {line: "M10 3.5 5.5 8l4.5 4.5"},
	"down":         {line: "M3.5 6 8 10.5 12.5 6"},
	"up":           {line: "M3.5 10 8 5.5 12.5 10"},
	"sort":         {line: "M5 6.5 8 3.5l3 3M5 9.5l3 3 3-3"},
	"menu":         {line: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11"},
	"person":       {line: "M8 2.5a2.75 2.75 0 1 0 0 5.5 2.75 2.75 0 0 0 0-5.5zM2.8 13.5c.5-2.6 2.6-4 5.2-4s4.7 1.4 5.2 4"},
	"team":         {line: "M6 3.2a2.3 2.3 0 1 0 0 4.6 2.3 2.3 0 0 0 0-4.6zM1.8 13c.3-2.2 2-3.5 4.2-3.5s3.9 1.3 4.2 3.5M10.6 3.4a2.2 2.2 0 0 1 0 4.2M12 9.7c1.3.5 2.1 1.7 2.3 3.3"},
	"download":     {line: "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11"},
	"upload":       {line: "M8 10.5V3M4.8 6 8 2.8 11.2 6M2.5 13.5h11"},
	"copy":         {line: "M5.5 5.5h7.5v8h-7.5zM10.5 5.5v-3H3v8h2.5"},
	"external":     {line: "M6.5 3.5h-4v10h10v-4M9 2.5h4.5V7M13.5 2.5 7.5 8.5"},
	"edit":         {line: "M3 13l.7-3L10.8 2.9l2.3 2.3L6 12.3z"},
	"filter":       {line: "M2.5 3.5h11L9.5 8.5v4.5l-3-1.5v-3z"},
	"calendar":     {line: "M2.5 3.5h11v10h-11zM2.5 6.8h11M5.5 2v2.5M10.5 2v2.5"},
	"lock":         {line: "M3.5 7.5h9v6h-9zM5.5 7.5V5.3a2.5 2.5 0 0 1 5 0v2.2"},
	"file":         {line: "M3.5 2h5.5l3.5 3.5V14h-9zM9 2v3.5h3.5"},
	"comment":      {line: "M2.5 3h11v8H8l-3 2.8V11H2.5z"},
	"more":         {solid: "M3.5 6.8a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4zM8 6.8a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4zM12.5 6.8a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4z"},
	"sun":          {line: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.2v1.3M8 13.5v1.3M1.2 8h1.3M13.5 8h1.3M3.2 3.2l.9.9M11.9 11.9l.9.9M12.8 3.2l-.9.9M4.1 11.9l-.9.9"},
	"moon":         {line: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z"},
	"auto":         {ring: true, solid: "M8 2.5a5.5 5.5 0 0 1 0 11z"},
	"bolt":         {line: "M9 1.8 3.5 9h4L7 14.2 12.5 7h-4z"},

	"stage-experiment": {ring: true},
	"stage-registered": {ring: true, solid: "M8 8V3.5A4.5 4.5 0 0 1 12.5 8z"},
	"stage-validated":  {ring: true, solid: "M8 8V3.5a4.5 4.5 0 0 1 0 9z"},
	"stage-staged":     {ring: true, solid: "M8 8V3.5A4.5 4.5 0 1 1 3.5 8z"},
	"stage-production": {ring: true, solid: "M8 3.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z"},
	"stage-retired":    {ring: true, line: "M5 8h6"},
}

// IconNames lists every icon, sorted, for the gallery.
func IconNames() []string {
	names := make([]string, 0, len(glyphs))
	for name := range glyphs {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
