// Package admin draws what administrators look after, people, teams and tokens, and the policy in force, which
// everybody may read. Who may change what is org's and the store's to say.
package admin
