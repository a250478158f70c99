package readback

import (
	"encoding/json/jsontext"
	"io"
	"strings"
	"time"
)

// Statement is a statement that is read back.
type Statement struct {
	ID     string
	Raw    string // as it was sent
	Stored time.Time
	V2     bool
}

// Get returns a publisher's statement by its id, in lower case.
func (w *Window) Get(publisher uint16, id string) (Statement, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tick()
	e := w.store.entry(w.store.find(publisher, id, w.store.hash(publisher, id)))
	if e == nil || e.flags&content != 0 {
		return Statement{}, false
	}
	return w.statement(e), true
}

// statement copies an entry. The lock MUST be held.
func (w *Window) statement(e *entry) Statement {
	id, raw := w.store.text(e)
	return Statement{ID: string(id), Raw: string(raw), Stored: time.Unix(0, e.at).UTC(), V2: e.flags&v2 != 0}
}

// Append writes the statement with the properties that the receiver sets: id
// and timestamp when the sender did not, stored, the given authority, version.
func (s *Statement) Append(enc *jsontext.Encoder, authority jsontext.Value) error {
	d := jsontext.NewDecoder(strings.NewReader(s.Raw))
	var id, timestamp, version bool
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		switch n := name.String(); n {
		case "stored", "authority":
			if err := d.SkipValue(); err != nil {
				return err
			}
			continue
		case "id":
			id = true
		case "timestamp":
			timestamp = true
		case "version":
			version = true
		}
		if err := enc.WriteToken(name); err != nil {
			return err
		}
		value, err := d.ReadValue()
		if err != nil && err != io.EOF {
			return err
		}
		if err := enc.WriteValue(value); err != nil {
			return err
		}
	}
	return s.complete(enc, authority, id, timestamp, version)
}

// complete writes what is missing.
func (s *Statement) complete(enc *jsontext.Encoder, authority jsontext.Value, id, timestamp, version bool) error {
	stored := s.Stored.Format(time.RFC3339Nano)
	member := func(name, value string) error {
		if err := enc.WriteToken(jsontext.String(name)); err != nil {
			return err
		}
		return enc.WriteToken(jsontext.String(value))
	}
	var err error
	if !id {
		err = member("id", s.ID)
	}
	if err == nil && !timestamp {
		err = member("timestamp", stored)
	}
	if err == nil && !version {
		err = member("version", s.version())
	}
	if err == nil {
		err = member("stored", stored)
	}
	if err == nil {
		err = enc.WriteToken(jsontext.String("authority"))
	}
	if err == nil {
		err = enc.WriteValue(authority)
	}
	if err == nil {
		err = enc.WriteToken(jsontext.EndObject)
	}
	return err
}

func (s *Statement) version() string {
	if s.V2 {
		return "2.0.0"
	}
	return "1.0.0"
}
