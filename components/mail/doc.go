// Package mail draws letters as HTML for mail programs. What a letter says is notice's, which also writes
// it as plain text; mail programs know no stylesheet, so the little style there is stands in the markup.
package mail
