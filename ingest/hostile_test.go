package ingest

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"brume/internal/testenv/packed"
)

const (
	hostileAlloc = 8 << 20               // beyond the body
	hostileCPU   = 50 * time.Millisecond // reported, not asserted: machines differ
	hostileSlack = 256 << 10             // what an answer and a request cost anyhow
)

// hostile is a request that is meant to cost much.
type hostile struct {
	name   string
	body   string
	edit   func(*http.Request)
	status int
	code   string // "" accepts
}

// with is a statement that holds a further property.
func with(property, value string) string { return statement("1", `,"`+property+`":`+value) }

// batchOf repeats a statement as often as the body has room for.
func batchOf(statement string) string {
	n := min(1000, (8<<20-2)/(len(statement)+1))
	return "[" + strings.Repeat(statement+",", n-1) + statement + "]"
}

// keys is an object of n different keys.
func keys(n int, prefix, value string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%s%x":%s`, prefix, i, value)
	}
	return "{" + b.String()[1:] + "}"
}

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

// coded packs without repeats: the dearest to unpack.
func coded(text string) string {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.HuffmanOnly)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func zstdPacked(text string) string {
	z, err := zstd.NewWriter(nil, zstd.WithWindowSize(1<<20))
	if err != nil {
		panic(err) // the options are constants
	}
	return string(z.EncodeAll([]byte(text), nil))
}

// multiparts is a body of a statement and n parts of different content.
func multiparts(n int, header, content string) string {
	var b strings.Builder
	b.WriteString("--b\r\nContent-Type: application/json\r\n\r\n" + statement("1", ""))
	for i := range n {
		text := content + strconv.Itoa(i)
		fmt.Fprintf(&b, "\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: %x%s\r\n\r\n%s",
			sha256.Sum256([]byte(text)), header, text)
	}
	return b.String() + "\r\n--b--\r\n"
}

func hostileBodies() []hostile {
	const full, most = 8 << 20, 250 << 10
	ext := func(value string) string { return with("context", `{"extensions":{"a:b":`+value+`}}`) }
	x := strings.Repeat("x", most)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	gz, zs := header("Content-Encoding", "gzip"), header("Content-Encoding", "zstd")
	mixed := header("Content-Type", "multipart/mixed; boundary=b")
	return []hostile{
		{"spaces over the limit", strings.Repeat(" ", full+1), nil, 413, "limit.body"},
		{"spaces", strings.Repeat(" ", full), nil, 400, "json.syntax"},
		{"open arrays", strings.Repeat("[", full), nil, 400, "limit.depth"},
		{"open objects", strings.Repeat(`{"a":`, full/5), nil, 400, "property.unknown"},
		{"numbers", "[" + strings.Repeat("1,", full/2-2) + "1]", nil, 400, "value.type"},
		{"empty objects", "[" + strings.Repeat("{},", full/3-1) + "{}]", nil, 400, "property.missing"},
		{"empty strings", "[" + strings.Repeat(`"",`, full/3-1) + `""]`, nil, 400, "value.type"},
		{"a statement of 8 MiB", with("result", `{"response":"`+strings.Repeat("x", full-1024)+`"}`), nil, 413, "limit.statement"},
		{"a statement of escapes", with("result", `{"response":"`+strings.Repeat(`\u00e9`, full/6-200)+`"}`), nil, 413, "limit.statement"},
		{"a number of 8 MiB", ext(strings.Repeat("9", full-1024)), nil, 413, "limit.statement"},
		{"1,001 statements", "[" + strings.Repeat(statement("1", "")+",", 1000) + statement("1", "") + "]", nil, 413, "limit.batch"},
		{"33 levels", ext(strings.Repeat("[", 40) + strings.Repeat("]", 40)), nil, 400, "limit.depth"},
		{"levels at their limit", batchOf(ext("[" + strings.Repeat(strings.Repeat("[", 20)+strings.Repeat("]", 20)+",", most/41) + "1]")), nil, 200, ""},
		{"keys", batchOf(ext(keys(most/12, "k", "1"))), nil, 200, ""},
		{"a key twice after many", batchOf(ext(strings.TrimSuffix(keys(most/12, "k", "1"), "}") + `,"k0":1}`)), nil, 400, "json.duplicate_key"},
		{"numbers in extensions", batchOf(ext("[" + strings.Repeat("1e9,", most/4) + "1]")), nil, 200, ""},
		{"escapes in extensions", batchOf(ext(`"` + strings.Repeat(`\u00e9`, most/6) + `"`)), nil, 200, ""},
		{"an actor's long name", batchOf(strings.Replace(statement("1", ""), `"actor":{`, `"actor":{"name":"`+x+`",`, 1)), nil, 200, ""},
		{"long identifiers", batchOf(strings.Replace(statement("1", ""), `"https://`, `"https://`+x, 1)), nil, 200, ""},
		{"exponents", batchOf(with("result", `{"score":{"raw":1e400000000,"min":-1e400000000}}`)), nil, 400, "value.type"},
		{"digits", batchOf(with("result", `{"score":{"raw":0.`+strings.Repeat("9", most)+`}}`)), nil, 200, ""},
		{"durations", batchOf(with("result", `{"duration":"P`+strings.Repeat("9", most)+`Y"}`)), nil, 400, "format.duration"},
		{"timestamps", batchOf(with("timestamp", `"2026-09-14T09:59:59.`+strings.Repeat("9", most)+`Z"`)), nil, 200, ""},
		{"languages", batchOf(with("verb", `{"id":"a:b","display":`+keys(most/12, "zz-", `""`)+`}`)), nil, 400, ""},
		{"activities", batchOf(with("context", `{"contextActivities":{"other":[`+strings.Repeat(`{"id":"a:b"},`, most/14)+`{"id":"a:b"}]}}`)), nil, 200, ""},
		{"members", batchOf(with("context", `{"team":{"objectType":"Group","member":[`+strings.Repeat(`{"mbox":"mailto:a@b.c"},`, most/25)+`{"mbox":"mailto:a@b.c"}]}}`)), nil, 200, ""},
		{"attachments", batchOf(with("attachments", `[`+strings.Repeat(`{},`, most/4)+`{}]`)), nil, 400, "property.missing"},
		{"unknown properties", batchOf(strings.TrimSuffix(statement("1", ""), "}") + "," + keys(most/12, "k", "1")[1:]), nil, 400, "property.unknown"},
		{"faults everywhere", batchOf(`{"actor":1,"verb":1,"object":1,"id":1,"result":1,"context":1,"timestamp":1,"stored":1,"authority":1,"version":1,"attachments":1}`), nil, 400, ""},
		{"nothing but quotes", strings.Repeat(`"`, full), nil, 400, ""},
		{"nothing but backslashes", `"` + strings.Repeat(`\`, full-1), nil, 413, "limit.statement"},
		{"invalid UTF-8 at the end", batchOf(statement("1", ""))[:full/64] + "\xff", nil, 400, ""},
		{"a gzip bomb", zipped(strings.Repeat(" ", 64<<20)), gz, 413, "limit.gzip_ratio"},
		{"gzip of more than 4 MiB", coded(batchOf(with("result", `{"response":"`+x+`"}`))), gz, 413, "limit.body"},
		{"gzip of less than 4 MiB", coded("[" + strings.Repeat(with("result", `{"response":"`+x+`"}`)+",", 14) + statement("1", "") + "]"), gz, 200, ""},
		{"a gzip bomb in gzip", zipped(zipped(strings.Repeat(" ", 64<<20))), gz, 413, "limit.gzip_ratio"},
		{"gzip members", strings.Repeat(zipped(""), full/64), gz, 400, "request.body"},
		{"gzip cut off", zipped(statement("1", ""))[:30], gz, 400, "request.body"},
		{"a zstd bomb", zstdPacked(strings.Repeat(" ", 64<<20)), zs, 413, "limit.gzip_ratio"},
		{"a zstd window of 2 GiB", "\x28\xb5\x2f\xfd\x00\xa8" + strings.Repeat("\x00", 64), zs, 413, "limit.zstd_window"},
		{"gzip of tiny blocks", packed.TinyBlocks(4<<20 - 1<<10), gz, 413, "limit.unpacking"},
		{"zstd cut off", zstdPacked(statement("1", ""))[:30], zs, 400, "request.body"},
		{"extensions", batchOf(with("context", `{"extensions":`+keys(most/12, "a:", "1")+`}`)), nil, 200, ""},
		{"21 parts", multiparts(21, "", "x"), mixed, 413, "limit.parts"},
		{"parts without end", multiparts(full/200, "", ""), mixed, 413, "limit.parts"},
		{"a part over 5 MiB", multiparts(1, "", strings.Repeat("x", 5<<20+1)), mixed, 413, "limit.part"},
		{"a part's long header", multiparts(1, "\r\nX: "+strings.Repeat("x", full/2), "x"), mixed, 413, "limit.part_header"},
		{"a part's many headers", multiparts(1, strings.Repeat("\r\nX: y", full/16), "x"), mixed, 413, "limit.part_header"},
		{"20 parts at the limit of the body", multiparts(20, "", strings.Repeat("x", full/20-300)), mixed, 400, ""},
		{"almost boundaries", "--b\r\nContent-Type: application/json\r\n\r\n" + strings.Repeat("\r\n--", full/4-64), mixed, 400, ""},
	}
}

// ★ Every hostile body gets the answer of its limit, and costs at most 8 MiB of
// memory beyond the buffer of the body, which may take its size again
// while it grows. What is allocated is an upper bound of what is held at once.
func TestHostileBodies(t *testing.T) {
	e := newEndpoint(t, func(c *Config, d *Deps) {
		d.Producer, d.Log = devNull{}, nil
		c.Readback = 0 // it has a bound of its own
	})
	e.post(statement("1", "")) // what is made once
	for _, h := range hostileBodies() {
		t.Run(h.name, func(t *testing.T) {
			if len(h.body) > 8<<20+1 {
				t.Fatalf("%d bytes: the body's size alone decides", len(h.body))
			}
			allocated, cpu, status, got, answer := cost(t, e, h)
			if status != h.status || h.code != "" && got != h.code {
				t.Errorf("%d %s, want %d %s", status, got, h.status, h.code)
			}
			beyond := allocated - 2*int64(len(h.body)) - hostileSlack
			if beyond > hostileAlloc {
				t.Errorf("%d KiB beyond the body", beyond>>10)
			}
			if answer > 64<<10 {
				t.Errorf("an answer of %d KiB", answer>>10)
			}
			mark := ""
			if cpu > hostileCPU {
				mark = "  (over 50 ms)"
			}
			t.Logf("%7.1f KiB body, %8.1f KiB beyond, %5.1f ms%s: %d %s", float64(len(h.body))/1024, float64(beyond)/1024, cpu.Seconds()*1000, mark, status, got)
		})
	}
}

// cost sends a body and returns what the process allocated and how long it
// computed meanwhile, and the answer's status, code and size.
func cost(t *testing.T, e *endpoint, h hostile) (allocated int64, cpu time.Duration, status int, got string, answer int) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := computed(t)
	w := e.send(http.MethodPost, "/xapi/statements", h.body, h.edit)
	cpu = computed(t) - began
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc), cpu, w.Code, code(w), w.Body.Len()
}

// computed is the processor time of this process.
func computed(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
