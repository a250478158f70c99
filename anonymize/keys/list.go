package keys

import (
	"fmt"
	"os"
	"strings"
	"time"

	"brume/schemas/event"
	"brume/schemas/event/keyring"
)

// Info says that a key exists, or existed. It holds no key material.
type Info struct {
	Name      string    `json:"name"` // file below the key directory
	Kind      string    `json:"kind"`
	Created   time.Time `json:"created,omitzero"`    // of the file
	NotAfter  time.Time `json:"not_after,omitzero"`  // public sealing keys: end of use; private ones: destruction is due
	WrappedBy string    `json:"wrapped_by,omitzero"` // name of the KEK; "": the file is in the clear
	Destroyed bool      `json:"destroyed,omitzero"`  // only the tombstone is left
}

// List says which keys this host holds, in the order of their names.
func (s *Store) List() ([]Info, error) {
	var infos []Info
	for _, part := range parts {
		names, err := s.files(part)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if strings.HasPrefix(name, keyring.TempPrefix) {
				continue
			}
			stat, err := os.Stat(s.path(part, name))
			if os.IsNotExist(err) {
				continue // destroyed meanwhile
			}
			if err != nil {
				return nil, fmt.Errorf("listing keys: %w", err)
			}
			info := describe(part, name, stat.ModTime())
			if strings.HasSuffix(name, ".json") {
				if info.WrappedBy, err = wrappedBy(s.path(part, name)); isAbsent(err) {
					continue
				} else if err != nil {
					return nil, err
				}
			}
			infos = append(infos, info)
		}
	}
	return infos, nil
}

// kinds is what the names of key files begin with.
var kinds = []struct{ prefix, kind string }{
	{"routing.id", "name of the routing key"},
	{"routing", "routing"},
	{"fingerprint", "fingerprints"},
	{"pseudonym-", "pseudonyms of a year"},
	{"cohort-", "snapshots of a year"},
	{"stream-", "noise of a year's streams"},
	{"year-", "keys of a year"},
	{"gate-wrap", "keys between gates"},
	{"certificates-sign", "certifies sealing keys"},
	{"certificates-verify", "checks sealing keys"},
	{"control-sign", "signs control records"},
	{"control-verify", "checks control records"},
	{"ledger-sign", "signs ledger records"},
	{"ledger-verify", "checks ledger records"},
	{"release-", "partials and drafts of a release"},
}

func describe(part, name string, modified time.Time) Info {
	i := Info{
		Name: part + "/" + name, Kind: "unknown", Created: modified.UTC(),
		Destroyed: strings.HasSuffix(name, ".destroyed"),
	}
	if hour, ok := keyring.SealingHour(name); ok {
		i.Kind, i.NotAfter = "sealing, public half", event.HourStart(hour+1)
		if part == keyring.AnonymizeDir {
			i.Kind, i.NotAfter = "sealing, private half", i.NotAfter.Add(event.PrivateLife)
		}
		return i
	}
	for _, k := range kinds {
		if strings.HasPrefix(name, k.prefix) {
			i.Kind = k.kind
			break
		}
	}
	return i
}
