package readback

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"net/url"
	"time"
)

// moreURL is where lists go on; the specification wants path and query.
const moreURL = "/xapi/statements?more="

// newSealer makes the key of the tokens that continue a list. It lives as long
// as the window: what it sealed names places in this window only.
func newSealer() cipher.AEAD {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // 16 bytes are a key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size
	}
	return aead
}

// more seals where a list goes on, for its publisher alone. The parameters are
// in it, so that nothing is kept; a filter's pupil does not show in it.
func (w *Window) more(publisher uint16, q *Query, place uint64) string {
	b := binary.BigEndian.AppendUint64(nil, place)
	b = binary.BigEndian.AppendUint64(b, uint64(w.now().Add(w.cfg.Keep).Unix()))
	b = append(b, q.source...)
	return moreURL + base64.RawURLEncoding.EncodeToString(w.sealer.Seal(nil, nil, b, bound(publisher)))
}

func bound(publisher uint16) []byte { return binary.BigEndian.AppendUint16(nil, publisher) }

// opened gives the query that a token goes on with, and the place.
func (w *Window) opened(publisher uint16, token string) (q Query, place uint64, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return q, 0, false
	}
	b, err := w.sealer.Open(nil, nil, sealed, bound(publisher))
	if err != nil || len(b) < 16 || w.now().After(time.Unix(int64(binary.BigEndian.Uint64(b[8:])), 0)) {
		return q, 0, false
	}
	values, err := url.ParseQuery(string(b[16:]))
	if err != nil {
		return q, 0, false
	}
	q, fault := ParseQuery(values)
	return q, binary.BigEndian.Uint64(b), fault == nil && q.ID == "" && q.More == ""
}
