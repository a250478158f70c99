// Package dashboards serves the pages that inspectors and the public read:
// server-rendered HTML and SVG, in French and English, that work without a
// script and ask nothing of any other host.
//
// It reads published figures only, as a user who may do nothing else, and
// never prints a value without its interval and state.
package dashboards
