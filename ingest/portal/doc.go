// Package portal is what publishers see of Brume: their figures, the state of
// the endpoint, the documentation and the description of the API.
//
// A publisher sees its own figures only. They count statements, never people,
// and nothing in them depends on who a pupil is.
package portal
