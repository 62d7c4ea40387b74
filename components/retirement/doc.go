// Package retirement draws how a model ends: its plan as a task list, section by section as forms, as a
// reviewer reads it, in one look once it is in force, and the list of all plans. It owns the words and
// order of these pages; what a plan must hold and who may do what comes in ready from the rules.
package retirement
