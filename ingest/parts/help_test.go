package parts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"brume/schemas/xapi"
)

func line() int {
	_, _, n, _ := runtime.Caller(1)
	return n
}

const boundary = "-------314159265358979323846"

func sha(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// attachment is the metadata of a content that follows; rest is like
// `,"fileUrl":"…"`.
func attachment(content, rest string) string {
	return fmt.Sprintf(`{"usageType":"https://tool.example/essay","display":{"fr":"copie"},"contentType":"text/plain","length":%d,"sha2":%q%s}`,
		len(content), sha(content), rest)
}

// statement is a valid one; rest is like `,"id":"…"`.
func statement(rest string) string {
	return `{"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"https://tool.example/did"},"object":{"id":"https://tool.example/x"}` + rest + `}`
}

// first is the part of the statements.
func first(statements string) string { return "Content-Type: application/json\r\n\r\n" + statements }

// part is the part of a content.
func part(content string) string {
	return "Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: " + sha(content) + "\r\n\r\n" + content
}

// mixed puts parts together.
func mixed(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("--" + boundary + "\r\n" + p + "\r\n")
	}
	return b.String() + "--" + boundary + "--\r\n"
}

var options = xapi.Options{Multipart: true, Limits: xapi.DefaultLimits()}

// accept does what the endpoint does with a body.
func accept(body, boundary string) ([]Part, error) {
	var text bytes.Buffer
	list, err := Read(strings.NewReader(body), boundary, &text, DefaultLimits(), false)
	if err != nil {
		return nil, err
	}
	b, err := xapi.Decode(text.Bytes(), options)
	if err != nil {
		return nil, err
	}
	if err := Match(b, list, false); err != nil {
		return nil, err
	}
	return list, VerifySignatures(b, list, options)
}

// code is the first fault's, "" without an error.
func code(t *testing.T, err error) xapi.Code {
	t.Helper()
	if err == nil {
		return ""
	}
	faults, ok := errors.AsType[xapi.Faults](err)
	if !ok {
		t.Fatalf("error %v is not of type Faults", err)
	}
	return faults[0].Code
}
