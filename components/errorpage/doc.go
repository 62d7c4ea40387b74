// Package errorpage draws what stands where another page could not be shown.
package errorpage
