// Package api draws the readable form of the API's document: every call with what it asks for, takes and
// answers. What the calls are is web/api's; nothing is said here that is not in the document.
package api
