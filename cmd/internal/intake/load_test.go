package intake_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json/v2"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// load sends ready-made requests over so many connections, and reads no more
// of the answers than it must: client and server share this machine.
type load struct {
	addr        string
	connections int
	requests    [][]byte // whole, with their headers
	statements  int      // in each
	status      int      // of every answer
}

// outcome is what a stretch of load came to.
type outcome struct {
	perCPU  float64 // statements per second of the server's CPU time
	perWall float64 // statements per second
	allocs  float64 // objects that the server allocates for a statement
}

// flat sends as fast as the answers come, over connections that are open: a
// publisher's handshake is not a statement's.
func (l load) flat(b *testing.B, d time.Duration) outcome {
	b.Helper()
	open := l.dial(b)
	defer hangUp(open)
	l.run(b, open, 500*time.Millisecond, nil) // pools and data keys
	before, began := l.used(b), time.Now()
	n := l.run(b, open, d, nil)
	after, done := l.used(b), float64(n*int64(l.statements))
	return outcome{done / (float64(after.Nanoseconds-before.Nanoseconds) / 1e9), done / time.Since(began).Seconds(), float64(after.Objects-before.Objects) / done}
}

// paced sends at a rate whatever the answers do, and returns the latencies
// from the instants at which the requests were due, ascending.
func (l load) paced(b *testing.B, d time.Duration, perSecond float64) []time.Duration {
	b.Helper()
	open := l.dial(b)
	defer hangUp(open)
	var mu sync.Mutex
	var all []time.Duration
	began := time.Now().Add(50 * time.Millisecond)
	var next atomic.Int64
	l.run(b, open, d, func() func() {
		due := began.Add(time.Duration(float64(next.Add(1)) / perSecond * 1e9))
		time.Sleep(time.Until(due))
		return func() {
			took := time.Since(due)
			mu.Lock()
			all = append(all, took)
			mu.Unlock()
		}
	})
	slices.Sort(all)
	return all
}

// line is one open connection.
type line struct {
	net.Conn
	answers *bufio.Reader
}

func (l load) dial(b *testing.B) []line {
	b.Helper()
	open := make([]line, l.connections)
	for i := range open {
		conn, err := tls.Dial("tcp", l.addr, &tls.Config{InsecureSkipVerify: true}) // our own child, on the loopback
		if err != nil {
			b.Fatal(err)
		}
		open[i] = line{conn, bufio.NewReader(conn)}
	}
	return open
}

func hangUp(open []line) {
	for _, c := range open {
		_ = c.Close() // nothing is under way
	}
}

// run works for a while on every connection and counts the requests; before is
// called before each, and what it returns after its answer.
func (l load) run(b *testing.B, open []line, d time.Duration, before func() func()) int64 {
	b.Helper()
	var wg sync.WaitGroup
	var sent atomic.Int64
	end := time.Now().Add(d)
	for c := range open {
		wg.Go(func() {
			for i := c * 37; time.Now().Before(end); i++ {
				after := func() {}
				if before != nil {
					after = before()
				}
				if err := l.one(open[c], l.requests[i%len(l.requests)]); err != nil {
					b.Error(err)
					return
				}
				after()
				sent.Add(1)
			}
		})
	}
	wg.Wait()
	return sent.Load()
}

func (l load) one(c line, request []byte) error {
	if _, err := c.Write(request); err != nil {
		return err
	}
	answer, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != l.status {
		err = refusal{answer.Status, string(body)}
	}
	return err
}

// refusal is an answer that is not the one awaited.
type refusal struct{ status, body string }

func (r refusal) Error() string { return fmt.Sprintf("status %s: %s", r.status, r.body) }

// used asks the server what it has used.
func (l load) used(b *testing.B) (u used) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	answer, err := client.Get("https://" + l.addr + "/used")
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.UnmarshalRead(answer.Body, &u); err != nil {
		b.Fatal(err)
	}
	return u
}

// requestOf is a whole request that posts a body.
func requestOf(path, key, secret string, body []byte) []byte {
	r, err := http.NewRequest("POST", "http://127.0.0.1"+path, bytes.NewReader(body))
	if err != nil {
		panic(err) // the arguments are our own
	}
	r.SetBasicAuth(key, secret)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Experience-API-Version", "1.0.3")
	var b bytes.Buffer
	_ = r.Write(&b) // never fails
	return b.Bytes()
}
