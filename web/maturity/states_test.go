//go:build !race

package maturity_test

// states is how many states of an organisation are compared.
const states = 1000
