package kafka_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"brume/internal/embedded"
	"brume/internal/kafka"
)

// brokerEnv makes the test binary a broker on "DIR ADDR" that waits to be
// killed.
const brokerEnv = "BRUME_TEST_BROKER"

func maybeRunBroker() {
	dir, addr, found := strings.Cut(os.Getenv(brokerEnv), " ")
	if !found {
		return
	}
	cfg := embedded.DefaultBrokerConfig(dir)
	cfg.Addr = addr
	b, err := embedded.StartBroker(cfg, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(b.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin) // ends with the test
	os.Exit(0)
}

type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	addr  string
}

func startBroker(t *testing.T, dir, addr string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), brokerEnv+"="+dir+" "+addr)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return &process{cmd: cmd, stdin: stdin, addr: strings.TrimSpace(line)}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.stdin.Close()
}

// What was acknowledged is there after each kill -9, in order, and what was
// not was retried by the producers.
func TestAcknowledgedRecordsSurviveKill(t *testing.T) {
	dir := t.TempDir()
	b := startBroker(t, dir, "127.0.0.1:0")
	defer func() { b.kill() }()
	cfg := kafka.DefaultConfig()
	cfg.Brokers = []string{b.addr}
	c := clientWith(t, cfg, kafka.Topic{Name: "killed", Partitions: 1})
	ctx := within(t, time.Minute)
	const callers, each = 16, 100
	var producers sync.WaitGroup
	for caller := range callers {
		producers.Go(func() {
			for i := range each {
				if err := c.Produce(ctx, "killed", 0, number(caller*each+i)); err != nil {
					t.Error(err)
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	for range 3 {
		time.Sleep(150 * time.Millisecond)
		b.kill()
		b = startBroker(t, dir, b.addr)
	}
	producers.Wait()
	got := numbers(t, c, "killed", 0)
	if n := len(distinct(got)); n != callers*each {
		t.Errorf("%d distinct records of %d; want %d", n, len(got), callers*each)
	}
	next := map[int]int{}
	for _, n := range got {
		caller, i := n/each, n%each
		if i > next[caller] {
			t.Fatalf("caller %d: record %d before %d", caller, i, next[caller])
		}
		next[caller] = max(next[caller], i+1)
	}
}
