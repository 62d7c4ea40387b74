// Package web is the portal over HTTP: the order in which a request is looked at (server.go), every
// route with who may (routes.go), and the one place that logs failures and draws error pages
// (errors.go). What a subject's pages do is in web/<subject>.
package web
