// Package notice decides what is told outside Sundial: which events of the audit trail go out, under
// which name and in which shape, who asked to be told, and when a message that did not arrive is tried
// again. Webhooks are the first channel; others read the same catalogue.
//
// It leaves to others: keeping endpoints and deliveries (models/store), the bytes on the wire
// (models/connect/webhook), and when the outbox is looked at (models/work).
//
//	catalogue.go  verbs of the trail as types of messages
//	message.go    an event as a message
//	endpoint.go   who asked to be told, and what is wrong with what they asked
//	retry.go      when a message is tried again, and when an endpoint is given up
//	letter.go     one mail to one recipient: kinds, keys, addresses
package notice
