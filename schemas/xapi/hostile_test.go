package xapi

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"brume/internal/testenv/measure"
)

// bodySize is the largest body that ingest reads.
const bodySize = 8 << 20

// hostile are bodies of about the largest size, each to make one part of
// decoding work as hard as it can.
func hostile() map[string]string {
	inExtension := func(value string) string {
		return statement(`"context":{"extensions":{"a:b":` + value + `}}`)
	}
	room := DefaultLimits().Bytes - 2*len(inExtension(""))
	fill := func(unit string) string { return strings.Repeat(unit, room/len(unit)) }
	list := func(unit string) string { return "[" + fill(unit+",") + unit + "]" }
	nested := strings.Repeat("[", 20) + strings.Repeat("]", 20)
	digits := strings.Repeat("1234567890", 40)
	names := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < room-len(format)-10; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return "{" + b.String() + `"":0}`
	}
	bodies := map[string]string{
		"whitespace":             strings.Repeat(" ", bodySize) + statement(),
		"one string":             `"` + strings.Repeat("a", bodySize) + `"`,
		"nothing but brackets":   strings.Repeat("[", bodySize),
		"empty statements":       "[" + strings.Repeat("{},", bodySize/3) + "{}]",
		"many unknown names":     "{" + strings.Repeat(`"x":0,`, bodySize/6) + `"x":0}`,
		"a number of 8 MiB":      statement(`"result":{"score":{"raw":` + strings.Repeat("9", bodySize) + `}}`),
		"an unclosed statement":  `[{"id":` + strings.Repeat(" ", bodySize),
		"a statement of 8 MiB":   inExtension("[" + strings.Repeat("0,", bodySize/2) + "0]"),
		"one fault a statement":  batchOf(statement(`"timestamp":"x"`)),
		"small statements":       batchOf(statement()),
		"components of a choice": batchOf(activityWith(`{"interactionType":"choice","choices":` + strings.ReplaceAll(list(`{"id":"%"}`), "%", "a") + `}`)),
	}
	for name, value := range map[string]string{
		"numbers": list("1e400"), "short numbers": list("0"), "long numbers": list(digits), "short strings": list(`""`), "escapes": list(`"\n"`), "surrogate pairs": list(`"\ud83d\ude00"`),
		"one string of escapes": `"` + fill(`\u00e9`) + `"`, "letters beyond ASCII": `"` + fill("é") + `"`, "nested arrays": list(nested), "empty objects": list("{}"), "small objects": list(`{"a":0}`),
		"nine names each": list(`{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0}`), "distinct names": names(`"%d":0,`), "escaped names": names(`"\u006b%d":0,`), "literals": list("null"),
	} {
		bodies[name] = batchOf(inExtension(value))
	}
	extension := strings.NewReplacer(`{"a:b":`, "", `}}}`, `}}`).Replace(inExtension(names(`"a:%d":0,`)))
	bodies["extension keys"] = batchOf(strings.Replace(extension, `"":0`, `"a:":0`, 1))
	return bodies
}

// batchOf repeats a statement until the body is full.
func batchOf(one string) string {
	n := min(DefaultLimits().Statements, bodySize/(len(one)+1))
	return "[" + strings.Repeat(one+",", n-1) + one + "]"
}

// No body costs more memory than a few times its size: a copy of it, 32 bytes for
// an extension of 10, and as much again while lists grow.
func TestHostileBodiesAllocateLittle(t *testing.T) {
	for name, body := range hostile() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = Decode([]byte(body), Options{Limits: DefaultLimits()})
		runtime.ReadMemStats(&after)
		if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 6*bodySize {
			t.Errorf("%s: %d bytes are allocated for a body of %d", name, bytes, len(body))
		}
	}
}

func BenchmarkHostile(b *testing.B) {
	for name, body := range hostile() {
		b.Run(name, func(b *testing.B) {
			fastest := time.Hour
			for b.Loop() {
				began := measure.CPU()
				_, _ = DecodeText(body, Options{Limits: DefaultLimits()})
				fastest = min(fastest, measure.CPU()-began)
			}
			b.ReportMetric(float64(fastest.Microseconds())/1e3, "cpu-ms/body")
		})
	}
}

// A statement keeps the first entries for mappings, however they are spread, and
// the next statement as many again; those that follow are checked.
func TestMostKept(t *testing.T) {
	many := strings.Repeat(`{"id":"a:b"},`, MostKept) + `{"id":"a:last"}`
	one := `{"actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"a:v"},"object":{"id":"a:o"},"context":{"contextActivities":{"parent":[{"id":"a:first"}],"other":[` + many + `]}}}`
	b, err := DecodeText("["+one+","+one+"]", Options{Limits: DefaultLimits()})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range b.Statements {
		if c := s.Context; len(c.Parent) != 1 || len(c.Other) != MostKept-1 {
			t.Errorf("%d and %d are kept", len(c.Parent), len(c.Other))
		}
	}
	if _, err := DecodeText(strings.ReplaceAll(one, "a:last", "no IRI"), Options{Limits: DefaultLimits()}); err == nil {
		t.Error("what is not kept is not checked")
	}
}

// A statement that passes its limit is refused for that, whatever the limit
// cuts in two.
func TestLimitCutsAnything(t *testing.T) {
	for _, unit := range []string{`"\ud83d\ude00\n",`, `-1.5e+10,`, `true,null,`, `{"a\u006b":[]},`, `"é", `} {
		for pad := range len(unit) {
			body := statement(`"context":{"extensions":{"a:b":[` + strings.Repeat(" ", pad) + strings.Repeat(unit, DefaultLimits().Bytes/len(unit)) + `0]}}`)
			_, err := DecodeText(body, Options{Limits: DefaultLimits()})
			if faults, ok := errors.AsType[Faults](err); !ok || len(faults) != 1 || faults[0].Code != TooLarge {
				t.Errorf("%s after %d spaces: %v", unit, pad, err)
			}
		}
	}
}
