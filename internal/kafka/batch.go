package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/segmentio/kafka-go/compress"
)

// A record batch, format 2: a header of 61 bytes, then the records, which may
// be compressed together. See "Record Batch" in the Kafka protocol guide.
const (
	batchHeader    = 61
	batchPrefix    = 12 // offset and length, which the length does not count
	batchCRCAt     = 17
	batchMaxRaw    = 64 << 20
	logAppendTime  = 1 << 3
	controlBatch   = 1 << 5
	compressedMask = 7
)

var (
	errBatch   = errors.New("a damaged record batch")
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// batch is one decoded record batch.
type batch struct {
	next    int64 // the offset after its last, whether that record is still there or not
	records []Record
}

// parseBatches decodes the batches in b, which may end in the middle of one:
// what is incomplete comes again with the next fetch.
func parseBatches(b []byte, partition int) ([]batch, error) {
	var batches []batch
	for len(b) >= batchHeader {
		length := int64(int32(binary.BigEndian.Uint32(b[8:]))) + batchPrefix
		if length < batchHeader {
			return batches, fmt.Errorf("%w: %d bytes long", errBatch, length)
		}
		if length > int64(len(b)) {
			break
		}
		one, err := parseBatch(b[:length], partition)
		if err != nil {
			return batches, err
		}
		batches = append(batches, one)
		b = b[length:]
	}
	return batches, nil
}

func parseBatch(b []byte, partition int) (batch, error) {
	base := int64(binary.BigEndian.Uint64(b))
	if magic := b[16]; magic != 2 {
		return batch{}, fmt.Errorf("%w: format %d at offset %d", errBatch, magic, base)
	}
	if got, want := crc(b), binary.BigEndian.Uint32(b[batchCRCAt:]); got != want {
		return batch{}, fmt.Errorf("%w: wrong checksum at offset %d", errBatch, base)
	}
	attributes := binary.BigEndian.Uint16(b[21:])
	result := batch{next: base + int64(int32(binary.BigEndian.Uint32(b[23:]))) + 1}
	if attributes&controlBatch != 0 {
		return result, nil // a transaction's marker: no record of ours
	}
	first, last := int64(binary.BigEndian.Uint64(b[27:])), int64(binary.BigEndian.Uint64(b[35:]))
	count := int(int32(binary.BigEndian.Uint32(b[57:])))
	raw, err := decompressed(b[batchHeader:], attributes&compressedMask)
	if err != nil {
		return batch{}, fmt.Errorf("%w: at offset %d: %w", errBatch, base, err)
	}
	if count < 0 || count > len(raw) {
		return batch{}, fmt.Errorf("%w: %d records in %d bytes at offset %d", errBatch, count, len(raw), base)
	}
	result.records = make([]Record, count)
	r := &reader{b: raw}
	for i := range result.records {
		record, millis := r.record()
		if attributes&logAppendTime != 0 {
			millis = last - first
		}
		record.Partition = partition
		record.Offset += base
		record.Time = time.UnixMilli(first + millis)
		result.records[i] = record
	}
	if r.failed {
		return batch{}, fmt.Errorf("%w: cut short at offset %d", errBatch, base)
	}
	return result, nil
}

func decompressed(b []byte, codec uint16) ([]byte, error) {
	if codec == 0 {
		return b, nil
	}
	c := compress.Compression(codec).Codec()
	if c == nil {
		return nil, fmt.Errorf("unknown compression %d", codec)
	}
	r := c.NewReader(bytes.NewReader(b))
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, batchMaxRaw+1))
	if err == nil && len(raw) > batchMaxRaw {
		err = fmt.Errorf("more than %d bytes", batchMaxRaw)
	}
	return raw, err
}

// reader takes the fields of records from b and remembers whether b was too
// short for one of them.
type reader struct {
	b      []byte
	failed bool
}

// record reads one record: its offset is relative to the batch's, millis to
// the batch's first time.
func (r *reader) record() (record Record, millis int64) {
	body := reader{b: r.bytes(r.varint())}
	body.bytes(1) // attributes: unused
	millis = body.varint()
	record.Offset = body.varint()
	record.Key = body.nullable()
	record.Value = body.nullable()
	r.failed = r.failed || body.failed
	return record, millis // headers are not ours and left unread
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.failed, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes(n int64) []byte {
	if n < 0 || n > int64(len(r.b)) {
		r.failed, r.b = true, nil
		return nil
	}
	taken := r.b[:n:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) nullable() []byte {
	n := r.varint()
	if n < 0 {
		return nil
	}
	return r.bytes(n)
}

// crc is the checksum of a batch: it covers what follows the checksum.
func crc(b []byte) uint32 { return crc32.Checksum(b[batchCRCAt+4:], castagnoli) }
