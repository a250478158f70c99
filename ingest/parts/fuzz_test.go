package parts

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"brume/ingest/unpack"
	"brume/schemas/xapi"
)

// Whatever the body, it is refused with a code of ours, or its parts are within
// the limits, each under the hash of its bytes, and none is unaccounted for.
func FuzzRead(f *testing.F) {
	good := mixed(first(statement(`,"attachments":[`+attachment("x", "")+"]")), part("x"))
	f.Add(good, boundary)
	f.Add(mixed(first(statement("")), "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b--"), boundary)
	f.Add(strings.ReplaceAll(good, "\r\n", "\n"), boundary)
	f.Add(strings.Replace(good, "Content-Type", " Content-Type", 1), boundary)
	f.Add("--a\r\n"+first(statement(""))+"\r\n--a--", "a")
	f.Fuzz(func(t *testing.T, body, boundary string) {
		l := Limits{Parts: 3, Bytes: 1 << 10, Body: 1 << 20, Header: 1 << 10}
		var text bytes.Buffer
		list, err := Read(strings.NewReader(body), boundary, &text, l, false)
		if faults, ok := errors.AsType[xapi.Faults](err); err != nil && !errors.Is(err, unpack.ErrSize) && (!ok || rules[faults[0].Code].en == "") {
			t.Fatalf("%v", err)
		}
		size := text.Len()
		for i := range list {
			size += len(list[i].Body)
			if len(list[i].Body) > 1<<10 || !hashes(list[i].Body, list[i].SHA2) {
				t.Errorf("part %d: %d bytes under %q", i, len(list[i].Body), list[i].SHA2)
			}
		}
		if len(list) > 3 || size > len(body) {
			t.Errorf("%d parts of %d bytes in all out of %d", len(list), size, len(body))
		}
		if b, err := xapi.Decode(text.Bytes(), options); err == nil {
			if Match(b, list, true) == nil && len(list) > attachments(b) {
				t.Error("a part that no attachment names")
			}
		}
	})
}

func attachments(b xapi.Batch) (n int) {
	for i := range b.Statements {
		n += len(b.Statements[i].Attachments) + len(b.Statements[i].Object.Attachments)
	}
	return n
}

// Whatever the signature, it is refused with a code of ours, or its payload is
// the statement and its algorithm one of the three.
func FuzzSignature(f *testing.F) {
	st := statement(`,"id":"` + someID + `"`)
	// The corpus holds signatures of a key that nobody has.
	f.Add("eyJhbGciOiJub25lIn0.e30.", st)
	f.Add("..", st)
	f.Fuzz(func(t *testing.T, jws, st string) {
		b, err := xapi.Decode([]byte(st), options)
		if err != nil || !b.Single {
			return
		}
		b.Statements[0].Attachments = []xapi.Attachment{{UsageType: signatureUsage, ContentType: signatureType, SHA2: sha(jws)}}
		err = VerifySignatures(b, []Part{{SHA2: sha(jws), ContentType: signatureType, Body: []byte(jws)}}, options)
		if faults, ok := errors.AsType[xapi.Faults](err); err != nil && (!ok || rules[faults[0].Code].en == "") {
			t.Fatalf("%v", err)
		}
		if err != nil {
			return
		}
		parsed, err := jose.ParseSignedCompact(strings.TrimSpace(jws), algorithms)
		if err != nil {
			t.Fatal(err)
		}
		payload, err := xapi.Decode(parsed.UnsafePayloadWithoutVerification(), options)
		if err != nil || payload.Statements[0].Verb != b.Statements[0].Verb || payload.Statements[0].Object.ID != b.Statements[0].Object.ID {
			t.Errorf("payload %+v, %v", payload, err)
		}
	})
}
