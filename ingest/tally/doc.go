// Package tally counts what happens to statements, by publisher: as metrics, and
// as records of the topic quality. It counts statements, never people, and holds
// nothing of a statement but the skeletons of some that were refused.
package tally
