package publishers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"brume/internal/kafka"
	"brume/schemas/mapping"
)

// Admin changes the registry. Every change is in the topic, acknowledged by all
// replicas, when its method returns; two changes to one publisher at the same
// time both happen, one after the other.
type Admin struct {
	log *kafka.Client
	now func() time.Time
}

// NewAdmin works on the topic publishers, which must exist.
func NewAdmin(log *kafka.Client, now func() time.Time) *Admin { return &Admin{log, now} }

// Source is a mapping: a shipped one by its name, or YAML text.
type Source struct{ Name, Text string }

// check completes and checks a source.
func (s *Source) check() error {
	if s.Text != "" {
		m, err := mapping.Parse([]byte(s.Text))
		if err != nil {
			return err
		}
		s.Name = m.Name
	}
	_, err := ParseMapping(s.Name, s.Text)
	return err
}

// Issued is a new key. Secret is shown this once, and "" for the other kinds.
type Issued struct {
	Key    Key
	Secret string
}

// Add registers a publisher with a shipped mapping and gives it a secret
// without limits.
func (a *Admin) Add(ctx context.Context, name, mapping string) (key, secret string, err error) {
	i, err := a.Register(ctx, name, Source{Name: mapping}, Grant{})
	return i.Key.ID, i.Secret, err
}

// Register registers a publisher with its first key.
func (a *Admin) Register(ctx context.Context, name string, from Source, g Grant) (Issued, error) {
	i, err := a.register(ctx, name, from, g)
	if err != nil {
		return Issued{}, fmt.Errorf("adding publisher %s: %w", name, err)
	}
	return i, nil
}

func (a *Admin) register(ctx context.Context, name string, from Source, g Grant) (Issued, error) {
	if !validName.MatchString(name) {
		return Issued{}, ErrBadName
	}
	i, err := g.issue(a.now())
	if err != nil {
		return Issued{}, err
	}
	if err := from.check(); err != nil {
		return Issued{}, err
	}
	number, err := a.claim(ctx, name)
	if err != nil {
		return Issued{}, err
	}
	err = a.change(ctx, name, func(all state, r *Record) error {
		if r.Number != 0 {
			return ErrExists
		}
		*r = Record{Name: name, Number: number, Mapping: from.Name, MappingText: from.Text, Created: a.now().UTC()}
		return r.give(all, i.Key)
	})
	return i, err
}

// Give gives the publisher another key. A secret begins a line of its own.
func (a *Admin) Give(ctx context.Context, name string, g Grant) (Issued, error) {
	i, err := g.issue(a.now())
	if err == nil {
		if i.Key.Kind() == Secret {
			i.Key.Line = i.Key.ID
		}
		err = a.change(ctx, name, func(all state, r *Record) error { return r.give(all, i.Key) })
	}
	if err != nil {
		return Issued{}, fmt.Errorf("giving %s a key: %w", name, err)
	}
	return i, nil
}

// Rotate gives the publisher a secret that replaces one of its keys, "" for
// the only line there is. It has the sandbox and the limits of the newest key
// of its line. That key stays live, older ones of the line end.
func (a *Admin) Rotate(ctx context.Context, name, key string) (Issued, error) {
	var i Issued
	err := a.change(ctx, name, func(_ state, r *Record) error {
		old, err := r.newest(key)
		if err != nil {
			return err
		}
		i.Key, i.Secret = newSecret(a.now())
		i.Key.Line, i.Key.Sandbox, i.Key.Limits, i.Key.Unknown = old.Line, old.Sandbox, old.Limits, old.Unknown
		r.replace(i.Key)
		return nil
	})
	if err != nil {
		return Issued{}, fmt.Errorf("rotating the key of %s: %w", name, err)
	}
	return i, nil
}

// Revoke ends one key of the publisher, or all of them when key is "".
func (a *Admin) Revoke(ctx context.Context, name, key string) error {
	err := a.change(ctx, name, func(_ state, r *Record) error {
		before := len(r.Keys)
		r.Keys = slices.DeleteFunc(r.Keys, func(k Key) bool { return key == "" || k.ID == key })
		if key != "" && len(r.Keys) == before {
			return ErrNoKey
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("revoking keys of %s: %w", name, err)
	}
	return nil
}

// Map gives the publisher another mapping.
func (a *Admin) Map(ctx context.Context, name string, from Source) error {
	err := from.check()
	if err == nil {
		err = a.change(ctx, name, func(_ state, r *Record) error {
			r.Mapping, r.MappingText = from.Name, from.Text
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("mapping of %s: %w", name, err)
	}
	return nil
}

// List gives every publisher, by number.
func (a *Admin) List(ctx context.Context) ([]Record, error) {
	all, err := a.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing publishers: %w", err)
	}
	return all.list(), nil
}
