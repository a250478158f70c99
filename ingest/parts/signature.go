package parts

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json/v2"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"brume/ingest/compare"
	"brume/schemas/xapi"
)

const (
	signatureUsage = "http://adlnet.gov/expapi/attachments/signature"
	signatureType  = "application/octet-stream"
	maxJOSEHeader  = 32 << 10 // bytes of base64: a chain of eight certificates
	maxKeyBits     = 8192
)

var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512}

// VerifySignatures checks every signed statement of a valid batch: its JWS is
// well formed, its payload is the statement, and with a certificate in x5c that
// certificate's key verifies it. Nothing says here who the signer is: as the
// specification has it, this finds mistakes and proves nothing. The error is of
// type xapi.Faults.
func VerifySignatures(b xapi.Batch, list []Part, o xapi.Options) error {
	v := verifier{list: list, options: o, opened: map[string]opened{}, left: compare.MaxBytes}
	v.options.Multipart = true
	for i := range b.Statements {
		st := &b.Statements[i]
		for j := range st.Attachments {
			a := &st.Attachments[j]
			if a.UsageType != signatureUsage {
				continue
			}
			if code := v.check(st, a); code != "" {
				at := place{pointer: pointerTo(b, i) + "/attachments/" + strconv.Itoa(j)}
				return xapi.Faults{fault(code, at, o.V2)}
			}
		}
	}
	return nil
}

type verifier struct {
	list    []Part
	options xapi.Options
	opened  map[string]opened // by SHA-2: statements may share a part
	left    int               // bytes to compare
}

// opened is what a signature's part holds.
type opened struct {
	payload xapi.Statement
	code    xapi.Code // why it is refused, "" when it is not
}

// check returns the rule that a signature breaks, "" when there is none.
func (v *verifier) check(st *xapi.Statement, a *xapi.Attachment) xapi.Code {
	if !sameType(a.ContentType, signatureType) {
		return SignatureType
	}
	s, known := v.opened[a.SHA2]
	if !known {
		s = v.open(a.SHA2)
		v.opened[a.SHA2] = s
	}
	if s.code != "" {
		return s.code
	}
	if v.left -= len(st.Raw) + len(s.payload.Raw); v.left < 0 {
		return SignatureLarge
	}
	if same, err := compare.Same(st.Raw, s.payload.Raw); err != nil || !same || !sameContents(st, &s.payload) {
		return PayloadDiffers
	}
	return ""
}

// sameContents compares the attachments of two statements, which are no part of
// them and signed all the same; but for signatures, which came afterwards.
func sameContents(a, b *xapi.Statement) bool {
	return slices.Equal(unsigned(a.Attachments), unsigned(b.Attachments)) &&
		slices.Equal(unsigned(a.Object.Attachments), unsigned(b.Object.Attachments))
}

func unsigned(list []xapi.Attachment) []xapi.Attachment {
	return slices.DeleteFunc(slices.Clone(list), func(a xapi.Attachment) bool { return a.UsageType == signatureUsage })
}

func (v *verifier) open(sha2 string) opened {
	for i := range v.list {
		if v.list[i].SHA2 == sha2 {
			return v.parse(v.list[i].Body)
		}
	}
	return opened{code: SignatureAbsent}
}

// parse opens a JWS. The text of go-jose's errors holds what was sent and goes
// nowhere.
func (v *verifier) parse(body []byte) opened {
	if len(body) > 2*v.options.Limits.Bytes+maxJOSEHeader {
		return opened{code: SignatureLarge}
	}
	text := strings.TrimSpace(string(body))
	header, _, _ := strings.Cut(text, ".")
	if len(header) > maxJOSEHeader {
		return opened{code: SignatureLarge}
	}
	jws, err := jose.ParseSignedCompact(text, algorithms)
	if _, ok := errors.AsType[*jose.ErrUnexpectedSignatureAlgorithm](err); ok {
		return opened{code: BadAlgorithm}
	}
	if err != nil {
		return opened{code: BadJWS}
	}
	payload := jws.UnsafePayloadWithoutVerification()
	b, err := xapi.Decode(payload, v.options)
	if err != nil || !b.Single {
		return opened{code: BadPayload}
	}
	key, code := leaf(header)
	if key != nil {
		if _, err := jws.Verify(key); err != nil {
			code = NotVerified
		}
	}
	return opened{payload: b.Statements[0], code: code}
}

// leaf is the key of the first certificate that a JOSE header brings, nil when
// it brings none.
func leaf(header string) (*rsa.PublicKey, xapi.Code) {
	text, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil {
		return nil, BadJWS
	}
	var h struct {
		X5C []string `json:"x5c"`
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, BadJWS
	}
	if len(h.X5C) == 0 {
		return nil, ""
	}
	der, err := base64.StdEncoding.DecodeString(h.X5C[0])
	if err != nil {
		return nil, BadCertificate
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, BadCertificate
	}
	key, ok := certificate.PublicKey.(*rsa.PublicKey)
	if !ok || key.N.BitLen() > maxKeyBits {
		return nil, BadCertificate
	}
	return key, ""
}
