package gate

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"brume/internal/kafka"
)

// PartialName names the partial of one partition for one release.
func PartialName(release string, partition int) string {
	return release + "/" + strconv.Itoa(partition)
}

// partials collects sealed partials until their release is committed.
type partials struct {
	next      int64 // offset of the next record; -1: the first that is there
	assembler kafka.Assembler
	sealed    map[string]map[int][][]byte // release → partition → distinct sealed forms
}

func newPartials() *partials { return &partials{next: -1, sealed: map[string]map[int][][]byte{}} }

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
	release, number, ok := strings.Cut(name, "/")
	partition, err := strconv.Atoi(number)
	if !ok || err != nil {
		return fmt.Errorf("partial at offset %d: malformed name", r.Offset)
	}
	if p.sealed[release] == nil {
		p.sealed[release] = map[int][][]byte{}
	}
	forms := p.sealed[release][partition]
	if !slices.ContainsFunc(forms, func(b []byte) bool { return bytes.Equal(b, payload) }) {
		p.sealed[release][partition] = append(forms, payload)
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
