// Package chart computes the geometry of Brume's few charts. It knows nothing
// of HTML: templates turn its coordinates into SVG, on the server, so that
// pages need no script and print as they look.
package chart
