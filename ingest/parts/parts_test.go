package parts

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"brume/schemas/xapi"
)

// Contents come out as they were sent, each under its hash.
func TestAccepted(t *testing.T) {
	one, two := "une copie\r\n--pas la frontière\r\n", ""
	wide := sha512.Sum512([]byte(one))
	with512 := strings.ReplaceAll(attachment(one, ""), sha(one), strings.ToUpper(hex.EncodeToString(wide[:])))
	rows := []struct {
		line  int
		body  string
		parts []Part
	}{
		{line(), mixed(first(statement(""))), nil},
		{line(), "\r\npréambule\r\n" + mixed(first("["+statement("")+","+statement("")+"]")) + "épilogue", nil},
		{line(), mixed(first(statement(`,"attachments":[` + attachment(one, `,"fileUrl":"https://tool.example/1"`) + "]"))), nil},
		{line(), mixed(first(statement(`,"attachments":[`+attachment(one, `,"fileUrl":"https://tool.example/1"`)+"]")), part(one)),
			[]Part{{SHA2: sha(one), ContentType: "text/plain", Body: []byte(one)}}},
		{line(), mixed(first(statement(`,"attachments":[`+attachment(one, "")+","+attachment(two, "")+"]")), part(two), part(one)),
			[]Part{{SHA2: sha(two), ContentType: "text/plain", Body: []byte(two)}, {SHA2: sha(one), ContentType: "text/plain", Body: []byte(one)}}},
		{line(), mixed(first("["+statement(`,"attachments":[`+attachment(one, "")+"]")+","+statement(`,"attachments":[`+attachment(one, "")+"]")+"]"), part(one)),
			[]Part{{SHA2: sha(one), ContentType: "text/plain", Body: []byte(one)}}},
		{line(), mixed(first(statement(`,"attachments":[`+with512+"]")), strings.ReplaceAll(part(one), sha(one), hex.EncodeToString(wide[:]))),
			[]Part{{SHA2: hex.EncodeToString(wide[:]), ContentType: "text/plain", Body: []byte(one)}}},
		{line(), mixed(first(`{"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"a:b"},"object":{"objectType":"SubStatement","actor":{"mbox":"mailto:a@b.example"},`+
			`"verb":{"id":"a:b"},"object":{"id":"a:b"},"attachments":[`+attachment(one, "")+"]}}"), part(one)),
			[]Part{{SHA2: sha(one), ContentType: "text/plain", Body: []byte(one)}}},
	}
	for _, row := range rows {
		got, err := accept(row.body, boundary)
		if err != nil {
			t.Errorf("line %d: %v", row.line, err)
		}
		if d := cmp.Diff(row.parts, got, cmpopts.IgnoreUnexported(Part{}), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("line %d (-want +got):\n%s", row.line, d)
		}
	}
}

// Every broken rule has its code.
func TestRefused(t *testing.T) {
	const text = "une copie"
	good := first(statement(`,"attachments":[` + attachment(text, "") + "]"))
	plain := first(statement(""))
	headers := func(old, new string) string { return mixed(good, strings.Replace(part(text), old, new, 1)) }
	many := func(n int) string {
		var list []string
		for range n {
			list = append(list, part(""))
		}
		return mixed(append([]string{plain}, list...)...)
	}
	rows := []struct {
		line     int
		body     string
		boundary string
		want     xapi.Code
	}{
		{line(), mixed(good, part(text)), "", BadBoundary},
		{line(), mixed(good, part(text)), "é", BadBoundary},
		{line(), mixed(good, part(text)), "x ", BadBoundary},
		{line(), mixed(good, part(text)), strings.Repeat("x", 71), BadBoundary},
		{line(), mixed(good, part(text)), "other", NotMultipart},
		{line(), "", boundary, NotMultipart},
		{line(), "--" + boundary + "--\r\n", boundary, NotMultipart},
		{line(), statement(""), boundary, NotMultipart},
		{line(), strings.TrimSuffix(mixed(good, part(text)), "--"+boundary+"--\r\n"), boundary, NotMultipart},
		{line(), "--" + boundary + "\r\n: x\r\n\r\n", boundary, NotMultipart},
		{line(), strings.Replace(mixed(good, part(text)), "--"+boundary+"\r\nContent-Type: text", "Content-Type: text", 1), boundary, xapi.BadJSON},
		{line(), strings.Replace(mixed(good, part(text)), "--"+boundary+"\r\n", "", 1), boundary, StatementsFirst},
		{line(), mixed(part(text), good), boundary, StatementsFirst},
		{line(), mixed("\r\n" + statement("")), boundary, StatementsFirst},
		{line(), mixed("Content-Type: application/json\r\n" + plain), boundary, StatementsFirst},
		{line(), mixed("Content-Transfer-Encoding: base64\r\n" + plain), boundary, TransferEncoding},
		{line(), mixed(good, good, part(text)), boundary, TransferEncoding},
		{line(), headers("Content-Type: text/plain\r\n", ""), boundary, PartType},
		{line(), headers("text/plain", "text"), boundary, PartType},
		{line(), headers("Content-Type", "Content-Type: text/plain\r\nContent-Type"), boundary, PartType},
		{line(), headers("text/plain", "text/html"), boundary, TypeDiffers},
		{line(), headers("Content-Transfer-Encoding: binary\r\n", ""), boundary, TransferEncoding},
		{line(), headers("binary", "base64"), boundary, TransferEncoding},
		{line(), headers("binary", "quoted-printable"), boundary, TransferEncoding},
		{line(), headers("X-Experience-API-Hash", "X-Hash"), boundary, HashMissing},
		{line(), headers("X-Exp", "X-Experience-API-Hash: "+sha(text)+"\r\nX-Exp"), boundary, HashMissing},
		{line(), headers(sha(text), sha("another")), boundary, HashWrong},
		{line(), headers(sha(text), sha(text)[:40]), boundary, HashWrong},
		{line(), headers("X-Exp", "Content-Length: 8\r\nX-Exp"), boundary, PartLength},
		{line(), headers("X-Exp", "Content-Length: 9\r\nContent-Length: 9\r\nX-Exp"), boundary, PartLength},
		{line(), strings.Replace(headers("X-Exp", "Content-Length: 9\r\nX-Exp"), `"length":9`, `"length":8`, 1), boundary, LengthDiffers},
		{line(), mixed(good), boundary, ContentAbsent},
		{line(), mixed(good, part("another")), boundary, ContentAbsent},
		{line(), mixed(good, part(text), part("another")), boundary, Surplus},
		{line(), mixed(good, part(text), part(text)), boundary, Surplus},
		{line(), mixed(plain, part(text)), boundary, Surplus},
		{line(), many(20), boundary, Surplus},
		{line(), many(21), boundary, TooManyParts},
		{line(), mixed(plain, part(strings.Repeat("x", 5<<20))), boundary, Surplus},
		{line(), mixed(plain, part(strings.Repeat("x", 5<<20+1))), boundary, PartTooLarge},
		{line(), headers("X-Exp", "X: "+strings.Repeat("x", 16<<10)+"\r\nX-Exp"), boundary, HeaderTooLarge},
		{line(), strings.Repeat("x\r\n", 6<<10) + mixed(good, part(text)), boundary, HeaderTooLarge},
	}
	for _, row := range rows {
		_, err := accept(row.body, row.boundary)
		if got := code(t, err); got != row.want {
			t.Errorf("line %d: got %q, want %q (%v)", row.line, got, row.want, err)
		}
	}
}

// Faults name a place and no value.
func TestFaultsNamePlaces(t *testing.T) {
	body := mixed(first("["+statement("")+","+statement(`,"attachments":[`+attachment("SECRET", "")+"]")+"]"), part("PRIVATE"))
	_, err := accept(body, boundary)
	want := xapi.Faults{fault(ContentAbsent, place{pointer: "/1/attachments/0"}, false), fault(Surplus, place{part: 2}, false)}
	if d := cmp.Diff(error(want), err); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// An error of the connection stays what it is, wherever it comes.
func TestBodyErrors(t *testing.T) {
	broken := errors.New("connection lost")
	body := mixed(first(statement(`,"attachments":[`+attachment("x", "")+"]")), part("x"))
	for _, at := range []int{0, 10, 60, 400, len(body) - 10, len(body)} {
		r := io.MultiReader(strings.NewReader(body[:at]), iotest.ErrReader(broken))
		if _, err := Read(r, boundary, new(bytes.Buffer), DefaultLimits(), false); !errors.Is(err, broken) {
			t.Errorf("cut at %d: got %v", at, err)
		}
	}
}

// Every code says its rule in both languages and both versions.
func TestRules(t *testing.T) {
	for c := range rules {
		for _, v2 := range []bool{false, true} {
			f := fault(c, place{part: 3}, v2)
			if f.Rule == "" || !strings.HasSuffix(f.Message, ": part 3") || !strings.HasSuffix(f.MessageFR, " : partie 3") || len(f.MessageFR) < 20 {
				t.Errorf("%s: %+v", c, f)
			}
		}
	}
	if len(rules) != 24 {
		t.Errorf("%d codes, want 24", len(rules))
	}
}
