// Package help explains Sundial on one page: what it is for, its words, who may do what and how one
// comes by a role, and the keyboard.
package help
