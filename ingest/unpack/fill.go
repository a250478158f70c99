package unpack

import (
	"bytes"
	"io"
)

// Fill reads all of in into the buffer, which grows by doubling as bytes
// arrive, whatever a header promises, and not before they do: ReadFrom takes
// up to four times the bytes. The end is no error.
func Fill(b *bytes.Buffer, in io.Reader) error {
	var more [bytes.MinRead]byte
	for {
		room := b.AvailableBuffer()
		room = room[:cap(room)]
		if len(room) == 0 {
			room = more[:] // the end may come before there is a need for room
		}
		n, err := in.Read(room)
		if n > b.Available() {
			grown := make([]byte, b.Len(), max(2*b.Cap(), bytes.MinRead))
			copy(grown, b.Bytes())
			*b = *bytes.NewBuffer(grown)
		}
		_, _ = b.Write(room[:n])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
