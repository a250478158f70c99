package keys_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"brume/anonymize/keys"
	"brume/schemas/event"
	"brume/schemas/event/keyring"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func ingestOf(t testing.TB, dir string) *keyring.Ingest {
	t.Helper()
	in, err := keyring.OpenIngest(dir)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestFromIngestToAnonymize(t *testing.T) {
	dir, s := initialised(t)
	in := ingestOf(t, dir)
	sealer, opener := event.NewSealer(in.Sealing, (&clock{noon}).now), event.NewOpener(s)
	partition := in.Routing(sample().Actor.Reveal(), 64)
	record, err := sealer.Seal(sample(), partition)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := opener.Open(record, partition); err != nil || got != *sample() {
		t.Errorf("differs: %v", err)
	}
	if bytes.Contains(record, []byte("canary")) {
		t.Error("the actor shows in the record")
	}
	again := ingestOf(t, dir)
	id, err := s.RoutingID()
	if err != nil || again.Routing(sample().Actor.Reveal(), 64) != partition || id != in.RoutingID {
		t.Errorf("routing is not stable: %v", err)
	}
	if in.Fingerprint(1, "id") != again.Fingerprint(1, "id") || in.Fingerprint(1, "id") == in.Fingerprint(2, "id") ||
		in.Fingerprint(1, "id") == in.Fingerprint(1, "ie") {
		t.Error("fingerprints are not stable, or not distinct")
	}
}

// TestIngestHoldsNoPrivateKey: ingest works from its two parts alone, and
// nothing in them opens a record.
func TestIngestHoldsNoPrivateKey(t *testing.T) {
	dir, _ := initialised(t)
	for _, part := range []string{"anonymize", "operator", "gate"} {
		if err := os.RemoveAll(filepath.Join(dir, part)); err != nil {
			t.Fatal(err)
		}
	}
	record, err := event.NewSealer(ingestOf(t, dir).Sealing, (&clock{noon}).now).Seal(sample(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range contents(t, dir) {
		if strings.HasPrefix(name, "public/") && strings.Contains(content, "PRIVATE") {
			t.Errorf("%s holds a private key", name)
		}
	}
	_, err = event.NewOpener(open(t, dir)).Open(record, 0)
	if err == nil || errors.Is(err, event.ErrKeyGone) || errors.Is(err, event.ErrSealed) {
		t.Errorf("a missing directory gives the record up: %v", err)
	}
}

func TestMaintenanceGrowsAndDestroys(t *testing.T) {
	dir, s := initialised(t)
	sealer := event.NewSealer(ingestOf(t, dir).Sealing, (&clock{noon.Add(59 * time.Minute)}).now)
	record, err := sealer.Seal(sample(), 0)
	if err != nil {
		t.Fatal(err)
	}
	warm, death := event.NewOpener(s), noon.Add(time.Hour+72*time.Hour)
	for _, step := range []struct {
		now  time.Time
		want error
	}{
		{noon.Add(time.Hour), nil}, {noon.Add(49 * time.Hour), nil}, {death.Add(-time.Second), nil},
		{death, event.ErrKeyGone}, {death.Add(time.Hour), event.ErrKeyGone},
		{noon, event.ErrSealed}, // a clock that went back: the hour's new key is another
	} {
		if err := s.MaintainSealing(step.now); err != nil {
			t.Fatal(err)
		}
		for name, o := range map[string]*event.Opener{
			"warm": warm, "cold": event.NewOpener(s), "restarted": event.NewOpener(open(t, dir)),
		} {
			if _, err := o.Open(record, 0); !errors.Is(err, step.want) {
				t.Errorf("at %s, %s: got %v, want %v", step.now, name, err, step.want)
			}
		}
		sealing := ingestOf(t, dir).Sealing
		for ahead := range int32(49) {
			at := step.now.Add(time.Duration(ahead) * time.Hour)
			if k, err := sealing.Current(at); err != nil || k.Hour != event.Hour(step.now)+ahead {
				t.Errorf("at %s, %d h ahead: %v", step.now, ahead, err)
			}
		}
		if _, err := sealing.Current(step.now.Add(-time.Hour)); !errors.Is(err, event.ErrNoKey) {
			t.Errorf("at %s: the last hour's key can still be used: %v", step.now, err)
		}
	}
}

// TestDestructionElsewhere: another process destroyed the key; an opener that
// holds it notices within a minute.
func TestDestructionElsewhere(t *testing.T) {
	dir, s := initialised(t)
	c := &clock{noon}
	s.SetNow(c.now)
	record, err := event.NewSealer(ingestOf(t, dir).Sealing, c.now).Seal(sample(), 0)
	if err != nil {
		t.Fatal(err)
	}
	opener := event.NewOpener(s)
	if _, err := opener.Open(record, 0); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).MaintainSealing(noon.Add(80 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	c.at = noon.Add(time.Minute)
	if _, err := opener.Open(record, 0); !errors.Is(err, event.ErrKeyGone) {
		t.Errorf("got %v", err)
	}
}

// TestPublicKeysEndWithTheirHour: 48 h without maintenance, then ingest stops.
func TestPublicKeysEndWithTheirHour(t *testing.T) {
	dir, s := initialised(t)
	c := &clock{noon}
	sealer := event.NewSealer(ingestOf(t, dir).Sealing, c.now)
	end := noon.Add(49 * time.Hour)
	for c.at = noon; c.at.Before(end); c.at = c.at.Add(17 * time.Minute) {
		if _, err := sealer.Seal(sample(), 0); err != nil {
			t.Fatalf("at %s: %v", c.at, err)
		}
	}
	for c.at = end; c.at.Before(end.Add(30 * time.Second)); c.at = c.at.Add(time.Second) {
		if _, err := sealer.Seal(sample(), 0); !errors.Is(err, event.ErrNoKey) {
			t.Fatalf("at %s: got %v", c.at, err)
		}
	}
	if err := s.MaintainSealing(c.at); err != nil {
		t.Fatal(err)
	}
	if _, err := sealer.Seal(sample(), 0); !errors.Is(err, event.ErrNoKey) {
		t.Errorf("read again within the minute: %v", err)
	}
	c.at = end.Add(time.Minute)
	if _, err := sealer.Seal(sample(), 0); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestForgedCertificatesAreRefused(t *testing.T) {
	dir, _ := initialised(t)
	stranger, _ := initialised(t)
	path := filepath.Join(dir, "public", keyring.SealingFile(event.Hour(noon)))
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(good, &fields); err != nil {
		t.Fatal(err)
	}
	edit := func(name string, v any) []byte {
		old := fields[name]
		defer func() { fields[name] = old }()
		fields[name] = v
		b, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	read := func(dir string, at time.Time) []byte {
		b, err := os.ReadFile(filepath.Join(dir, "public", keyring.SealingFile(event.Hour(at))))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, forged := range map[string][]byte{
		"a later not-after":   edit("not_after", noon.Add(1000*time.Hour).Unix()),
		"another authority":   read(stranger, noon),
		"another hour's":      read(dir, noon.Add(time.Hour)),
		"without signature":   edit("signature", ""),
		"an unknown property": edit("extra", 1),
		"truncated":           good[:len(good)/2],
		"empty":               nil,
	} {
		if err := os.WriteFile(path, forged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ingestOf(t, dir).Sealing.Current(noon); !errors.Is(err, event.ErrNoKey) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ingestOf(t, dir).Sealing.Current(noon); err != nil {
		t.Error(err)
	}
}

// TestCertificateWithoutPrivateHalf: nobody could open what is sealed to it,
// so maintenance replaces both.
func TestCertificateWithoutPrivateHalf(t *testing.T) {
	dir, s := initialised(t)
	if err := os.Remove(filepath.Join(dir, "anonymize", keyring.SealingFile(event.Hour(noon)))); err != nil {
		t.Fatal(err)
	}
	if err := s.MaintainSealing(noon); err != nil {
		t.Fatal(err)
	}
	record, err := event.NewSealer(ingestOf(t, dir).Sealing, (&clock{noon}).now).Seal(sample(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := event.NewOpener(s).Open(record, 0); err != nil {
		t.Error(err)
	}
}

func TestIngestRefusesAnotherRoutingKey(t *testing.T) {
	dir, _ := initialised(t)
	stranger, _ := initialised(t)
	b, err := os.ReadFile(filepath.Join(stranger, "public", keyring.RoutingIDFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "public", keyring.RoutingIDFile), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.OpenIngest(dir); err == nil {
		t.Error("started with a routing key that dir/public does not name")
	}
}

func BenchmarkOpen(b *testing.B) {
	dir, s := initialised(b)
	record, err := event.NewSealer(ingestOf(b, dir).Sealing, (&clock{noon}).now).Seal(sample(), 0)
	if err != nil {
		b.Fatal(err)
	}
	opener := event.NewOpener(s)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := opener.Open(record, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInit(b *testing.B) {
	for b.Loop() {
		if err := keys.Init(filepath.Join(b.TempDir(), "keys"), []string{year}, noon); err != nil {
			b.Fatal(err)
		}
	}
}
