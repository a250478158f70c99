package unpack

import (
	"bytes"
	"io"
)

// modest is how much memory a body gets on its word alone.
const modest = 1 << 20

// Fill appends in to b, to its end or until b holds more than most bytes, which
// is ErrSize. Memory does not grow beyond that. A body that says its size, not 0,
// gets it at once when it has brought a modest part.
func Fill(b *bytes.Buffer, in io.Reader, size, most int64) error {
	for {
		if b.Available() == 0 {
			enlarge(b, size, most)
		}
		free := b.AvailableBuffer()
		n, err := in.Read(free[:cap(free)])
		b.Write(free[:n])
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case int64(b.Len()) > most:
			return ErrSize
		}
	}
}

// enlarge doubles b, or gives it the size that the body says.
func enlarge(b *bytes.Buffer, size, most int64) {
	had := int64(b.Len())
	to := max(2*int64(b.Cap()), slack)
	if size > 0 && size >= had && (size <= modest || had >= modest) {
		to = size + 1
	}
	if to >= most {
		to = most + 1
	}
	larger := bytes.NewBuffer(make([]byte, 0, to))
	larger.Write(b.Bytes())
	*b = *larger
}
