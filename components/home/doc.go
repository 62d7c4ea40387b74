// Package home draws the page everybody lands on: what waits for them, what they asked for, what runs
// out, and the figures of their role. What belongs on it for whom is web/home's decision.
package home
