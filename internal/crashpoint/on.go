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
// process can be given another. Before death FILE.fired takes its place and says
// what killed, and of which release.
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
	if os.Remove(file) != nil {
		return // taken back meanwhile
	}
	must(os.WriteFile(file+".fired", fmt.Appendln(nil, name, of), 0o600))
	must(syscall.Kill(os.Getpid(), syscall.SIGKILL))
	select {}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
