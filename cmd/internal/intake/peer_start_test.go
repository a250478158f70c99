package intake_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/testenv/measure"
)

const (
	peerUser  = "bench"
	peerStart = time.Minute
)

// peer is Ralph as its documentation serves it: uvicorn with one worker and
// Basic authentication. Its documentation wants a database below it, so it has
// an embedded ClickHouse, with the table that its documentation creates. (Its
// store of files, in 5.1.0, fails from the second request on.)
type peer struct {
	addr, password string
	pid            int
	store          *clickhouse.Client
}

func startPeer(b *testing.B, python string) peer {
	b.Helper()
	home, password := b.TempDir(), rand.Text()
	store, env := peerStore(b)
	env = append(env, "HOME="+home, "PATH="+os.Getenv("PATH"), "RALPH_APP_DIR="+home,
		"RALPH_RUNSERVER_BACKEND=clickhouse", "RALPH_RUNSERVER_AUTH_BACKENDS=basic")
	command := func(args ...string) *exec.Cmd {
		cmd := exec.Command(python, append([]string{"-m"}, args...)...)
		cmd.Dir, cmd.Env = home, env
		return cmd
	}
	if text, err := command("ralph", "auth", "--write-to-disk", "--username", peerUser, "--password", password,
		"--scope", "statements/write", "--scope", "statements/read", "--agent-ifi-mbox", "mailto:bench@example.org").CombinedOutput(); err != nil {
		b.Fatalf("making the peer's credentials: %v\n%s", err, text)
	}
	port := strconv.Itoa(freePort(b))
	log, err := os.Create(filepath.Join(home, "log"))
	check(b, err)
	server := command("uvicorn", "ralph.api:app", "--proxy-headers", "--workers", "1", "--host", "127.0.0.1", "--port", port)
	server.Stdout, server.Stderr = log, log
	check(b, server.Start())
	b.Cleanup(func() {
		check(b, server.Process.Signal(syscall.SIGTERM))
		_ = server.Wait() // it ends with the signal
		_ = log.Close()
	})
	p := peer{addr: net.JoinHostPort("127.0.0.1", port), password: password, pid: server.Process.Pid, store: store}
	if err := p.await(b); err != nil {
		text, _ := os.ReadFile(log.Name())
		b.Fatalf("starting the peer: %v\n%s", err, text)
	}
	return p
}

// await waits until the peer knows its user.
func (p peer) await(b *testing.B) error {
	r, err := http.NewRequestWithContext(b.Context(), "GET", "http://"+p.addr+"/whoami", nil)
	check(b, err)
	r.SetBasicAuth(peerUser, p.password)
	for end := time.Now().Add(peerStart); ; time.Sleep(100 * time.Millisecond) {
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("status %s", answer.Status)
		}
		if time.Now().After(end) {
			return err
		}
	}
}

// cpu is what the peer and its children have used; its database is no child of
// it, as the broker is none of ingest.
func (p peer) cpu(b *testing.B) time.Duration {
	b.Helper()
	used, err := measure.Tree(p.pid)
	check(b, err)
	return used
}

// stored is how many statements the peer has kept.
func (p peer) stored(b *testing.B) (n uint64) {
	b.Helper()
	rows, err := p.store.Query(b.Context(), "SELECT count() FROM xapi_events_all")
	check(b, err)
	defer rows.Close()
	for rows.Next() {
		check(b, rows.Scan(&n))
	}
	check(b, rows.Err())
	return n
}

// peerStore starts the peer's database and returns the settings that tell the
// peer where it is.
func peerStore(b *testing.B) (*clickhouse.Client, []string) {
	b.Helper()
	port := freePort(b)
	ch, err := embedded.StartClickHouse(b.Context(), embedded.ClickHouseConfig{Dir: b.TempDir(), HTTPPort: port}, slog.New(slog.DiscardHandler))
	check(b, err)
	b.Cleanup(func() { check(b, ch.Close()) })
	cfg := ch.User(embedded.Migrator)
	cfg.Database = embedded.Databases[0]
	db, err := clickhouse.Open(cfg)
	check(b, err)
	b.Cleanup(func() { check(b, db.Close()) })
	check(b, db.Exec(b.Context(), `CREATE TABLE xapi_events_all (event_id UUID, emission_time DateTime64(6), event String)
		ENGINE = MergeTree ORDER BY (emission_time, event_id) PRIMARY KEY (emission_time, event_id)`))
	const prefix = "RALPH_BACKENDS__LRS__CLICKHOUSE__"
	return db, []string{prefix + "HOST=127.0.0.1", prefix + "PORT=" + strconv.Itoa(port), prefix + "DATABASE=" + cfg.Database,
		prefix + "USERNAME=" + cfg.User, prefix + "PASSWORD=" + cfg.Password}
}

func freePort(b *testing.B) int {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(b, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
