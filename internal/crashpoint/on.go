//go:build crashpoints

// Package crashpoint names the steps at which tests kill a process.
package crashpoint

import (
	"fmt"
	"os"
	"sync"
	"syscall"
)

var mu sync.Mutex

// Hit kills the process, as kill -9 would, when it reaches the step that the
// file named by BRUME_CRASHPOINTS asks for: "gate.draft.after 2" kills at its
// second hit from then on. The file is read at each step, so that a running
// process can be given another. Before death it becomes FILE.fired, which says
// what killed, and at whose turn.
func Hit(name string, of ...string) {
	file := os.Getenv("BRUME_CRASHPOINTS")
	if file == "" {
		return
	}
	mu.Lock()
	defer mu.Unlock()
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	var armed string
	var nth int
	if _, err := fmt.Sscan(string(text), &armed, &nth); err != nil || armed != name {
		return
	}
	if nth > 1 {
		must(os.WriteFile(file, fmt.Appendln(nil, name, nth-1), 0o600))
		return
	}
	must(os.WriteFile(file, fmt.Appendln(nil, name, of), 0o600))
	must(os.Rename(file, file+".fired"))
	must(syscall.Kill(os.Getpid(), syscall.SIGKILL))
	select {}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
