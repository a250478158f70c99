// Package anonymize reads sealed statements, folds them into bounded
// contributions of pseudonymous pupils, and releases only noised cells.
//
// Durability: an instance owns partitions and keeps their state in memory.
// What it has folded is recovered from the last complete snapshot and the log
// after it, so nothing is lost while the log holds 72 hours; a partial is in
// its topic before the window it closes is forgotten; the gate alone writes to
// the ledger and the public topic, in the order that package gate states.
package anonymize
