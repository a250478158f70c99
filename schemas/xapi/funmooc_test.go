package xapi

import (
	"bufio"
	"compress/gzip"
	"errors"
	"os"
	"testing"

	"brume/internal/testenv"
)

// funMOOC calls fn with each line of the recorded statements.
func funMOOC(tb testing.TB, fn func(line []byte)) {
	f, err := os.Open(testenv.Data(tb, "fun-mooc-22000.ndjson.gz"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fn(lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
}

// Statements that a real platform emitted must be acknowledged, nearly all.
func TestRecordedStatements(t *testing.T) {
	accepted, refused := 0, map[Code]int{}
	funMOOC(t, func(line []byte) {
		_, err := Decode(line, Options{Limits: DefaultLimits()})
		if faults, ok := errors.AsType[Faults](err); ok {
			refused[faults[0].Code]++
			return
		}
		accepted++
	})
	t.Logf("accepted %d, refused %v", accepted, refused)
	if accepted < 21_000 {
		t.Errorf("accepted %d recorded statements, want at least 21000; refused by rule: %v", accepted, refused)
	}
}
