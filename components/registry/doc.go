// Package registry draws the inventory: the list of models, a model's page, the forms by which models
// and versions are made and changed, and the comparison of two versions. A version's own page belongs
// to components/lifecycle, a retirement plan's to components/retirement.
package registry
