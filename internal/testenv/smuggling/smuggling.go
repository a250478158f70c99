// Package smuggling holds requests that two servers in a row may take for a
// different number of requests.
package smuggling

import (
	"fmt"
	"strings"
)

// First is the path of the request that opens each attack, Second that of the
// one that is hidden in it. No handler may ever see Second.
const (
	First  = "/xapi/first"
	Second = "/xapi/second"
)

// Attack is what one client sends on one connection.
type Attack struct {
	Name string
	Raw  string
	Lone bool // it holds one request that may be answered; otherwise it MUST be refused
}

const second = "POST " + Second + " HTTP/1.1\r\nHost: brume.example\r\nContent-Length: 0\r\n\r\n"

// post is a request with these header lines before what is its body to some
// and the next request to others.
func post(after string, headers ...string) string {
	return "POST " + First + " HTTP/1.1\r\nHost: brume.example\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n" + after
}

func length(n int) string { return fmt.Sprintf("Content-Length: %d", n) }

// Attacks lists every known shape. CL is Content-Length, TE Transfer-Encoding.
func Attacks() []Attack {
	const chunked = "Transfer-Encoding: chunked"
	ended := "0\r\n\r\n" + second
	inChunk := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(second), second)
	all := []Attack{
		{"CL and TE, hidden behind the last chunk", post(ended, length(len(ended)), chunked), true},
		{"TE and CL, hidden behind the last chunk", post(ended, chunked, length(len(ended))), true},
		{"CL and TE, hidden in a chunk", post(inChunk, length(4), chunked), true},
		{"two CL", post(second, length(0), length(len(second))), false},
		{"two CL the other way round", post(second, length(len(second)), length(0)), false},
		{"two CL in one line", post(second, fmt.Sprintf("Content-Length: 0, %d", len(second))), false},
		{"TE twice", post(ended, chunked, "Transfer-Encoding: identity"), false},
		{"TE of two codings", post(ended, "Transfer-Encoding: chunked, identity", length(len(ended))), false},
		{"TE that is folded", post(ended, "Transfer-Encoding:\r\n chunked", length(len(ended))), true},
		{"CL that is folded", post(second, fmt.Sprintf("Content-Length:\r\n %d", len(second))), true},
		{"a header folded into TE", post(ended, "X: y\r\n Transfer-Encoding: chunked", length(len(ended))), true},
		{"a header that begins with a space", "POST " + First + " HTTP/1.1\r\n " + chunked + "\r\nHost: brume.example\r\n" + length(len(ended)) + "\r\n\r\n" + ended, false},
		{"bare LF before TE", post(ended, "X: y\nTransfer-Encoding: chunked", length(len(ended))), true},
		{"bare CR before TE", post(ended, "X: y\rTransfer-Encoding: chunked", length(len(ended))), false},
		{"bare LF at the end of the header", "POST " + First + " HTTP/1.1\r\nHost: brume.example\r\n" + length(len(second)) + "\r\n\n" + second, true},
		{"HTTP/1.0 with TE, kept alive", strings.Replace(post(ended, "Connection: keep-alive", chunked, length(5)), "HTTP/1.1", "HTTP/1.0", 1), true},
		{"HTTP/1.0, kept alive", strings.Replace(post("x"+second, "Connection: keep-alive", length(1)), "HTTP/1.1", "HTTP/1.0", 1), true},
		{"a header named by a space", post(second, " : x", length(len(second))), false},
		{"a header without colon", post(second, "Content-Length", length(len(second))), false},
		{"no header but a NUL", post(second, "X: \x00", length(len(second))), false},
		{"two hosts", post(second, "Host: other.example", length(len(second))), false},
		{"an absolute form for another host", strings.Replace(post("", length(0)), First, "http://other.example"+First, 1), true},
		{"a version of two digits", strings.Replace(post(second, length(0)), "HTTP/1.1", "HTTP/1.10", 1), false},
		{"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + second, true},
	}
	for _, name := range []string{"Transfer-Encoding ", "Transfer-Encoding\t", "Transfer-Encoding\x0b", "Transfer_Encoding\x00"} {
		all = append(all, Attack{fmt.Sprintf("%q", name), post(ended, name+": chunked", length(len(ended))), false})
	}
	for _, coding := range []string{"xchunked", "chunkedx", "\x0bchunked", "\"chunked\"", "cow", "chunked\x00"} {
		all = append(all, Attack{fmt.Sprintf("TE %q", coding), post(ended, "Transfer-Encoding: "+coding, length(len(ended))), false})
	}
	for _, n := range []string{"+0", "-1", "0x0", "0 0", "0;", "zero", "18446744073709551616"} {
		all = append(all, Attack{fmt.Sprintf("CL %q", n), post(second, "Content-Length: "+n), false})
	}
	return append(all, chunks()...)
}

// chunks are bodies that break the rules of chunks.
func chunks() (all []Attack) {
	for _, c := range []struct{ name, body string }{
		{"a chunk of 2^64 bytes", "10000000000000000\r\n"},
		{"a chunk of 2^63 bytes", "8000000000000000\r\n"},
		{"a negative chunk", "-1\r\n"},
		{"a chunk with 0x", "0x0\r\n\r\n"},
		{"a chunk longer than it says", "1\r\nxx\r\n0\r\n\r\n"},
		{"a chunk that ends in a bare LF", "1\r\nx\n0\r\n\r\n"},
		{"a chunk size that ends in a bare LF", "0\n\n"},
		{"an extension with a bare LF", "1;a\nx\r\n0\r\n\r\n"},
		{"an extension of 64 KiB", "1;" + strings.Repeat("x", 64<<10) + "\r\nx\r\n0\r\n\r\n"},
		{"a space before the size", " 0\r\n\r\n"},
	} {
		all = append(all, Attack{c.name, post(c.body+second, "Transfer-Encoding: chunked"), true})
	}
	return append(all,
		Attack{"an extension that quotes an end", post("1;a=\"\r\n\r\n\"\r\nx\r\n0\r\n\r\n"+second, "Transfer-Encoding: chunked"), true},
		Attack{"a trailer that is a header", post("0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"+second, "Transfer-Encoding: chunked"), true})
}
