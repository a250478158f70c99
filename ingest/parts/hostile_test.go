package parts

import (
	"bytes"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"brume/ingest/compare"
	"brume/schemas/xapi"
)

// repeat gives text for ever.
type repeat struct {
	text string
	at   int
}

func (r *repeat) Read(p []byte) (n int, _ error) {
	for n < len(p) {
		c := copy(p[n:], r.text[r.at:])
		n, r.at = n+c, (r.at+c)%len(r.text)
	}
	return n, nil
}

// Bodies that are made to cost much are refused early: they allocate at most
// 8 MiB in all, and little of them is read.
func TestHostileBodies(t *testing.T) {
	start := "--" + boundary + "\r\n" + first(statement("")) + "\r\n"
	rows := []struct {
		line int
		head string
		rest string // for ever
		want xapi.Code
		read int64
	}{
		{line(), start, "--" + boundary + "\r\n\r\n\r\n", PartType, 64 << 10},
		{line(), start, "--" + boundary + "\r\n" + part("") + "\r\n", TooManyParts, 64 << 10},
		{line(), start + "--" + boundary + "\r\n", "A:\r\n", HeaderTooLarge, 64 << 10},
		{line(), start + "--" + boundary + "\r\nA: ", "a", HeaderTooLarge, 64 << 10},
		{line(), start + "--" + boundary + "\r\nA: a", "\r\n a", HeaderTooLarge, 64 << 10},
		{line(), "", "\r\n", HeaderTooLarge, 64 << 10},
		{line(), "--" + boundary + "\r\n", "Content-Type: application/json\r\n", HeaderTooLarge, 64 << 10},
	}
	for _, row := range rows {
		in := &counter{r: io.MultiReader(strings.NewReader(row.head), io.LimitReader(&repeat{text: row.rest}, 8<<20))}
		var err error
		spent := allocated(func() { _, err = Read(in, boundary, new(bytes.Buffer), DefaultLimits(), false) })
		if got := code(t, err); got != row.want || spent > 8<<20 || in.n > row.read {
			t.Errorf("line %d: %q after %d bytes, %d allocated", row.line, got, in.n, spent)
		}
	}
}

// What is within the limits costs its size, doubled while it grows, and no more:
// a part is not read as multipart itself, and almost boundaries cost nothing.
func TestLargestBodies(t *testing.T) {
	for _, content := range []string{"x", mixed(part("x")), "\r\n--" + boundary + "x", "\r\n--", "\r\n"} {
		content = strings.Repeat(content, 5<<20/len(content))
		body := mixed(first(statement("")), part(content))
		var err error
		spent := allocated(func() { _, err = Read(strings.NewReader(body), boundary, new(bytes.Buffer), DefaultLimits(), false) })
		if nested := strings.Contains(content, "--"+boundary+"\r\n"); (err != nil) != nested || spent > 4*5<<20 {
			t.Errorf("%.30q: %v, %d allocated", content, err, spent)
		}
	}
}

// The largest signature that is compared, with as many certificates as fit, and
// what is too large, alone or because it is repeated.
func TestHostileSignatures(t *testing.T) {
	s := newSigner()
	chain := make([]string, maxJOSEHeader*9/16/len(s.x5c[0]))
	for i := range chain {
		chain[i] = s.x5c[0]
	}
	for _, row := range []struct {
		line, arrays, times int
		want                xapi.Code
	}{
		{line(), compare.MaxBytes/2/3 - 100, 1, ""},
		{line(), compare.MaxBytes/2/3 + 100, 1, SignatureLarge},
		{line(), 100, 20, ""},
		{line(), 1000, 1000, SignatureLarge},
	} {
		st := statement(`,"context":{"extensions":{"a:b":[` + strings.Repeat("[],", row.arrays) + `[]]}}`)
		jws := s.sign(t, jose.RS512, st, chain)
		b, err := xapi.Decode([]byte(st), options)
		if err != nil {
			t.Fatal(err)
		}
		b.Statements[0].Attachments = slices.Repeat([]xapi.Attachment{{UsageType: signatureUsage, ContentType: signatureType, SHA2: "a"}}, row.times)
		spent := allocated(func() { err = VerifySignatures(b, []Part{{SHA2: "a", Body: []byte(jws)}}, options) })
		if got := code(t, err); got != row.want || spent > 8<<20 {
			t.Errorf("line %d: got %q, want %q; %d allocated", row.line, got, row.want, spent)
		}
	}
}

// allocated counts the bytes that f allocates, freed ones too.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
