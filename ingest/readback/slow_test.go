//go:build race

package readback

// slow says that times mean nothing: the race detector is at work.
const slow = true
