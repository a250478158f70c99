package measure

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the times of /proc, which Linux fixes for programs.
const tick = 10 * time.Millisecond

// Tree is the processor time that a process, the processes below it, and those
// of them that have ended and were waited for have used, to 10 ms. It needs
// Linux's /proc.
func Tree(pid int) (time.Duration, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	used, parent := map[int]int64{}, map[int]int{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		p, above, ticks, err := stat(string(text))
		if err != nil {
			return 0, fmt.Errorf("reading %s: %w", path, err)
		}
		used[p], parent[p] = ticks, above
	}
	if _, ok := used[pid]; !ok {
		return 0, fmt.Errorf("process %d: %w", pid, os.ErrProcessDone)
	}
	var sum int64
	for p, ticks := range used {
		for at := p; at != 0; at = parent[at] {
			if at == pid {
				sum += ticks
				break
			}
		}
	}
	return time.Duration(sum) * tick, nil
}

// stat reads a line of /proc/PID/stat. The name in parentheses may hold
// anything, so what counts is behind the last of them.
func stat(line string) (pid, parent int, ticks int64, err error) {
	first, _, _ := strings.Cut(line, " ")
	end := strings.LastIndexByte(line, ')')
	fields := strings.Fields(line[end+1:])
	if end < 0 || len(fields) < 15 {
		return 0, 0, 0, errors.New("not a line of /proc/PID/stat")
	}
	pid, err = strconv.Atoi(first)
	parent, err2 := strconv.Atoi(fields[1])
	err = errors.Join(err, err2)
	for _, f := range fields[11:15] { // utime, stime, and both of the children waited for
		n, failed := strconv.ParseInt(f, 10, 64)
		ticks, err = ticks+n, errors.Join(err, failed)
	}
	return pid, parent, ticks, err
}
