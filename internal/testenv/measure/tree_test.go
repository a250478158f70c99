package measure

import (
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// A child's time counts, whether it still runs or has ended.
func TestTree(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc")
	}
	const work = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"
	for name, script := range map[string]string{
		"own":     work + "; echo done; read end",
		"ended":   "sh -c '" + work + "'; echo done; read end",
		"running": "sh -c '" + work + "; echo done; read end'; true",
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := out.Read(make([]byte, 5)); err != nil && err != io.EOF {
				t.Fatal(err)
			}
			used, err := Tree(cmd.Process.Pid)
			if err != nil || used < 3*tick || used > time.Minute {
				t.Errorf("used %v, error %v", used, err)
			}
			_ = in.Close()
			_ = cmd.Wait() // the script's last read fails, as it should
		})
	}
	if _, err := Tree(1 << 30); err == nil {
		t.Error("a process that is not there has a time")
	}
}

func TestStatWithAName(t *testing.T) {
	pid, parent, ticks, err := stat("7 (a) 9 (b) S 3 7 7 0 -1 4194304 100 0 0 0 1 2 4 8 20 0 1 0 5 1 1\n")
	if pid != 7 || parent != 3 || ticks != 15 || err != nil {
		t.Errorf("%d below %d, %d ticks, %v", pid, parent, ticks, err)
	}
	if _, _, _, err := stat("7 (a"); err == nil {
		t.Error("half a line was read")
	}
}
