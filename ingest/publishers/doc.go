// Package publishers keeps the registry of tool publishers and their keys: the
// last record of each name on the compacted topic publishers. Every instance of
// ingest follows the topic, so a change is effective everywhere within seconds
// and survives restarts.
//
// Secrets are 256 random bits, shown once and kept only as SHA-256.
package publishers
