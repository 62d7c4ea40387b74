// Package telemetry knows what machines report about models that serve: how many predictions carried
// which stamp, and how metrics did in a window. It reads and checks what strangers send, adds it up, and
// says what follows: coverage, undeclared consumers, breaches, and whether a criterion holds.
//
// Only counts and figures are known here, never prompts or outputs. Keeping them is store's work; what a
// retired version is and who answers for it is registry's.
//
//	stamp      model@version, or model@version+sha256:HEX with 12 or more digits of the prompt's hash
//	bucket     the hour, in UTC, in which predictions were counted; finer moments are truncated to it
//	coverage   of all predictions reported for a model on a day, the share that carried a known stamp:
//	           one whose version exists and, where a prompt's hash is given, has that prompt
//	zombie     a version that is retired and still answers
//	undeclared an app that reports predictions of a model whose consumers do not name it
//	breach     a reported value on the wrong side of the SLA or of the report's own threshold
package telemetry
