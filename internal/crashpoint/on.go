//go:build crashpoints

// Package crashpoint names the steps at which tests kill a process.
package crashpoint

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// hits counts how often this process reached the step named by
// BRUME_CRASHPOINT.
var hits atomic.Int64

// Hit kills the process, as kill -9 would, when it reaches the step named by
// BRUME_CRASHPOINT for the first time, or for the time that BRUME_CRASHPOINT_HIT
// says. The file named by BRUME_CRASHPOINT_FILE remembers the steps that have
// already killed, so that a restart goes on.
func Hit(name string) {
	if os.Getenv("BRUME_CRASHPOINT") != name {
		return
	}
	nth, err := strconv.ParseInt(os.Getenv("BRUME_CRASHPOINT_HIT"), 10, 64)
	if err != nil {
		nth = 1
	}
	if hits.Add(1) != nth {
		return
	}
	file := os.Getenv("BRUME_CRASHPOINT_FILE")
	if seen, _ := os.ReadFile(file); strings.Contains(string(seen), name+"\n") {
		return
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	f.WriteString(name + "\n")
	f.Close()
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
