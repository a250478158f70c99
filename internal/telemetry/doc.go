// Package telemetry gives a process its log, its metrics and its health pages.
//
// Nothing about a pupil may leave through it. Log attributes pass only under
// the keys of an allow-list, whose values are names of parts, places in a log,
// codes, durations and errors of our own; what stands under any other key is
// replaced by "[withheld]" and counted. Messages are constants of the code.
package telemetry
