// Package vendors draws the catalogue of vendors' models: its list, the form of a row, and the box that
// tells of any id whether it is pinned. What an id means is models/vendors'.
package vendors
