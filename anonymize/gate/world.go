package gate

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"slices"

	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/release"
	"brume/schemas/topics"
)

// world is what the public topics say was released.
type world struct {
	releasesNext, loadsNext int64
	assembler               kafka.Assembler
	copied                  map[string][]ledger.Hash // every distinct payload
	loads                   []ledger.Load
}

// read takes in what was appended to the topics since the last call.
func (w *world) read(ctx context.Context, log Log) (err error) {
	w.releasesNext, err = log.ReadAll(ctx, topics.Releases, 0, w.releasesNext, func(r kafka.Record) error {
		name, payload, complete, err := w.assembler.Add(r.Value)
		if err == nil && complete {
			w.copied[name] = append(w.copied[name], release.Hash(payload))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("reading releases: %w", err)
	}
	w.loadsNext, err = log.ReadAll(ctx, topics.Loads, 0, w.loadsNext, func(r kafka.Record) error {
		var load ledger.Load
		if err := json.Unmarshal(r.Value, &load); err != nil {
			return fmt.Errorf("load at offset %d: %w", r.Offset, err)
		}
		w.loads = append(w.loads, load)
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading loads: %w", err)
	}
	return nil
}

// holds says whether the public topic has the committed payload.
func (w *world) holds(c ledger.Committed) bool {
	return slices.Contains(w.copied[c.Release], c.Payload)
}

// checkWorld requires that releases and loads name nothing that the ledger
// does not.
func (g *Gate) checkWorld(ctx context.Context) error {
	if err := g.world.read(ctx, g.log); err != nil {
		return err
	}
	if err := g.book.Sync(ctx); err != nil {
		return err
	}
	chain := &g.book.Chain
	for name, payloads := range g.world.copied {
		if c, ok := chain.Committed(name); !ok || len(payloads) != 1 || payloads[0] != c.Payload {
			return fmt.Errorf("topic %s, release %s: %w", topics.Releases, name, ErrWorld)
		}
	}
	for _, load := range g.world.loads {
		c, ok := chain.Committed(load.Release)
		if !ok || c.Payload != load.Payload || load.Ledger.Sequence > chain.Pin().Sequence {
			return fmt.Errorf("topic %s, release %s: %w", topics.Loads, load.Release, ErrWorld)
		}
	}
	return nil
}
