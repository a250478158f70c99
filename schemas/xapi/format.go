package xapi

import "strings"

// validIRI says whether s is an absolute IRI (RFC 3987), as far as it can be
// told without its scheme's own rules: a scheme, something after it, no
// character that must be escaped, and a host when the scheme is http or https.
func validIRI(s string) bool {
	colon := strings.IndexByte(s, ':')
	if colon < 1 || colon == len(s)-1 || !validScheme(s[:colon]) {
		return false
	}
	rest := s[colon+1:]
	for i := 0; i < len(rest); i++ {
		if !iriSpecial[rest[i]] {
			continue
		}
		if rest[i] != '%' || i+2 >= len(rest) || !isHex(rest[i+1]) || !isHex(rest[i+2]) {
			return false
		}
	}
	scheme := s[:colon]
	if colon == len("http") && strings.EqualFold(scheme, "http") || colon == len("https") && strings.EqualFold(scheme, "https") {
		return len(rest) > 2 && rest[:2] == "//" && strings.IndexByte("/?#:", rest[2]) < 0
	}
	return true
}

// iriSpecial are the bytes that an IRI does not hold, and the percent sign.
var iriSpecial = func() (table [256]bool) {
	for c := range table {
		table[c] = c <= ' ' || strings.IndexByte("\x7f\"<>\\^`{|}%", byte(c)) >= 0
	}
	return table
}()

func validScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !isAlpha(c) && (i == 0 || !isDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return true
}

// ValidUUID says whether s is the standard form of a UUID (RFC 4122), in
// either case.
func ValidUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if s[i] != '-' {
				return false
			}
		} else if !isHex(s[i]) {
			return false
		}
	}
	return true
}

// validMbox says whether s is mailto: and one address.
func validMbox(s string) bool {
	address, ok := strings.CutPrefix(s, "mailto:")
	if !ok || !validIRI(s) {
		return false
	}
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" || domain == "" || domain[0] == '.' || domain[len(domain)-1] == '.' {
		return false
	}
	for i := range len(address) {
		if mboxSpecial[address[i]] {
			return false
		}
	}
	return strings.IndexByte(domain, '@') < 0 && !strings.Contains(domain, "..")
}

// mboxSpecial are the bytes that tell more than one address, or more than an
// address.
var mboxSpecial = [256]bool{',': true, ';': true, ':': true, '(': true, ')': true, '[': true, ']': true, '?': true, '/': true}

func validSHA1(s string) bool { return len(s) == 40 && allHex(s) }

// validSHA2 accepts the four sizes of SHA-2.
func validSHA2(s string) bool {
	switch len(s) * 4 {
	case 224, 256, 384, 512:
		return allHex(s)
	}
	return false
}

// validVersion accepts the line itself and its patches: 1.0, 1.0.3.
func validVersion(s, line string) bool {
	patch, ok := strings.CutPrefix(s, line)
	if !ok {
		return false
	}
	return patch == "" || patch[0] == '.' && isDigits(patch[1:])
}

func allHex(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isHex(s[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isHex(c byte) bool   { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// lowerASCII is strings.ToLower for text that is known to be ASCII.
func lowerASCII(s string) string { return strings.ToLower(s) }

// ValidIRI says whether s is an absolute IRI as statements may have it.
func ValidIRI(s string) bool { return validIRI(s) }
