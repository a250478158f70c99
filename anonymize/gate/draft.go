package gate

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"brume/anonymize/exact"
	"brume/internal/crashpoint"
	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/release"
	"brume/schemas/topics"
)

// draft is an encrypted, noised release that is not yet committed.
type draft struct {
	name    string
	wrapped []byte // the draft's key under the release's key
	chunks  [][]byte
}

// newDraft encrypts the payload under a fresh key, which is kept only wrapped.
func newDraft(id string, payload []byte, releaseKey exact.AEAD) (draft, error) {
	var secret [48]byte
	rand.Read(secret[:])
	key, name := secret[:32], id+"/"+hex.EncodeToString(secret[32:])
	aead, err := gcm(key)
	if err != nil {
		return draft{}, err
	}
	sealed := aead.Seal(nil, make([]byte, aead.NonceSize()), payload, []byte(name)) // the key is used once
	wrapped, err := releaseKey.Encrypt(key, []byte("draft "+name))
	if err != nil {
		return draft{}, fmt.Errorf("wrapping the draft's key: %w", err)
	}
	return draft{name, wrapped, kafka.SplitBlob(name, sealed)}, nil
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// copy opens the committed draft and appends it to the public topic. It MUST
// be given only a commitment that stands in the chain.
func (g *Gate) copy(ctx context.Context, c ledger.Committed) error {
	sealed, err := g.findDraft(ctx, c.Draft)
	if err != nil {
		return err
	}
	releaseKey, err := g.keys.ReleaseKey(c.Release)
	if err != nil {
		return err
	}
	key, err := releaseKey.Decrypt(c.DraftKey, []byte("draft "+c.Draft))
	if err != nil {
		return fmt.Errorf("unwrapping the draft's key: %w", err)
	}
	aead, err := gcm(key)
	if err != nil {
		return err
	}
	payload, err := aead.Open(nil, make([]byte, aead.NonceSize()), sealed, []byte(c.Draft))
	if err != nil {
		return fmt.Errorf("opening the draft: %w", err)
	}
	if release.Hash(payload) != c.Payload {
		return errors.New("the draft is not the committed one")
	}
	crashpoint.Hit("gate.copy.before", c.Release)
	return g.log.Produce(ctx, topics.Releases, 0, kafka.SplitBlob(c.Release, payload)...)
}

// findDraft reads the drafts topic for a draft.
func (g *Gate) findDraft(ctx context.Context, name string) (sealed []byte, err error) {
	first, _, err := g.log.Offsets(ctx, topics.Drafts, 0)
	if err != nil {
		return nil, err
	}
	var a kafka.Assembler
	_, err = g.log.ReadAll(ctx, topics.Drafts, 0, first, func(r kafka.Record) error {
		got, payload, complete, err := a.Add(r.Value)
		if err == nil && complete && got == name {
			sealed = payload
		}
		return err
	})
	if err == nil && sealed == nil {
		err = fmt.Errorf("draft %s is not in the topic", name)
	}
	return sealed, err
}
