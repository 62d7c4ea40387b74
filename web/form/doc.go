// Package form reads what people and strangers send: form fields into a struct made for one action,
// files within bounds, query parameters of lists. What cannot be taken becomes a sentence at its
// field, and what was typed is remembered so that the page can show it again.
//
// Structs say what a field takes:
//
//	type edit struct {
//		Name     string  `form:"name" max:"120"`            // one line; 200 characters when max is missing
//		Purpose  string  `form:"purpose" is:"text" max:"4000"` // several lines; 20,000 when max is missing
//		Tier     int     `form:"tier"`
//		Due      day.Day `form:"due"`
//		Steps    []step  `form:"steps"`                     // steps[0].title, steps[1].title, ...
//		Revision int64   `form:"revision"`
//	}
//
// A struct never holds the id of what is changed: that comes from the path. It leaves to the rules
// whether a value makes sense.
package form
