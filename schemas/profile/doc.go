// Package profile holds the xAPI profile that documents Brume's own extensions,
// as a JSON-LD document after version 1.0 of the xAPI Profiles specification.
package profile
