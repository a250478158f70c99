//go:build !race

package readback

const slow = false
