package publishers

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json/v2"
	"fmt"
	"math"
	"strconv"

	"brume/internal/kafka"
	"brume/schemas/topics"
)

// attempts bounds how often a change is tried anew.
const attempts = 20

// read reads the whole topic. Records that do not decode are the store's to
// report: they stop no work on other publishers.
func (a *Admin) read(ctx context.Context) (state, error) {
	all, _, err := a.readFor(ctx, nil)
	return all, err
}

// readFor says also whether a value of the topic counted, which another change
// may have followed since.
func (a *Admin) readFor(ctx context.Context, value []byte) (all state, counted bool, err error) {
	all = newState()
	first, _, err := a.log.Offsets(ctx, topics.Publishers, 0)
	if err != nil {
		return all, false, err
	}
	_, err = a.log.ReadAll(ctx, topics.Publishers, 0, first, func(rec kafka.Record) error {
		if took, _ := all.apply(rec); took && bytes.Equal(rec.Value, value) {
			counted = true
		}
		return nil
	})
	return all, counted, err
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

// change edits one record, which is new when its Number is still 0 after; edit
// then MUST set it. A record that cannot be read is only replaced by one
// without keys. Of two changes with one revision the log's first counts for
// every reader: who came second reads what the first one made, and edits that.
//
// A process that dies between the two leaves its record as the log's last, and
// compaction would keep that one: see docs/publishers.md.
func (a *Admin) change(ctx context.Context, name string, edit func(state, *Record) error) error {
	for range attempts {
		all, err := a.read(ctx)
		if err != nil {
			return err
		}
		old := all.records[name]
		r := old.clone()
		if err := edit(all, &r); err != nil {
			return err
		}
		switch {
		case r.Number == 0:
			return ErrUnknown
		case all.damaged[name] && old.Number > 0 && len(r.Keys) > 0: // what the unreadable record took away must not come back
			return ErrDamaged
		}
		r.Revision = old.Revision + 1
		value, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encoding: %w", err)
		}
		if err := a.log.ProduceKeyed(ctx, topics.Publishers, 0, []byte(name), value); err != nil {
			return err
		}
		if _, counted, err := a.readFor(ctx, value); err != nil || counted {
			return err
		}
	}
	return ErrConflict
}
