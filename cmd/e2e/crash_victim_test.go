package e2e

import (
	"bytes"
	"encoding/json/v2"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"brume/cmd/brume/audit"
	"brume/cmd/brume/replay"
	"brume/internal/clickhouse"
)

// victim is a `brume serve` with its own broker that is killed and started
// again, beside a ClickHouse that stays.
type victim struct {
	t      *testing.T
	year   *shortYear
	plan   *plan
	data   string
	config string
	listen string
	ops    string
	armed  string // the file that asks for a kill
	reader *clickhouse.Client
	sender *replay.Sender

	process       *exec.Cmd
	stderr        *bytes.Buffer
	dead          chan error
	last          arm
	kills, starts int
	acknowledged  int64
}

func newVictim(t *testing.T, y *shortYear, p *plan) *victim {
	t.Helper()
	dir := t.TempDir()
	ch := testenvClickHouse(t)
	s := &victim{t: t, year: y, plan: p, data: filepath.Join(dir, "data"), listen: freePort(t), ops: freePort(t),
		armed: filepath.Join(dir, "armed"), reader: openReader(t, ch)}
	s.config = writeConfig(t, fmt.Sprintf("partitions: 2\npolicies: [%q]\nkeys: %q\nanonymize: {snapshot_every: 1s}\n%s",
		y.policy, y.keys, clickhouseSection(t, ch, dir)))
	s.start()
	t.Cleanup(s.stop)
	awaitEndpoint(t, "http://"+s.listen+"/xapi")
	publisher := decode[credentials](t, output(t, "brume", "publishers", "add", "tools", "--json", "--data", s.data))
	until(t, 20*time.Second, "the publisher is known", func() bool {
		return post(t, "http://"+s.listen+"/xapi", publisher, "[]") != 401
	})
	cfg := replay.DefaultSenderConfig()
	cfg.URL, cfg.Key, cfg.Secret = "http://"+s.listen+"/xapi", publisher.Key, publisher.Secret
	sender, err := replay.NewSender(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.sender = sender
	t.Cleanup(sender.Close)
	return s
}

// start starts the process and returns once commands find it.
func (s *victim) start() {
	s.t.Helper()
	c := exec.Command(s.year.program, "serve", "--config", s.config, "--data", s.data, "--listen", s.listen, "--metrics", s.ops)
	c.Dir, c.Env = filepath.Dir(s.armed), append(os.Environ(), "BRUME_CRASHPOINTS="+s.armed)
	s.stderr = &bytes.Buffer{}
	c.Stderr = s.stderr
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.process, s.dead = c, make(chan error, 1)
	s.starts++
	go func(dead chan error) { dead <- c.Wait(); close(dead) }(s.dead)
	for deadline := time.Now().Add(30 * time.Second); s.announced() != c.Process.Pid; {
		select {
		case <-s.dead: // at a step of its start
			s.revive()
			return
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			s.t.Fatal("brume serve does not start")
		}
	}
}

func (s *victim) announced() int {
	var r struct {
		PID int `json:"pid"`
	}
	text, _ := os.ReadFile(filepath.Join(s.data, "state", "running.json"))
	_ = json.Unmarshal(text, &r)
	return r.PID
}

// stop ends the process in order.
func (s *victim) stop() {
	if s.process != nil {
		_ = s.process.Process.Signal(syscall.SIGTERM)
		<-s.dead
		s.process = nil
	}
}

// revive requires that the process died of what it was armed with, notes it and
// starts it again.
func (s *victim) revive() {
	s.t.Helper()
	fired, err := os.ReadFile(s.armed + ".fired")
	if strings.Contains(s.stderr.String(), syscall.EADDRINUSE.Error()) { // somebody called out from the port while nobody listened
		time.Sleep(time.Second)
		s.start()
		return
	}
	if err != nil {
		s.t.Fatalf("brume serve ended by itself:\n%s", tail(s.stderr.String(), 30))
	}
	if err := os.Remove(s.armed + ".fired"); err != nil {
		s.t.Fatal(err)
	}
	s.plan.count(string(fired))
	s.kills++
	s.start()
}

// arm asks the process to die at a step; it can be running.
func (s *victim) arm(a arm) {
	s.t.Helper()
	s.write(s.armed, a, a.nth(s.last))
	s.last = a
}

func (s *victim) write(file string, a arm, nth int) {
	s.t.Helper()
	if err := os.WriteFile(file+".new", fmt.Appendln(nil, a.name, nth), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		s.t.Fatal(err)
	}
}

func (s *victim) disarm() { _ = os.Remove(s.armed) }

// loaded counts the releases that readers see.
func (s *victim) loaded() int {
	marks, err := audit.ReadMarks(s.t.Context(), s.reader)
	if err != nil {
		return 0 // the tables are not made yet
	}
	return len(marks)
}

// folded waits until everything acknowledged is folded, and returns how many
// statements are counted.
func (s *victim) folded() (n int64) {
	s.t.Helper()
	same := 0
	until(s.t, time.Minute, "all is folded", func() bool {
		now := metrics(body(s.t.Context(), "http://"+s.ops+"/metrics")).Folded
		if same++; now != n || n == 0 {
			same = 0
		}
		n = now
		return same > 5
	})
	return n
}
