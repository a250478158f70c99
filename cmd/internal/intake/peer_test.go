package intake_test

import (
	"bufio"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"brume/internal/embedded"
	"brume/internal/testenv"
	"brume/internal/testenv/measure"
)

// peerConnections are few: the peer's one worker waits for its database and
// serves no other request meanwhile.
const peerConnections = 4

// peerRow adds what a peer LRS spends on the same bodies. Without the peer it
// adds nothing.
func peerRow(b *testing.B, size int, bodies [][]byte) {
	python, err := testenv.Peer()
	if _, noStore := embedded.Libchdb(); errors.Is(err, testenv.ErrNoPeer) || noStore != nil {
		b.Log("left out:", errors.Join(err, noStore))
		return
	}
	check(b, err)
	p := startPeer(b, python)
	var requests [][]byte
	for _, body := range bodies {
		requests = append(requests, requestOf("/xAPI/statements", peerUser, p.password, body))
	}
	open := p.dial(b)
	defer hangUp(open)
	queue := &queue{requests: requests}
	queue.send(b, open, time.Second) // code that is loaded late, the credentials' digest
	warm := queue.taken.Load()
	used, began := p.cpu(b), time.Now()
	queue.send(b, open, stretch)
	spent, took := p.cpu(b)-used, time.Since(began)
	if kept, want := p.stored(b), uint64(queue.taken.Load())*uint64(size); kept != want {
		b.Fatalf("the peer took %d statements and kept %d", want, kept)
	}
	done := float64(queue.taken.Load()-warm) * float64(size)
	measure.Report(b, map[string]float64{
		"peer": done / spent.Seconds(), "peer-wall": done / took.Seconds(),
		"peer-taken": done, "peer-refused": float64(queue.refused.Load()) * float64(size)})
}

// queue sends every request once: a peer does less for what it has already.
type queue struct {
	requests             [][]byte
	next, taken, refused atomic.Int64
}

func (q *queue) send(b *testing.B, open []line, d time.Duration) {
	b.Helper()
	end := time.Now().Add(d)
	var all errgroup.Group
	for _, conn := range open {
		all.Go(func() error {
			for time.Now().Before(end) {
				i := q.next.Add(1) - 1
				if i >= int64(len(q.requests)) {
					return nil
				}
				err := load{status: 200}.one(conn, q.requests[i])
				if _, ok := errors.AsType[refusal](err); ok {
					q.refused.Add(1)
				} else if err != nil {
					return err
				} else {
					q.taken.Add(1)
				}
			}
			return nil
		})
	}
	check(b, all.Wait())
}

func (p peer) dial(b *testing.B) []line {
	b.Helper()
	open := make([]line, peerConnections)
	for i := range open {
		conn, err := net.Dial("tcp", p.addr)
		check(b, err)
		open[i] = line{conn, bufio.NewReader(conn)}
	}
	return open
}
