// Package intake brings spreadsheets into our shape: it detects how a file is written, reads its rows,
// maps columns and values onto our fields, says what is wrong with which row, and reconciles a new
// inventory with the one before. It keeps nothing and asks nobody: files and jobs belong to store and
// work, and what a model may do next to lifecycle.
//
//	raw bytes -> Detect -> Format -> NewReader -> Row -> Converter (a Mapping on these columns) -> Record
//	[]Known (what the last import left) + []Record -> Reconcile -> Changes -> Question per vanished system
//
// An import never puts a version into production. A system that its inventory reports as operating
// becomes a model in stage experiment that is "reported in operation, not governed yet", without a
// version: which one runs, and how it was built, is for its people to say, and the gates of lifecycle are
// the only way on. A system reported retired has one closed version that stands for whatever ran.
//
//	Job: uploaded -> mapping -> previewed -> running -> done, and what came in stays if it is cancelled
//	Update: a field is taken over unless a person has changed it here since the import before
package intake
