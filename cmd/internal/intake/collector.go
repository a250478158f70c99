package intake

import (
	"os"
	"runtime/debug"
)

// heapGrowth lets the heap of a receiving process grow to five times what is
// live before it is collected. A statement leaves two kilobytes behind, all
// short-lived, and what stays is bounded: connections and the read-back window.
const heapGrowth = 400

// Collector sets how often a process that only receives collects its heap; the
// environment's GOGC wins. It is for a main to call.
func Collector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
}
