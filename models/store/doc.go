// Package store keeps everything Sundial knows, on SQLite or PostgreSQL, and is the only importer of
// gorm. One file per aggregate. It loads records, runs a rule of the other models packages on them,
// and saves the outcome with its audit events in one transaction; it decides nothing itself.
//
// ChangeX(ctx, id, func(*X) error) is the one way to change anything. A change that noted no audit
// event is refused, and so is one made without a Source in the context.
//
// Lists are keyset-paged and index-backed, and scan into flat row structs.
package store
