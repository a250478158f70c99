package publishers

import (
	"encoding/json/jsontext"
	"errors"
	"regexp"
	"slices"
	"time"
)

// LiveKeys is how many secrets of a line live at once: two, for rotation.
const LiveKeys = 2

// Record is one publisher. Numbers ascend and are never used again: events
// carry them.
type Record struct {
	Name        string         `json:"name"`
	Number      uint16         `json:"number"`
	Mapping     string         `json:"mapping"`               // a shipped one, or the name of MappingText's
	MappingText string         `json:"mapping_text,omitzero"` // YAML of a mapping of its own
	Revision    uint64         `json:"revision,omitzero"`     // of two changes with one, the log's first counts
	Created     time.Time      `json:"created"`
	Keys        []Key          `json:"keys"`
	Unknown     jsontext.Value `json:",embed"` // written by a newer version
}

// The decisions about publishers.
var (
	ErrExists   = errors.New("publisher exists")
	ErrUnknown  = errors.New("no such publisher")
	ErrNoKey    = errors.New("no such key")
	ErrFull     = errors.New("no number left for another publisher")
	ErrBadName  = errors.New("a publisher's name is 1 to 64 lower-case letters, digits and hyphens")
	ErrConflict = errors.New("the registry keeps changing")
	ErrDamaged  = errors.New("the publisher's record cannot be read")
	ErrTaken    = errors.New("another publisher has this client or certificate")
	ErrWhichKey = errors.New("the publisher has several lines of secrets: name the key")
	ErrNoSecret = errors.New("only secrets are rotated: give another key and revoke this one")
	ErrManyKeys = errors.New("the publisher has too many keys")
)

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

func (r *Record) clone() Record {
	c := *r
	c.Keys = slices.Clone(r.Keys)
	return c
}
