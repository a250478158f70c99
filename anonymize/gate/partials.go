package gate

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"brume/internal/kafka"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// PartialName names the partial of one partition for one release.
func PartialName(release string, partition int) string {
	return release + "/" + strconv.Itoa(partition)
}

// gappedSuffix marks the partial of a partition that lost statements.
const gappedSuffix = "/gap"

// GappedName names the partial of a partition that lost statements of the
// release's window: all its sums are zero. The name is bound to the sums when
// they are sealed, and so to the inputs in the ledger.
func GappedName(release string, partition int) string {
	return PartialName(release, partition) + gappedSuffix
}

// PartialContext binds a partial's sums to its name and to the rules by which
// they were folded: noise of another plan could be too small for them.
func PartialContext(name string, plan *policy.Plan, reg *registry.Registry) []byte {
	registry := reg.Hash()
	return fmt.Appendf(nil, "%s\x00%x\x00%x", name, plan.PolicyHash, registry)
}

// partial is one sealed form of a partition's sums.
type partial struct {
	name   string
	sealed []byte
}

func (p partial) gapped() bool { return strings.HasSuffix(p.name, gappedSuffix) }

// partials collects sealed partials until their release is committed.
type partials struct {
	next      int64 // offset of the next record; -1: the first that is there
	assembler kafka.Assembler
	sealed    map[string]map[int][]partial // release → partition → distinct sealed forms, in order
}

func newPartials() *partials { return &partials{next: -1, sealed: map[string]map[int][]partial{}} }

// add takes one record of the topic. A partition may send its partial again;
// each sealing differs, so all are kept and compared when opened.
func (p *partials) add(r kafka.Record) error {
	name, payload, complete, err := p.assembler.Add(r.Value)
	if err != nil {
		return fmt.Errorf("partial at offset %d: %w", r.Offset, err)
	}
	if !complete {
		return nil
	}
	release, number, ok := strings.Cut(strings.TrimSuffix(name, gappedSuffix), "/")
	partition, err := strconv.Atoi(number)
	if !ok || err != nil {
		return fmt.Errorf("partial at offset %d: malformed name", r.Offset)
	}
	if p.sealed[release] == nil {
		p.sealed[release] = map[int][]partial{}
	}
	forms := p.sealed[release][partition]
	if !slices.ContainsFunc(forms, func(f partial) bool { return f.name == name && bytes.Equal(f.sealed, payload) }) {
		p.sealed[release][partition] = append(forms, partial{name, payload})
	}
	return nil
}

// complete says whether every partition has sent its partial.
func (p *partials) complete(release string, partitions int) bool {
	for i := range partitions {
		if len(p.sealed[release][i]) == 0 {
			return false
		}
	}
	return true
}

// releases returns the releases that have partials, ascending.
func (p *partials) releases() []string { return slices.Sorted(maps.Keys(p.sealed)) }

func (p *partials) forget(release string) { delete(p.sealed, release) }
