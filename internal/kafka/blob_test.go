package kafka_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"brume/internal/kafka"
)

func TestBlobsComeOutOnceWhateverTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 524_000, 524_288, 524_289, 2_000_000}), 1, 3).Draw(t, "sizes")
		want := map[string][]byte{}
		var parts [][]byte
		for i, size := range sizes {
			name := string(rune('a' + i))
			want[name] = bytes.Repeat([]byte{byte(i + 1)}, size)
			for _, part := range kafka.SplitBlob(name, want[name]) {
				if len(part) > 512<<10 {
					t.Fatalf("a part of %d bytes", len(part))
				}
				parts = append(parts, part)
			}
		}
		parts = append(parts, parts[:rapid.IntRange(0, len(parts)).Draw(t, "doubled")]...)
		parts = rapid.Permutation(parts).Draw(t, "order")
		var a kafka.Assembler
		got := 0
		for _, part := range parts {
			name, payload, complete, err := a.Add(part)
			if err != nil {
				t.Fatal(err)
			}
			if complete {
				got++
				if !bytes.Equal(payload, want[name]) {
					t.Fatalf("blob %q differs", name)
				}
			}
		}
		if got != len(want) {
			t.Fatalf("%d blobs; want %d", got, len(want))
		}
	})
}

func TestDamagedBlobs(t *testing.T) {
	good := kafka.SplitBlob("name", []byte("payload"))[0]
	for name, value := range map[string][]byte{
		"empty":          {},
		"other format":   append([]byte{9}, good[1:]...),
		"cut in header":  good[:40],
		"another byte":   append(bytes.Clone(good[:len(good)-1]), 'X'),
		"another length": good[:len(good)-1],
	} {
		var a kafka.Assembler
		if _, _, complete, err := a.Add(value); !errors.Is(err, kafka.ErrBlob) || complete {
			t.Errorf("%s: complete %v, %v; want ErrBlob", name, complete, err)
		}
	}
}

func FuzzAssembler(f *testing.F) {
	for _, part := range kafka.SplitBlob("name", bytes.Repeat([]byte("x"), 600_000)) {
		f.Add(part)
	}
	f.Add(kafka.SplitBlob("", nil)[0])
	f.Fuzz(func(t *testing.T, value []byte) {
		var a kafka.Assembler
		name, payload, complete, err := a.Add(value)
		if complete && err != nil {
			t.Error("complete and wrong")
		}
		if complete && !bytes.Equal(kafka.SplitBlob(name, payload)[0], value) {
			t.Error("another encoding of the same part")
		}
	})
}
