// Package query reads the published figures: it is all that dashboards know of
// ClickHouse. It links neither the loader nor anything that could open a
// sealed record, and works with the read-only user.
//
// A figure that public facts mask leaves here without its value, so that no
// page can print it by mistake. The same question has the same answer for
// ever, since a release never changes.
package query
