package kafka

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"time"

	kgo "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/fetch"
)

// The library's own decoding of a fetch hides what we need: the time at which
// the broker appended a batch, and where a batch ends whose last records were
// compacted away. So its answers are decoded here. The library keeps one
// answer type for each kind of request, which replaceFetch exchanges; its own
// Client.Fetch MUST NOT be used in this process. New calls it: the library
// reads its types without a lock, so it must happen before the first request.
var replaceFetch = sync.OnceFunc(func() { protocol.Register(&fetch.Request{}, &fetchResponse{}) })

type fetchResponse struct {
	ThrottleTimeMs int32        `kafka:"min=v1,max=v11"`
	ErrorCode      int16        `kafka:"min=v7,max=v11"`
	SessionID      int32        `kafka:"min=v7,max=v11"`
	Topics         []fetchTopic `kafka:"min=v0,max=v11"`
}

// ApiKey names the kind of request that this answers.
func (*fetchResponse) ApiKey() protocol.ApiKey { return protocol.Fetch }

type fetchTopic struct {
	Topic      string           `kafka:"min=v0,max=v11"`
	Partitions []fetchPartition `kafka:"min=v0,max=v11"`
}

type fetchPartition struct {
	Partition            int32              `kafka:"min=v0,max=v11"`
	ErrorCode            int16              `kafka:"min=v0,max=v11"`
	HighWatermark        int64              `kafka:"min=v0,max=v11"`
	LastStableOffset     int64              `kafka:"min=v4,max=v11"`
	LogStartOffset       int64              `kafka:"min=v5,max=v11"`
	AbortedTransactions  []fetchTransaction `kafka:"min=v4,max=v11"`
	PreferredReadReplica int32              `kafka:"min=v11,max=v11"`
	Batches              rawBatches         `kafka:"min=v0,max=v11"`
}

type fetchTransaction struct {
	ProducerID  int64 `kafka:"min=v4,max=v11"`
	FirstOffset int64 `kafka:"min=v4,max=v11"`
}

// rawBatches are record batches as they lie in the log.
type rawBatches struct{ bytes []byte }

// ReadFrom reads a length and that many bytes.
func (b *rawBatches) ReadFrom(r io.Reader) (int64, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return 0, err
	}
	n := int32(binary.BigEndian.Uint32(length[:]))
	if n <= 0 {
		return 4, nil
	}
	if n > 1<<30 {
		return 4, fmt.Errorf("a fetch answer of %d bytes", n)
	}
	b.bytes = make([]byte, n)
	m, err := io.ReadFull(r, b.bytes)
	return int64(4 + m), err
}

// WriteTo is never called; the library asks for it where it reads.
func (b *rawBatches) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(b.bytes)
	return int64(n), err
}

// fetchOnce asks the leader once for records from offset on: about as many
// bytes as given, but one batch at least. It waits up to wait for the first.
func (c *Client) fetchOnce(ctx context.Context, l lane, offset int64, bytes int32, wait time.Duration) (fetchPartition, error) {
	m, err := c.transport.RoundTrip(ctx, c.addr, &fetch.Request{
		ReplicaID:    -1,
		MaxWaitTime:  int32(wait.Milliseconds()),
		MinBytes:     1,
		MaxBytes:     bytes,
		SessionID:    -1,
		SessionEpoch: -1,
		Topics: []fetch.RequestTopic{{
			Topic: l.topic,
			Partitions: []fetch.RequestPartition{{
				Partition:          int32(l.partition),
				CurrentLeaderEpoch: -1,
				FetchOffset:        offset,
				LogStartOffset:     -1,
				PartitionMaxBytes:  bytes,
			}},
		}},
	})
	if err != nil {
		return fetchPartition{}, err
	}
	res, ok := m.(*fetchResponse)
	if !ok {
		return fetchPartition{}, fmt.Errorf("an unexpected answer to a fetch: %T", m)
	}
	if res.ErrorCode != 0 {
		return fetchPartition{}, kgo.Error(res.ErrorCode)
	}
	for _, t := range res.Topics {
		for _, p := range t.Partitions {
			if t.Topic != l.topic || int(p.Partition) != l.partition {
				continue
			}
			if p.ErrorCode != 0 {
				return fetchPartition{}, kgo.Error(p.ErrorCode)
			}
			return p, nil
		}
	}
	return fetchPartition{}, kgo.UnknownTopicOrPartition
}
