package embedded_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brume/internal/embedded"
	"brume/internal/testenv"
)

// HTTP is open where it was asked for, asks for a password, and is closed by
// default: no listening socket but that of the native protocol.
func TestHTTPOnlyWhenAsked(t *testing.T) {
	if _, err := embedded.Libchdb(); err != nil {
		testenv.Missing(t, "%v", err)
	}
	if _, err := os.Stat("/proc/net/tcp"); err != nil {
		t.Skip("no /proc: cannot see who listens")
	}
	for _, wanted := range []bool{false, true} {
		before := listening(t)
		cfg := embedded.ClickHouseConfig{Dir: t.TempDir()}
		if wanted {
			cfg.HTTPPort = freePort(t)
		}
		ch, err := embedded.StartClickHouse(t.Context(), cfg, testenv.Log(t))
		if err != nil {
			t.Fatal(err)
		}
		opened := listening(t) - before
		if want := 1 + min(1, cfg.HTTPPort); opened != want {
			t.Errorf("HTTP wanted: %v; %d listening sockets, want %d", wanted, opened, want)
		}
		if wanted {
			refused(t, ch, cfg.HTTPPort)
		}
		if err := ch.Close(); err != nil {
			t.Error(err)
		}
	}
}

func refused(t *testing.T, ch *embedded.ClickHouse, port int) {
	t.Helper()
	ask := func(password string) int {
		r, err := http.NewRequestWithContext(t.Context(), "POST", fmt.Sprintf("http://127.0.0.1:%d/", port), strings.NewReader("SELECT 1"))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(embedded.Migrator, password)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		_, _ = io.Copy(io.Discard, answer.Body)
		return answer.StatusCode
	}
	if right, wrong := ask(ch.User(embedded.Migrator).Password), ask("wrong"); right != 200 || wrong == 200 {
		t.Errorf("HTTP answers %d with the password and %d without", right, wrong)
	}
}

// listening counts the listening sockets of the processes that this one
// started.
func listening(t *testing.T) (n int) {
	t.Helper()
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, _ := os.ReadFile(table) // no IPv6, no table
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" {
				sockets["socket:["+f[9]+"]"] = true
			}
		}
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		text, _ := os.ReadFile(stat) // it may have ended
		_, rest, _ := strings.Cut(string(text), ") ")
		if f := strings.Fields(rest); len(f) < 2 || f[1] != fmt.Sprint(os.Getpid()) {
			continue
		}
		open, _ := filepath.Glob(filepath.Join(filepath.Dir(stat), "fd", "*"))
		for _, fd := range open {
			if name, err := os.Readlink(fd); err == nil && sockets[name] {
				n++
			}
		}
	}
	return n
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
