// Package kafka is Brume's only door to Kafka; no other package imports a
// client library.
//
// It keeps one contract everywhere: what Produce acknowledged is in the log,
// at least once, in order within its partition; what a reader returns is
// every record of the log in order, or a named error. There is no idempotent
// producer: an ambiguous acknowledgement is retried and may double records,
// so every reader MUST be idempotent. Where to read on is the readers' own
// business: what Assignment.Commit leaves in a consumer group tells others how
// far a partition has come, and nothing ever begins to read from there.
package kafka
