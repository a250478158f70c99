package anonymize

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/control"
	"brume/schemas/policy"
	"brume/schemas/topics"
)

// ★ Topics hold actors and pseudonyms only sealed: every record of every topic
// is searched for every pupil of the run, its own tombstones, quarantine and
// snapshots included.
func TestTopicsHoldPupilsOnlySealed(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 2)
		steps := append(s.history(7), s.forgetting(3)...)
		i := s.start(nil)
		s.write(steps...)
		for n, b := range s.poison()[2:5] { // sealed events that do not open
			s.check(s.client.Produce(s.ctx(), topics.Statements, n%2, b.value))
		}
		s.settled(i)
		s.released(weeks)
		s.check(i.stop())
		secrets := s.secrets()
		for _, topic := range []string{topics.Statements, topics.Quarantine, topics.Cohorts, topics.Partials, topics.Drafts, topics.Ledger, topics.Releases} {
			if s.count(topic) == 0 {
				t.Errorf("topic %s is empty: nothing was searched", topic)
			}
		}
		if found := s.search(secrets); len(found) > 0 {
			t.Errorf("in clear: %s", strings.Join(found, "; "))
		}
		// The search finds what it looks for: each form, planted.
		for what, secret := range map[string][]byte{
			"actor": []byte(pupil(1)), "name": []byte("canary-0002"), "pseudonym": secrets["pseudonym of pupil 3"],
			"hex": secrets["hexadecimal pseudonym of pupil 4"], "base64": []byte(base64.StdEncoding.EncodeToString(append(secrets["pseudonym of pupil 5"], "and more"...))),
		} {
			s.check(s.client.Produce(s.ctx(), topics.Quality, 0, append([]byte(what+": "), secret...)))
		}
		if found := s.search(secrets); len(found) < 5 {
			t.Errorf("of five plants the search found %d: %s", len(found), strings.Join(found, "; "))
		}
	})
}

// forgetting are an objection and an erasure, which name pupils by tokens.
func (s *site) forgetting(n int) []step {
	s.t.Helper()
	key, err := s.store().Pseudonym(schoolYear)
	s.check(err)
	token := func(n int) [16]byte { return key.Token(key.Of(policy.ScopeShared, pupil(n))) }
	object, erase := s.closing(0), s.closing(0)
	object.control = control.Record{Kind: control.Object, Year: schoolYear, Token: token(n), Partition: control.AllPartitions, Issued: object.control.Issued}
	erase.control = control.Record{Kind: control.Erase, Year: schoolYear, Token: token(n + 1), Partition: control.AllPartitions, Issued: erase.control.Issued}
	return []step{object, erase, {event: s.eventOf(n, 2, 1)}, {event: s.eventOf(n+1, 2, 2)}}
}

// secrets are the forms in which a pupil could stand in clear.
func (s *site) secrets() map[string][]byte {
	s.t.Helper()
	key, err := s.store().Pseudonym(schoolYear)
	s.check(err)
	out := map[string][]byte{"the canary": []byte("canary-"), "the scope": []byte("account:" + home)}
	for n := range pupils {
		p := key.Of(policy.ScopeShared, pupil(n))
		out[fmt.Sprint("pupil ", n)] = []byte(pupil(n))
		out[fmt.Sprint("pseudonym of pupil ", n)] = bytes.Clone(p[:])
		out[fmt.Sprint("hexadecimal pseudonym of pupil ", n)] = []byte(hex.EncodeToString(p[:]))
		out[fmt.Sprint("base64 pseudonym of pupil ", n)] = []byte(base64.RawStdEncoding.EncodeToString(p[:15]))
		out[fmt.Sprint("base64 actor of pupil ", n)] = []byte(base64.RawStdEncoding.EncodeToString([]byte(pupil(n))[:30]))
	}
	return out
}

func (s *site) count(topic string) (n int) {
	s.t.Helper()
	for p := range s.partitionsOf(topic) {
		n += len(s.values(topic, p))
	}
	return n
}

func (s *site) partitionsOf(topic string) int {
	for _, spec := range topics.All() {
		if spec.Name == topic && spec.Partitioned {
			return s.partitions
		}
	}
	return 1
}

// search looks for the secrets in every record of every topic, keys included.
func (s *site) search(secrets map[string][]byte) (found []string) {
	s.t.Helper()
	for _, spec := range topics.All() {
		for p := range s.partitionsOf(spec.Name) {
			first, _, err := s.client.Offsets(s.ctx(), spec.Name, p)
			s.check(err)
			_, err = s.client.ReadAll(s.ctx(), spec.Name, p, first, func(r kafka.Record) error {
				record := append(bytes.Clone(r.Key), r.Value...)
				for what, secret := range secrets {
					if bytes.Contains(record, secret) {
						found = append(found, fmt.Sprintf("%s/%d at %d: %s", spec.Name, p, r.Offset, what))
					}
				}
				return nil
			})
			s.check(err)
		}
	}
	return found
}
