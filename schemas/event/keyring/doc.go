// Package keyring reads and writes the files of the key directory, and gives
// ingest the keys it may hold: those of dir/ingest and dir/public. The whole
// directory is described in anonymize/keys, which builds on this package;
// ingest MUST NOT link that one.
//
// A key file is complete or absent: it is written aside, synced and linked
// into place, and never overwritten. Directories are 0700 and files 0600 or
// stricter; looser ones are refused. Errors name the file, never its content.
package keyring
