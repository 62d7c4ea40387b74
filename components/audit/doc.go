// Package audit draws the audit trail: its list with filters, one event, and where the chain stands.
// What an event says in words is models/audit's; who may read it is web's.
package audit
