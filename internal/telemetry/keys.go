package telemetry

// allowedKeys may carry values into the log. Adding one needs a reviewer who
// has asked: can its value name a pupil, quote a statement or give an exact
// count of pupils?
var allowedKeys = func() map[string]bool {
	m := map[string]bool{}
	for _, k := range []string{
		"time", "level", "msg", "source", // slog's own
		"component", "service", "version", "instance", "pid", "signal", "error", "err",
		"addr", "url", "listen", "port", "method", "route", "path", "dir", "file", "status", "code", "reason", "rule",
		"topic", "partition", "partitions", "offset", "from", "to", "first", "next", "want", "got", "group", "generation", "attempt", "attempts", "lag",
		"release", "window", "week", "cadence", "year", "zone", "family", "cells", "cost", "spent", "limit", "sequence", "head", "kind", "record", "records",
		"publisher", "tool", "key_id", "snapshot", "chunks", "bytes", "rows", "table", "query", "migration", "database", "user",
		"line", "what", "pause", "view", "page", "duration", "took", "seconds", "wait", "retry_after", "after", "until", "hour", "count", "total", "sent", "name", "state", "policy", "registry", "hash", "config", "department", "academy",
	} {
		m[k] = true
	}
	return m
}()
