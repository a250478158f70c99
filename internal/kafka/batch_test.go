package kafka

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// encoded is a batch as a broker sends it: offsets from base on, of which
// kept are left after compaction out of count.
func encoded(base int64, count int32, appended bool, kept ...int32) []byte {
	b := kmsg.RecordBatch{
		FirstOffset: base, Magic: 2, LastOffsetDelta: count - 1,
		FirstTimestamp: 1_000, MaxTimestamp: 9_000, ProducerID: -1, NumRecords: int32(len(kept)),
	}
	if appended {
		b.Attributes = logAppendTime
	}
	for _, delta := range kept {
		r := kmsg.Record{TimestampDelta64: int64(delta), OffsetDelta: delta, Key: []byte("k"), Value: []byte("value")}
		r.Length = int32(len(r.AppendTo(nil)) - 1)
		b.Records = r.AppendTo(b.Records)
	}
	raw := b.AppendTo(nil)
	b.Length = int32(len(raw) - batchPrefix)
	raw = b.AppendTo(nil)
	b.CRC = int32(crc(raw))
	return b.AppendTo(nil)
}

func TestParseBatches(t *testing.T) {
	log := append(encoded(100, 3, false, 0, 1, 2), encoded(103, 4, true, 1)...)
	whole := len(log)
	log = append(log, encoded(107, 1, false, 0)[:30]...) // cut short, as fetches end
	batches, err := parseBatches(log, 5)
	if err != nil || len(batches) != 2 {
		t.Fatalf("%d batches, %v; want 2", len(batches), err)
	}
	first, second := batches[0], batches[1]
	if first.next != 103 || len(first.records) != 3 || first.records[2].Offset != 102 || first.records[2].Partition != 5 {
		t.Errorf("first: %+v", first)
	}
	if got := first.records[2].Time; !got.Equal(time.UnixMilli(1_002)) {
		t.Errorf("produced at %v", got)
	}
	if second.next != 107 || len(second.records) != 1 || second.records[0].Offset != 104 || string(second.records[0].Value) != "value" {
		t.Errorf("second, compacted: %+v", second)
	}
	if got := second.records[0].Time; !got.Equal(time.UnixMilli(9_000)) {
		t.Errorf("appended at %v; want the broker's time", got)
	}
	for i := range whole {
		damaged := append([]byte(nil), log[:whole]...)
		damaged[i] ^= 0x40
		if batches, err := parseBatches(damaged, 5); err == nil && len(batches) == 2 && i >= batchCRCAt {
			if i < len(encoded(100, 3, false, 0, 1, 2)) || i >= len(encoded(100, 3, false, 0, 1, 2))+batchCRCAt {
				t.Errorf("damage at byte %d is not noticed", i)
			}
		}
	}
}

func FuzzParseBatches(f *testing.F) {
	f.Add(encoded(100, 3, false, 0, 1, 2))
	f.Add(encoded(103, 4, true, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		batches, err := parseBatches(b, 0)
		if err != nil {
			return
		}
		for _, batch := range batches {
			for _, r := range batch.records {
				_, _ = r.Offset, len(r.Value)
			}
		}
	})
}
