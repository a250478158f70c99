package sample

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func line() int {
	_, _, n, _ := runtime.Caller(1)
	return n
}

func TestSplit(t *testing.T) {
	rows := []struct {
		line int
		text string
		want []string
	}{
		{line(), "", nil},
		{line(), " \n ", nil},
		{line(), `{"a":1}`, []string{`{"a":1}`}},
		{line(), "{\n \"a\": 1\n}\n", []string{"{\n \"a\": 1\n}"}},
		{line(), "[]", nil},
		{line(), "[\n{\"a\":1},\n {\"a\":[2,\"]\"]} ]\n", []string{`{"a":1}`, `{"a":[2,"]"]}`}},
		{line(), "{\"a\":1}\n\n{\"a\":2}\r\n", []string{`{"a":1}`, `{"a":2}`}},
		{line(), "{\"a\":1}\n{\"a\":2\n{\"a\":3}", []string{`{"a":1}`, `{"a":2`, `{"a":3}`}},           // a broken line costs only itself
		{line(), "{\"a\":1,\"a\":2}\n{\"a\":\"\xff\"}", []string{`{"a":1,"a":2}`, "{\"a\":\"\xff\"}"}}, // for the decoder to refuse
		{line(), `[{"a":1},{"a":`, []string{`{"a":1}`, `{"a":`}},
		{line(), `[{"a":1}`, []string{`{"a":1}`, `}`}},
		{line(), `[{"a":1}] x`, []string{`{"a":1}`, `x`}},
		{line(), `{"a":1}{"a":2}`, []string{`{"a":1}`, `{"a":2}`}},
		{line(), "\xef\xbb\xbf{}", []string{"\xef\xbb\xbf{}"}},
		{line(), "][", []string{"]["}},
	}
	for _, row := range rows {
		var got []string
		for _, b := range split([]byte(row.text)) {
			got = append(got, string(b))
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("line %d: got %q, want %q", row.line, got, row.want)
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte("{}\n{}"))
	z.Close()
	for name, data := range map[string][]byte{"plain": []byte("{}\n{}"), "packed": packed.Bytes(), "one": []byte("{"), "cut": packed.Bytes()[:packed.Len()-9]} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]int{"plain": 2, "packed": 2, "one": 1, "cut": -1, "absent": -1} {
		list, err := Read(filepath.Join(dir, name))
		if (err != nil) != (want < 0) || err == nil && len(list) != want {
			t.Errorf("%s: got %d, %v", name, len(list), err)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte("[{},{}]"))
	f.Add([]byte("{}\n{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		for _, piece := range split(data) {
			if len(piece) == 0 {
				t.Fatal("an empty piece")
			}
			n += len(piece)
		}
		if n > len(data)+1 {
			t.Fatal("more than was there")
		}
	})
}
