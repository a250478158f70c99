// Package privacy measures, from the outside, whether published values keep
// the year's promise: how much a worst-case pupil shows in them, and whether
// their noise is the planned one.
//
// It knows what was sent, and shares with the services only the plan and the
// form of releases. See docs/audit.md for what it can and cannot find.
package privacy
