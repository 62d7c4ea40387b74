// Package lifecycle draws what governs a version's way: its page with the gate to the next stage, its
// evidence, the list of transition requests and the dossier of one, waivers, broken glass, and what is or
// was in production. What is allowed arrives decided, as booleans and sentences; which model is governed
// is components/registry's, how one ends components/retirement's.
package lifecycle
