// Package ui is the kit every page is made of: fields, buttons, tables, badges, checks, steppers,
// diffs. It owns how a thing looks, is named to a screen reader and works without JavaScript;
// it leaves what is shown, and every decision about it, to components/<subject>.
//
// Conventions:
//
//   - A component is a function of its arguments. Up to four arguments stand alone; more are a
//     struct named after the component (ButtonProps) or after the thing shown (Field, Step).
//   - URLs arrive ready from components/link; ui never builds one.
//   - Form fields: pass the form's name, the typed value and the sentence at the field; ids,
//     aria-describedby and aria-invalid follow. ErrorSummary links to the same ids (see ID).
//   - Colour never speaks alone: tones bring an icon and a word.
//   - The class is the component's name, variants are data attributes: one static class renders
//     faster than a class list, and the stylesheet reads like the component.
//   - htmx attributes only repeat what the plain link or form says. Pass Target (the id of a
//     Region) and the component writes them.
package ui
