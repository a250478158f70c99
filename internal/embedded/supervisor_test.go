package embedded_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/testenv"
)

// parentEnv makes the test binary a program that starts ClickHouse in the
// named directory, prints its address and waits to be killed.
const parentEnv = "BRUME_TEST_PARENT"

func maybeRunParent() bool {
	dir := os.Getenv(parentEnv)
	if dir == "" || os.Getenv("BRUME_CHDB_CHILD") != "" {
		return false
	}
	embedded.MaybeRunChild()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ch, err := embedded.StartClickHouse(context.Background(), embedded.ClickHouseConfig{Dir: dir}, log)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return true
	}
	fmt.Println(ch.Addr())
	select {}
}

// serverPID finds the process that listens on addr: the child writes its
// number into its data directory.
func serverPID(t *testing.T, dir string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "data", "status"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if pid, ok := strings.CutPrefix(line, "PID: "); ok {
			n, err := strconv.Atoi(strings.TrimSpace(pid))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no PID in %q", b)
	return 0
}

func start(t *testing.T, cfg embedded.ClickHouseConfig) *embedded.ClickHouse {
	t.Helper()
	if _, err := embedded.Libchdb(); err != nil {
		testenv.Missing(t, "%v", err)
	}
	ch, err := embedded.StartClickHouse(within(t, time.Minute), cfg, testenv.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ch.Close() })
	return ch
}

// count reads published.kept, asking again while the server comes back.
func count(t *testing.T, db *clickhouse.Client) int {
	t.Helper()
	ctx := within(t, 30*time.Second)
	for {
		n, err := run(ctx, db, "SELECT * FROM published.kept")
		if err == nil {
			return n
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func TestAcknowledgedInsertsSurviveKill(t *testing.T) {
	dir := t.TempDir()
	ch := start(t, embedded.ClickHouseConfig{Dir: dir})
	mustExec(t, open(t, ch, embedded.Migrator), "CREATE TABLE published.kept (a UInt32) ENGINE = MergeTree ORDER BY a")
	loader := open(t, ch, embedded.Loader)
	for round := 1; round <= 3; round++ {
		mustExec(t, loader, "INSERT INTO published.kept SELECT number FROM numbers(100)")
		if err := syscall.Kill(serverPID(t, dir), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if got := count(t, loader); got != 100*round {
			t.Fatalf("round %d: %d rows after kill -9; want %d", round, got, 100*round)
		}
	}
}

func TestDataAndPasswordsSurviveClose(t *testing.T) {
	dir := t.TempDir()
	first := start(t, embedded.ClickHouseConfig{Dir: dir})
	mustExec(t, open(t, first, embedded.Migrator), "CREATE TABLE published.kept (a UInt32) ENGINE = MergeTree ORDER BY a")
	mustExec(t, open(t, first, embedded.Loader), "INSERT INTO published.kept VALUES (1)")
	_, port, _ := net.SplitHostPort(first.Addr())
	n, _ := strconv.Atoi(port)
	began := time.Now()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("closing took %v", took)
	}
	second := start(t, embedded.ClickHouseConfig{Dir: dir, TCPPort: n})
	if second.Addr() != first.Addr() {
		t.Errorf("address %s; want %s", second.Addr(), first.Addr())
	}
	if second.User(embedded.Loader).Password != first.User(embedded.Loader).Password {
		t.Error("the loader's password changed")
	}
	if got := count(t, open(t, second, embedded.Dashboards)); got != 1 {
		t.Errorf("%d rows; want 1", got)
	}
}

func TestSecretsAreForTheOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	start(t, embedded.ClickHouseConfig{Dir: dir})
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if rel == "data" {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err == nil && rel != "." && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", rel, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestChildDiesWithItsParent(t *testing.T) {
	if _, err := embedded.Libchdb(); err != nil {
		testenv.Missing(t, "%v", err)
	}
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.Command(self)
	parent.Env = append(os.Environ(), parentEnv+"="+dir)
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid := serverPID(t, dir)
	_ = parent.Process.Kill()
	go io.Copy(io.Discard, out)
	_ = parent.Wait()
	deadline := time.Now().Add(8 * time.Second)
	for syscall.Kill(pid, 0) == nil {
		if time.Now().After(deadline) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatalf("the child %d outlived its parent on %s", pid, strings.TrimSpace(addr))
		}
		time.Sleep(50 * time.Millisecond)
	}
}
