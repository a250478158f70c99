package ingest

import (
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"strconv"
	"uuid"

	"brume/schemas/xapi"
)

// maxIdempotencyKey bounds the header Idempotency-Key.
const maxIdempotencyKey = 255

// identify gives every statement an id. One that the sender did not name takes
// a stable id from the Idempotency-Key and its place, else from a body that
// carries a timestamp; without either, a repeat counts again.
func (s *Server) identify(r *request, batch xapi.Batch) *problem {
	key, p := idempotencyKey(r.Request)
	if p != nil {
		return p
	}
	if r.put != "" {
		return putID(r.put, batch)
	}
	for i := range batch.Statements {
		s.name(r, &batch.Statements[i], key, i)
	}
	return nil
}

func idempotencyKey(r *http.Request) (string, *problem) {
	key := r.Header.Get("Idempotency-Key")
	if len(key) > maxIdempotencyKey {
		return "", &problem{Status: http.StatusBadRequest, Code: "request.idempotency_key"}
	}
	return key, nil
}

// name gives a statement its id; place counts from 0 in the body.
func (s *Server) name(r *request, st *xapi.Statement, key string, place int) {
	switch {
	case st.ID != "":
	case key != "":
		st.ID = s.stableID(r.publisher.Number, "key\x00"+key+"\x00"+strconv.Itoa(place))
	case !st.Timestamp.IsZero():
		digest := sha256.Sum256([]byte(st.Raw))
		st.ID = s.stableID(r.publisher.Number, "body\x00"+string(digest[:]))
	default:
		st.ID = uuid.New().String()
	}
}

// putID checks that a PUT holds one statement, and gives it its id.
func putID(id string, batch xapi.Batch) *problem {
	if !batch.Single {
		return &problem{Status: http.StatusBadRequest, Code: "request.put_batch"}
	}
	st := &batch.Statements[0]
	if st.ID != "" && st.ID != id {
		return &problem{Status: http.StatusBadRequest, Code: "request.put_id"}
	}
	st.ID = id
	return nil
}

// stableID is a UUID (version 8) made of two keyed digests of the input. What
// is digested is no UUID, so it is never the fingerprint of a statement's id.
func (s *Server) stableID(publisher uint16, input string) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], s.deps.Fingerprint(publisher, "id-high\x00"+input))
	binary.BigEndian.PutUint64(b[8:], s.deps.Fingerprint(publisher, "id-low\x00"+input))
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	return uuid.UUID(b).String()
}
