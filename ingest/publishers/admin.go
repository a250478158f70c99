package publishers

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json/v2"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"brume/internal/kafka"
	"brume/schemas/topics"
)

// Admin changes the registry. Every change is in the topic, acknowledged by all
// replicas, when its method returns. Of two changes to one publisher at the
// same time the later one wins.
type Admin struct {
	log *kafka.Client
	now func() time.Time
}

// NewAdmin works on the topic publishers, which must exist.
func NewAdmin(log *kafka.Client, now func() time.Time) *Admin { return &Admin{log, now} }

// attempts bounds how often Add tries another number.
const attempts = 20

// Add registers a publisher and returns its first key. The secret is shown
// this once.
func (a *Admin) Add(ctx context.Context, name, mapping string) (key, secret string, err error) {
	if !validName.MatchString(name) {
		return "", "", fmt.Errorf("adding publisher: %w", ErrBadName)
	}
	number, err := a.claim(ctx, name)
	if err != nil {
		return "", "", fmt.Errorf("adding publisher %s: %w", name, err)
	}
	var k Key
	err = a.change(ctx, name, func(r *Record) error {
		if r.Number != 0 {
			return ErrExists
		}
		k, secret = newKey(a.now())
		*r = Record{Name: name, Number: number, Mapping: mapping, Created: a.now().UTC(), Keys: []Key{k}}
		return nil
	})
	if err != nil {
		return "", "", fmt.Errorf("adding publisher %s: %w", name, err)
	}
	return k.ID, secret, nil
}

// Rotate gives the publisher another key. The one before stays live; older
// ones end.
func (a *Admin) Rotate(ctx context.Context, name string) (key, secret string, err error) {
	var k Key
	err = a.change(ctx, name, func(r *Record) error {
		if r.Number == 0 {
			return ErrUnknown
		}
		k, secret = newKey(a.now())
		r.Keys = append(r.Keys, k)
		r.Keys = r.Keys[max(0, len(r.Keys)-LiveKeys):]
		return nil
	})
	if err != nil {
		return "", "", fmt.Errorf("rotating the key of %s: %w", name, err)
	}
	return k.ID, secret, nil
}

// Revoke ends one key of the publisher, or all of them when key is "".
func (a *Admin) Revoke(ctx context.Context, name, key string) error {
	err := a.change(ctx, name, func(r *Record) error {
		if r.Number == 0 {
			return ErrUnknown
		}
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

// List gives every publisher, by number.
func (a *Admin) List(ctx context.Context) ([]Record, error) {
	all, err := a.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing publishers: %w", err)
	}
	return all.list(), nil
}

func (a *Admin) read(ctx context.Context) (registry, error) {
	all := newRegistry()
	first, _, err := a.log.Offsets(ctx, topics.Publishers, 0)
	if err != nil {
		return all, err
	}
	_, err = a.log.ReadAll(ctx, topics.Publishers, 0, first, all.apply)
	return all, err
}

// claim takes the next number for a publisher that does not exist yet.
func (a *Admin) claim(ctx context.Context, name string) (uint16, error) {
	token := rand.Text()
	for range attempts {
		all, err := a.read(ctx)
		if err != nil {
			return 0, err
		}
		if _, exists := all.records[name]; exists {
			return 0, ErrExists
		}
		if all.last() == math.MaxUint16 {
			return 0, ErrFull
		}
		number := all.last() + 1
		key := claimPrefix + strconv.Itoa(int(number))
		if err := a.log.ProduceKeyed(ctx, topics.Publishers, 0, []byte(key), []byte(token)); err != nil {
			return 0, err
		}
		if all, err = a.read(ctx); err != nil {
			return 0, err
		}
		if all.claims[number] == token {
			return number, nil
		}
	}
	return 0, ErrConflict
}

// change edits one record, which is zero when the publisher does not exist.
func (a *Admin) change(ctx context.Context, name string, edit func(*Record) error) error {
	all, err := a.read(ctx)
	if err != nil {
		return err
	}
	old := all.records[name]
	r := old.clone()
	if err := edit(&r); err != nil {
		return err
	}
	value, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	return a.log.ProduceKeyed(ctx, topics.Publishers, 0, []byte(name), value)
}

// newKey draws a key id of 80 bits and a secret of 256.
func newKey(now time.Time) (k Key, secret string) {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails: see crypto/rand
	secret = base64.RawURLEncoding.EncodeToString(random)
	digest := sha256.Sum256([]byte(secret))
	return Key{ID: "bk-" + strings.ToLower(rand.Text()[:16]), SHA256: hex.EncodeToString(digest[:]), Created: now.UTC()}, secret
}
