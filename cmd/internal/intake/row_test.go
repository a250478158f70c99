package intake_test

import (
	"bufio"
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"brume/anonymize/keys"
	"brume/cmd/brume/simulate"
	"brume/ingest/publishers"
	"brume/internal/embedded"
	"brume/internal/kafka"
	"brume/internal/testenv/measure"
	"brume/schemas/topics"
)

const (
	partitions  = 16
	connections = 256
	batchSize   = 50
	batches     = 100
	stretch     = 4 * time.Second
)

// under is ingest in a process of its own, with a broker in this one.
type under struct{ addr, key, secret string }

func start(b *testing.B) under {
	b.Helper()
	log := slog.New(slog.DiscardHandler)
	where := embedded.DefaultBrokerConfig(b.TempDir())
	where.SyncWrites = false // as real brokers do: copies, not this disk, keep what is acknowledged
	broker, err := embedded.StartBroker(where, log)
	check(b, err)
	b.Cleanup(func() { check(b, broker.Close()) })
	cfg := kafka.DefaultConfig()
	cfg.Brokers = []string{broker.Addr()}
	client := kafka.New(cfg, log)
	defer client.Close()
	check(b, client.EnsureTopics(b.Context(), []kafka.Topic{{Name: topics.Statements, Partitions: partitions},
		{Name: topics.Quality, Partitions: 1}, {Name: topics.Publishers, Partitions: 1, Compact: true}}))
	u := under{}
	u.key, u.secret, err = publishers.NewAdmin(client, time.Now).Add(b.Context(), "bench", "generic")
	check(b, err)
	dir := filepath.Join(b.TempDir(), "keys")
	check(b, keys.Init(dir, []string{simulate.SchoolYear}, time.Now()))
	u.addr = spawn(b, settings{Keys: dir, Broker: broker.Addr(), Partitions: partitions})
	return u
}

// spawn starts the process under measure and returns its address.
func spawn(b *testing.B, s settings) string {
	b.Helper()
	text, err := json.Marshal(s)
	check(b, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	check(b, err)
	out, err := cmd.StdoutPipe()
	check(b, err)
	check(b, cmd.Start())
	b.Cleanup(func() {
		check(b, in.Close())
		check(b, cmd.Wait())
	})
	addr, err := bufio.NewReader(out).ReadString('\n')
	check(b, err)
	return strings.TrimSpace(addr)
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

var errEnough = errors.New("enough")

// simulated returns the bodies of n simulated statements that are well formed.
func simulated(b *testing.B, n int) [][]byte {
	b.Helper()
	var list [][]byte
	err := simulate.Run(b.Context(), simulate.DefaultConfig(), func(s simulate.Statement) error {
		if !s.Malformed && !s.Duplicate {
			list = append(list, bytes.Clone(s.Body))
		}
		if len(list) == n {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) {
		b.Fatal(err)
	}
	return list
}

// batched joins the statements to bodies of so many.
func batched(list [][]byte, size int) (bodies [][]byte) {
	if size == 1 {
		return list
	}
	for ; len(list) >= size; list = list[size:] {
		bodies = append(bodies, append(append([]byte{'['}, bytes.Join(list[:size], []byte{','})...), ']'))
	}
	return bodies
}

func (u under) load(path string, status, statements int, bodies [][]byte) load {
	l := load{addr: u.addr, connections: connections, statements: statements, status: status}
	for _, body := range bodies {
		l.requests = append(l.requests, requestOf(path, u.key, u.secret, body))
	}
	return l
}

// BenchmarkRowIngestSingle sends one statement a request.
func BenchmarkRowIngestSingle(b *testing.B) { ingestRow(b, 1) }

// BenchmarkRowIngestBatch sends 50 statements a request.
func BenchmarkRowIngestBatch(b *testing.B) { ingestRow(b, batchSize) }

// ingestRow measures what the process spends on a statement, what the same
// server spends when it drops the body, a strict walk of the same bytes, and
// what a peer spends on them, where one was fetched.
func ingestRow(b *testing.B, size int) {
	u := start(b)
	list := simulated(b, batches*batchSize)
	bodies := batched(list, size)
	for b.Loop() {
		taken := u.load("/xapi/statements", 200, size, bodies).flat(b, stretch)
		if os.Getenv(profileEnv) != "" {
			continue // the profile is of statements alone
		}
		dropped := u.load("/discard", 204, size, bodies).flat(b, stretch/2)
		measure.Report(b, map[string]float64{measure.Result: taken.perCPU, "dropped": dropped.perCPU, "walk": walk(b, bodies, len(list)),
			"wall": taken.perWall, "allocs": taken.allocs, "bytes": float64(len(bytes.Join(list, nil))) / float64(len(list))})
		peerRow(b, size, bodies)
	}
}

// walk reads every token of the bodies, strictly, and keeps none.
func walk(b *testing.B, bodies [][]byte, statements int) float64 {
	dec := new(jsontext.Decoder)
	return measure.Rate(statements, func() {
		for _, body := range bodies {
			dec.Reset(bytes.NewBuffer(body))
			for {
				if _, err := dec.ReadToken(); err == io.EOF {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkRowLatency sends single statements at half of the rate that was
// measured just before.
func BenchmarkRowLatency(b *testing.B) {
	u := start(b)
	l := u.load("/xapi/statements", 200, 1, simulated(b, batches*batchSize))
	for b.Loop() {
		rate := l.flat(b, stretch/2).perWall / 2
		all := l.paced(b, stretch, rate)
		at := func(q float64) float64 { return all[int(q*float64(len(all)-1))].Seconds() * 1e3 }
		measure.Report(b, map[string]float64{measure.Result: at(0.99), "p50": at(0.5), "offered": rate})
	}
}
