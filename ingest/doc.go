// Package ingest receives xAPI statements: it authenticates the publisher,
// decodes and validates strictly, maps, seals and produces.
//
// A 2xx answer MUST NOT leave before the broker has acknowledged every record
// of the request, with all replicas, nor while records acknowledged earlier are
// about to die unread. A request is all or nothing: one invalid
// statement, and nothing of it is produced. A statement rests nowhere: what the
// mapping keeps is sealed, the rest is forgotten when the request ends.
package ingest
