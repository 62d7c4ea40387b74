// Package respond sends answers: a page or the part of it that was asked for, a redirect after a
// change, a CSV of a list. It owns the status of each kind of fault and what the frame around a page
// needs to know. Handlers call it and never look at htmx headers.
//
// It leaves error pages and logging to web/errors.go, and what a page shows to components.
package respond
