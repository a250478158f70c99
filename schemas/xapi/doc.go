// Package xapi decodes and validates xAPI statements, versions 1.0.3 and 2.0,
// in one strict pass. It is the only package that sees a whole statement.
//
// Decoding keeps the few parts that a mapping may read (actor, verb, activity
// ids, extensions, result, times) and only checks the rest: display names,
// descriptions, responses and authorities never leave this package. Faults name
// the place and the rule, and MUST NOT carry any value of the statement.
package xapi
