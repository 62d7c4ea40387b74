// Package imports draws how an inventory comes in: the file, how it is written, what its columns mean,
// what would change, how far it is and what became of each row, and the questions about systems that
// vanished. What any of it means is intake's to say.
package imports
