package registry

import (
	"fmt"
	"strings"
)

// checkLetters is indexed by the seven digits modulo 23: i, o and q are left
// out because they look like digits.
const checkLetters = "ABCDEFGHJKLMNPRSTUVWXYZ"

// ParseUAI reads seven digits and their check letter, in either case. The
// zero UAI stands for an unknown school and is refused.
func ParseUAI(s string) (UAI, error) {
	if len(s) != 8 {
		return 0, fmt.Errorf("parsing UAI %q: want seven digits and a letter", s)
	}
	var n uint32
	for _, c := range []byte(s[:7]) {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("parsing UAI %q: want seven digits and a letter", s)
		}
		n = n*10 + uint32(c-'0')
	}
	if n == 0 {
		return 0, fmt.Errorf("parsing UAI %q: zero is no school", s)
	}
	if want := checkLetters[n%23]; s[7]&^0x20 != want {
		return 0, fmt.Errorf("parsing UAI %q: check letter does not fit", s)
	}
	return UAI(n), nil
}

// String gives the seven digits and the check letter; the zero UAI is Other.
func (u UAI) String() string {
	if u == 0 {
		return Other
	}
	return string(u.Append(make([]byte, 0, 8)))
}

// Append appends the eight characters of the UAI.
func (u UAI) Append(dst []byte) []byte {
	n := uint32(u)
	for div := uint32(1_000_000); div > 0; div /= 10 {
		dst = append(dst, '0'+byte(n/div%10))
	}
	return append(dst, checkLetters[n%23])
}

// prefix is the UAI's first three digits, which name a department in the
// ministry's own numbering.
func (u UAI) prefix() string { return fmt.Sprintf("%03d", uint32(u)/10_000) }

// departmentCode turns a UAI prefix into an INSEE department code where the
// two agree: "036" is "36", "974" is "974".
func departmentCode(prefix string) string {
	if prefix < "900" {
		return strings.TrimPrefix(prefix, "0")
	}
	return prefix
}
