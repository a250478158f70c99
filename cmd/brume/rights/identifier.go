// Package rights answers what a pupil, or a parent, may ask of those who run
// Brume: to be left out, to be forgotten, to be told what is held.
package rights

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"brume/schemas/event"
	"brume/schemas/mapping"
	"brume/schemas/xapi"
)

// ErrIdentifier marks a text that no publisher could send as an actor. It never
// quotes the text.
var ErrIdentifier = errors.New(`not an identifier: want the statement's actor, {"account":{"homePage":…,"name":…}}, or one line: HOMEPAGE NAME, mailto:…, a SHA-1 in hexadecimal, or an OpenID`)

// maxIdentifier bounds what is read of an identifier, in bytes.
const maxIdentifier = 64 << 10

// Identifier is what publishers call a person. It neither prints nor marshals.
type Identifier struct {
	Actor event.Actor // canonical
	Home  string      // the account's home page, or the identifier's kind
}

// Format hides the identifier from every verb of package fmt.
func (Identifier) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[identifier]") }

// MarshalJSON hides the identifier from encoders.
func (Identifier) MarshalJSON() ([]byte, error) { return []byte(`"[identifier]"`), nil }

// Read reads one identifier to the end of r.
func Read(r io.Reader) (Identifier, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxIdentifier))
	if err != nil {
		return Identifier{}, fmt.Errorf("reading the identifier: %w", err)
	}
	defer clear(text)
	return Parse(string(text))
}

// Parse reads an identifier in the very way that ingest reads an actor, so
// that both are one person.
func Parse(text string) (Identifier, error) {
	actor, err := actorOf(strings.TrimSpace(text))
	if err != nil {
		return Identifier{}, ErrIdentifier
	}
	const rest = `,"verb":{"id":"urn:x"},"object":{"id":"urn:x"}}`
	batch, err := xapi.DecodeText(`{"actor":`+string(actor)+rest, xapi.Options{V2: true, Limits: xapi.DefaultLimits()})
	if err != nil || len(batch.Statements) != 1 {
		return Identifier{}, ErrIdentifier
	}
	a := &batch.Statements[0].Actor
	if a.Group || a.Identifier == xapi.Anonymous {
		return Identifier{}, ErrIdentifier
	}
	canonical, home := mapping.Canonical(a)
	return Identifier{event.NewActor(canonical), home}, nil
}

var sha1Form = regexp.MustCompile(`^[0-9A-Fa-f]{40}$`)

// actorOf returns the actor as JSON: the text itself, or what one line means.
func actorOf(text string) (jsontext.Value, error) {
	fields := strings.Fields(text)
	var actor any
	switch {
	case strings.HasPrefix(text, "{"):
		if v := jsontext.Value(text); v.IsValid() {
			return v, nil
		}
		return nil, ErrIdentifier
	case len(fields) == 2:
		actor = map[string]any{"account": map[string]string{"homePage": fields[0], "name": fields[1]}}
	case len(fields) != 1:
		return nil, ErrIdentifier
	case strings.HasPrefix(text, "mailto:"):
		actor = map[string]string{"mbox": text}
	case sha1Form.MatchString(text):
		actor = map[string]string{"mbox_sha1sum": text}
	default:
		actor = map[string]string{"openid": text}
	}
	return json.Marshal(actor)
}
