package kafka

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// A blob is a payload too large for one record, cut into parts that each say
// what they belong to. A part is: format (1 byte), SHA-256 of the payload,
// number of this part and of all (4 bytes each), length of the name (2
// bytes), name, data; numbers big-endian.
const (
	blobFormat   = 1
	blobPart     = 512 << 10 // a whole part, at most
	blobHeader   = 1 + sha256.Size + 4 + 4 + 2
	blobMaxName  = 1 << 10
	blobMaxParts = 1 << 13 // 4 GiB
)

// ErrBlob means that a value is no part of a blob, or that the parts do not
// make up what they promise.
var ErrBlob = errors.New("a damaged blob")

// SplitBlob cuts the payload into values of at most 512 KiB, at least one. It
// panics when the name is longer than 1 KiB or the payload than 4 GiB: both
// are the program's own.
func SplitBlob(name string, payload []byte) [][]byte {
	room := blobPart - blobHeader - len(name)
	n := max(1, (len(payload)+room-1)/room)
	if len(name) > blobMaxName || n > blobMaxParts {
		panic(fmt.Sprintf("a blob with a name of %d bytes and %d parts", len(name), n))
	}
	sum := sha256.Sum256(payload)
	parts := make([][]byte, n)
	for i := range parts {
		data := payload[i*room : min((i+1)*room, len(payload))]
		part := make([]byte, 0, blobHeader+len(name)+len(data))
		part = append(part, blobFormat)
		part = append(part, sum[:]...)
		part = binary.BigEndian.AppendUint32(part, uint32(i))
		part = binary.BigEndian.AppendUint32(part, uint32(n))
		part = binary.BigEndian.AppendUint16(part, uint16(len(name)))
		part = append(part, name...)
		parts[i] = append(part, data...)
	}
	return parts
}

// Assembler puts blobs together again. Parts may come in any order, doubled,
// and mixed with those of other blobs; each blob comes out once. The zero
// value is ready for use, by one goroutine.
type Assembler struct {
	open map[blobID]*openBlob
	done map[blobID]bool
}

type blobID struct {
	name string
	sum  [sha256.Size]byte
}

type openBlob struct {
	parts [][]byte
	left  int
}

// Add takes one value. When it completes a blob, Add returns it, verified. It
// keeps references to value.
func (a *Assembler) Add(value []byte) (name string, payload []byte, complete bool, err error) {
	id, i, n, data, err := parsePart(value)
	if err != nil {
		return "", nil, false, err
	}
	if a.done[id] {
		return id.name, nil, false, nil
	}
	if a.open == nil {
		a.open, a.done = map[blobID]*openBlob{}, map[blobID]bool{}
	}
	blob := a.open[id]
	if blob == nil {
		blob = &openBlob{parts: make([][]byte, n), left: n}
		a.open[id] = blob
	}
	if len(blob.parts) != n {
		return id.name, nil, false, fmt.Errorf("%w: %d parts, and %d", ErrBlob, len(blob.parts), n)
	}
	if blob.parts[i] == nil {
		blob.parts[i] = data
		blob.left--
	}
	if blob.left > 0 {
		return id.name, nil, false, nil
	}
	delete(a.open, id)
	for _, part := range blob.parts {
		payload = append(payload, part...)
	}
	if sha256.Sum256(payload) != id.sum {
		return id.name, nil, false, fmt.Errorf("%w: wrong checksum", ErrBlob)
	}
	a.done[id] = true
	return id.name, payload, true, nil
}

func parsePart(value []byte) (id blobID, i, n int, data []byte, err error) {
	if len(value) < blobHeader || value[0] != blobFormat {
		return id, 0, 0, nil, fmt.Errorf("%w: no part", ErrBlob)
	}
	copy(id.sum[:], value[1:])
	rest := value[1+sha256.Size:]
	part, parts := binary.BigEndian.Uint32(rest), binary.BigEndian.Uint32(rest[4:])
	length := int(binary.BigEndian.Uint16(rest[8:]))
	rest = rest[10:]
	if length > blobMaxName || length > len(rest) || parts == 0 || parts > blobMaxParts || part >= parts {
		return id, 0, 0, nil, fmt.Errorf("%w: impossible numbers", ErrBlob)
	}
	id.name = string(rest[:length])
	return id, int(part), int(parts), rest[length:len(rest):len(rest)], nil
}
