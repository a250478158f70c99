package unpack

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// What unpacking may cost of a processor: a base, and so much for each byte that
// came out. No count of bytes bounds it: a block of 80 bytes may carry tables
// that take as long to build as 5 KiB take to unpack. Honest bodies take 1.2 ns
// a byte, at worst 4; see BenchmarkRead.
const (
	base    = slower * 10 * time.Millisecond
	perByte = slower * 9 * time.Nanosecond
)

// cost is the processor time that unpacking takes, of its thread alone: that of
// other requests is none of it, and neither is waiting for the network.
type cost struct {
	spent time.Duration
	began time.Duration // on the thread's clock
}

// begin MUST be followed by end on the same goroutine, which keeps its thread
// between them.
func (c *cost) begin() {
	runtime.LockOSThread()
	c.began = threadTime()
}

func (c *cost) end() {
	c.spent += threadTime() - c.began
	runtime.UnlockOSThread()
}

// dear says that it costs more than so many bytes may.
func (c *cost) dear(out int64) bool { return c.spent > base+time.Duration(out)*perByte }

func threadTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err) // the clock is there and t is valid
	}
	return time.Duration(t.Nano())
}
