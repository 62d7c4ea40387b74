//go:build race

package maturity_test

// states are fewer under the race detector, which looks for another kind of fault and is many times as slow.
const states = 100
