// Package packed makes compressed bodies by hand that are meant to cost much.
package packed

import "strings"

// TinyBlocks is a gzip stream of about so many bytes without an end. Each of its
// deflate blocks has tables that are dear to build, and one match that gives
// about as many bytes as the block takes, so that sizes and ratio look honest.
func TinyBlocks(size int) string {
	literals, distances := make([]int, 286), []int{1, 1}
	for i := range 253 {
		literals[i] = 10
	}
	literals[match], literals[256] = 1, 2
	for i, n := range []int{11, 12, 13, 14, 15, 15} { // the longest codes make every table long
		literals[258+i] = n
	}
	literals[254] = 9
	codes := codesOf(literals)
	w := &bits{out: []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")}
	for first := true; len(w.out) < size; first = false {
		w.head(literals, distances)
		if first {
			w.code(codes[' '], literals[' '])
		}
		w.code(codes[match], literals[match])
		w.low(0, 3) // of the length
		w.code(0, 1)
		w.code(codes[256], literals[256])
	}
	return string(w.out) + strings.Repeat("\x00", 8)
}

// match is the code of lengths from 59 to 66.
const match = 276

// bits writes as deflate does (RFC 1951): the low bits of a byte first.
type bits struct {
	out  []byte
	held uint64
	n    int
}

func (w *bits) low(value, n int) {
	w.held |= uint64(value) << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.out = append(w.out, byte(w.held))
		w.held >>= 8
	}
}

// code writes a Huffman code, whose high bits come first.
func (w *bits) code(code, n int) {
	for n--; n >= 0; n-- {
		w.low(code>>n&1, 1)
	}
}

// order is that in which the lengths of the code for lengths are written.
var order = []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// head begins a block that is not the last, whose codes have these lengths.
func (w *bits) head(literals, distances []int) {
	helper := make([]int, len(order))
	for i, symbol := range order {
		helper[symbol] = 4 + i/13
	}
	w.low(2<<1, 3) // codes of its own
	w.low(len(literals)-257, 5)
	w.low(len(distances)-1, 5)
	w.low(len(order)-4, 4)
	for _, symbol := range order {
		w.low(helper[symbol], 3)
	}
	codes, all := codesOf(helper), append(literals[:len(literals):len(literals)], distances...)
	for i := 0; i < len(all); {
		n := all[i]
		w.code(codes[n], helper[n])
		i++
		for again := run(all[i:], n); again >= 3; again = run(all[i:], n) {
			w.code(codes[16], helper[16])
			w.low(again-3, 2)
			i += again
		}
	}
}

// run is how often n comes at the beginning, at most as often as one code says.
func run(lengths []int, n int) int {
	k := 0
	for k < min(len(lengths), 6) && lengths[k] == n {
		k++
	}
	return k
}

// codesOf gives the canonical codes of these lengths.
func codesOf(lengths []int) []int {
	codes, next := make([]int, len(lengths)), 0
	for n := 1; n <= 15; n++ {
		for i, l := range lengths {
			if l == n {
				codes[i] = next
				next++
			}
		}
		next <<= 1
	}
	return codes
}
