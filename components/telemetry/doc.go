// Package telemetry draws what machines report: the page that leads from a stamp to its version, and a
// model's monitoring. What it shows is computed before; a chart here is a shape and its numbers.
package telemetry
