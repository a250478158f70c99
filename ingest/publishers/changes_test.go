package publishers

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// record reads a publisher as it stands.
func record(t *testing.T, a *Admin, name string) Record {
	t.Helper()
	list, err := a.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no publisher %s", name)
	return Record{}
}

// ★ Of changes at the same time none is lost, and a live store has them all.
func TestConcurrentOperators(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c, ctx := client(t, cfg), t.Context()
		admin := NewAdmin(c, time.Now)
		if _, _, err := admin.Add(ctx, "calcul", "generic"); err != nil {
			t.Fatal(err)
		}
		s := follow(t, c)
		const operators, each = 4, 3
		var wg sync.WaitGroup
		for i := range operators {
			wg.Go(func() {
				for n := range each {
					if _, err := NewAdmin(c, time.Now).Give(ctx, "calcul", Grant{Client: fmt.Sprintf("client-%d-%d", i, n)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		r := record(t, admin, "calcul")
		var clients []string
		for _, k := range r.Keys {
			clients = append(clients, k.Client)
		}
		slices.Sort(clients)
		if len(slices.Compact(clients)) != 1+operators*each || len(r.Keys) != 1+operators*each {
			t.Errorf("%d keys, clients %v", len(r.Keys), clients)
		}
		eventually(t, "the store has every key", func() bool { return len(s.live.Load().clients) == operators*each })
	})
}

// ★ A rotated secret keeps its sandbox and its limits, and each line of secrets
// rotates on its own.
func TestRotationKeepsLimits(t *testing.T) {
	c, ctx := client(t, testenv.Kafka(t)), t.Context()
	admin := NewAdmin(c, time.Now)
	if _, _, err := admin.Add(ctx, "calcul", "generic"); err != nil {
		t.Fatal(err)
	}
	school := registry.Demonstration(1).Schools[0].UAI.String()
	limits := Limits{Rate: 5, Burst: 9, Schools: []string{school}, Tools: []string{"calcul"}, Prefixes: []string{"https://calcul.example/"}}
	tried, err := admin.Give(ctx, "calcul", Grant{Sandbox: true, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Rotate(ctx, "calcul", ""); !errors.Is(err, ErrWhichKey) {
		t.Errorf("two lines and no key: %v", err)
	}
	key := tried.Key.ID
	for range 3 {
		i, err := admin.Rotate(ctx, "calcul", key)
		if err != nil {
			t.Fatal(err)
		}
		if got := i.Key; got.line() != tried.Key.line() || !got.Sandbox || got.Limits.Rate != 5 || got.Limits.Burst != 9 || !slices.Equal(got.Limits.Schools, limits.Schools) ||
			!slices.Equal(got.Limits.Tools, limits.Tools) || !slices.Equal(got.Limits.Prefixes, limits.Prefixes) {
			t.Errorf("the new key is %+v", got)
		}
		key = i.Key.ID
	}
	var sandbox int
	for _, k := range record(t, admin, "calcul").Keys {
		if k.Sandbox {
			sandbox++
		}
	}
	if n := len(record(t, admin, "calcul").Keys); sandbox != LiveKeys || n != LiveKeys+1 {
		t.Errorf("%d keys, %d of the sandbox", n, sandbox)
	}
	i, err := admin.Give(ctx, "calcul", Grant{Client: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if i.Key.line() != i.Key.ID || tried.Key.line() != tried.Key.ID {
		t.Errorf("lines: %q, %q", i.Key.line(), tried.Key.line())
	}
	if _, err := admin.Rotate(ctx, "calcul", i.Key.ID); !errors.Is(err, ErrNoSecret) {
		t.Errorf("rotating a client: %v", err)
	}
	if err := admin.Revoke(ctx, "calcul", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Rotate(ctx, "calcul", ""); !errors.Is(err, ErrNoKey) {
		t.Errorf("a secret without limits out of nothing: %v", err)
	}
}

// What a key may not be.
func TestRefusedGrants(t *testing.T) {
	c, ctx := client(t, testenv.Kafka(t)), t.Context()
	admin := NewAdmin(c, time.Now)
	if _, err := admin.Register(ctx, "calcul", Source{Name: "generic"}, Grant{Client: "one"}); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Register(ctx, "lecture", Source{Name: "generic"}, Grant{Client: "one"}); !errors.Is(err, ErrTaken) {
		t.Errorf("another's client: %v", err)
	}
	for want, g := range map[string]Grant{
		"want a secret":       {Client: "x", Certificate: strings.Repeat("0", 64)},
		"client: want":        {Client: "a b"},
		"SHA-256":             {Certificate: "00"},
		"rate, burst":         {Limits: Limits{Rate: -1}},
		"goes with a rate":    {Limits: Limits{Burst: 1}},
		"UAI":                 {Limits: Limits{Schools: []string{"0360001B"}}},
		"is no tool":          {Limits: Limits{Tools: []string{"other"}}},
		"after the host":      {Limits: Limits{Prefixes: []string{"https://calcul.example"}}},
		"beginning of an IRI": {Limits: Limits{Prefixes: []string{"calcul.example/"}}},
	} {
		if _, err := admin.Give(ctx, "calcul", g); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("does not say %q: %v", want, err)
		}
	}
	if n := len(record(t, admin, "calcul").Keys); n != 1 {
		t.Errorf("%d keys", n)
	}
}

const ownMapping = "name: own\nversion: 1\nschool:\n  - fixed: %s\n"

// ★ A publisher's own mapping is effective; one that does not load stops that
// publisher and nobody else.
func TestOwnMappings(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c, ctx := client(t, cfg), t.Context()
		admin := NewAdmin(c, time.Now)
		s := follow(t, c)
		eventually(t, "ready", func() bool { return s.Ready() == nil })
		school := s.deps.Registry.Schools[0].UAI.String()
		i, err := admin.Register(ctx, "calcul", Source{Text: fmt.Sprintf(ownMapping, school)}, Grant{})
		if err != nil {
			t.Fatal(err)
		}
		key, secret, err := admin.Add(ctx, "lecture", "generic")
		if err != nil {
			t.Fatal(err)
		}
		mapped := func(key, secret, name string) bool {
			p, err := s.Authenticate(asking(key, secret))
			return err == nil && (p.Mapping == nil) == (name == "") && (p.Mapping == nil || p.Mapping.Name == name)
		}
		eventually(t, "its own", func() bool { return mapped(i.Key.ID, i.Secret, "own") })
		for _, bad := range []Source{{Text: "name: own"}, {Text: fmt.Sprintf(ownMapping, "nowhere")}, {Text: "{"}, {Name: "none"}} {
			if err := admin.Map(ctx, "calcul", bad); err == nil {
				t.Errorf("registered: %+v", bad)
			}
		}
		r := record(t, admin, "calcul")
		r.MappingText, r.Revision = "name: own\nversion: 0", r.Revision+1
		put(t, c, "calcul", r)
		eventually(t, "the bad one", func() bool { return mapped(i.Key.ID, i.Secret, "") && mapped(key, secret, "generic") })
		if err := admin.Map(ctx, "calcul", Source{Name: "generic"}); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the shipped one", func() bool { return mapped(i.Key.ID, i.Secret, "generic") })
		p, _ := s.Authenticate(asking(key, secret))
		q, _ := s.Authenticate(asking(i.Key.ID, i.Secret))
		if p.Mapping != q.Mapping {
			t.Error("the shipped mapping was parsed twice")
		}
	})
}

// put writes a value as no Admin would.
func put(t *testing.T, c *kafka.Client, name string, value any) {
	t.Helper()
	text, ok := value.(string)
	if !ok {
		b, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	if err := c.ProduceKeyed(t.Context(), topics.Publishers, 0, []byte(name), []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// ★ What a newer version wrote, or nobody can read, is answered as such: its
// keys are neither let in without their limits nor denied.
func TestNewerAndDamaged(t *testing.T) {
	c, ctx := client(t, testenv.Kafka(t)), t.Context()
	admin := NewAdmin(c, time.Now)
	s := follow(t, c)
	key, secret, err := admin.Add(ctx, "calcul", "generic")
	if err != nil {
		t.Fatal(err)
	}
	other, otherSecret, err := admin.Add(ctx, "lecture", "generic")
	if err != nil {
		t.Fatal(err)
	}
	answer := func(want error) func() bool {
		return func() bool {
			_, err := s.Authenticate(asking(key, secret))
			_, unaffected := s.Authenticate(asking(other, otherSecret))
			return errors.Is(err, want) && (want != nil || err == nil) && unaffected == nil
		}
	}
	good := record(t, admin, "calcul")
	text, err := json.Marshal(good)
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, new string) string {
		good.Revision++
		out := strings.Replace(string(text), `"revision":1`, fmt.Sprintf(`"revision":%d`, good.Revision), 1)
		if !strings.Contains(out, old) {
			t.Fatalf("no %s in %s", old, out)
		}
		return strings.Replace(out, old, new, 1)
	}
	eventually(t, "as it is", answer(nil))
	for _, newer := range []struct{ old, new string }{
		{`{"id":`, `{"hours":"8-18","id":`},
		{`{"id":`, `{"limits":{"daily":10},"id":`},
		{`{"name":`, `{"suspended":true,"name":`},
		{`{"id":`, `{"limits":{"rate":-5},"id":`},
	} {
		put(t, c, "calcul", change(newer.old, newer.new))
		eventually(t, newer.new, answer(ErrUnusable))
		put(t, c, "calcul", change(`{"id":`, `{"id":`))
		eventually(t, "as it was", answer(nil))
	}
	put(t, c, "calcul", change(`{"id":`, `{"hours":"8-18","id":`))
	if _, err := admin.Rotate(ctx, "calcul", key); err != nil {
		t.Fatal(err)
	}
	for _, k := range record(t, admin, "calcul").Keys {
		if !strings.Contains(string(k.Unknown), `"hours":"8-18"`) {
			t.Errorf("a change lost what a newer version wrote: %s", k.Unknown)
		}
	}
	put(t, c, "calcul", "{")
	eventually(t, "damaged", answer(ErrUnusable))
	if _, _, err := admin.Add(ctx, "ecriture", "generic"); err != nil {
		t.Errorf("a damaged record stops work on others: %v", err)
	}
	if err := admin.Map(ctx, "calcul", Source{Name: "generic"}); !errors.Is(err, ErrDamaged) {
		t.Errorf("changing what cannot be read: %v", err)
	}
	if err := admin.Revoke(ctx, "calcul", ""); err != nil {
		t.Errorf("ending all keys of what cannot be read: %v", err)
	}
	eventually(t, "ended", answer(ErrDenied))
	if _, err := admin.Give(ctx, "calcul", Grant{}); err != nil {
		t.Errorf("a key after that: %v", err)
	}
}

// An older version's change over a newer one's does not take limits away.
func TestOlderVersionsChange(t *testing.T) {
	c, ctx := client(t, testenv.Kafka(t)), t.Context()
	admin := NewAdmin(c, time.Now)
	if _, err := admin.Register(ctx, "calcul", Source{Name: "generic"}, Grant{Sandbox: true}); err != nil {
		t.Fatal(err)
	}
	r := record(t, admin, "calcul")
	r.Revision, r.Keys[0].Sandbox = 0, false
	put(t, c, "calcul", r)
	if !record(t, admin, "calcul").Keys[0].Sandbox {
		t.Error("the sandbox is gone")
	}
}

// Two publishers with one client: neither is let in.
func TestSharedClient(t *testing.T) {
	c := client(t, testenv.Kafka(t))
	token, verifier := issuer(t)
	s := followWith(t, c, verifier)
	for n, name := range []string{"one", "two"} {
		put(t, c, name, Record{Name: name, Number: uint16(n + 1), Mapping: "generic", Keys: []Key{{ID: name, Client: "shared"}}})
	}
	text := token("shared")
	eventually(t, "both are read", func() bool {
		_, err := s.Authenticate(bearer(text))
		return errors.Is(err, ErrUnusable)
	})
}

// A change of the registry does not refill what a key has spent.
func TestChangesDoNotRefill(t *testing.T) {
	c, ctx := client(t, testenv.Kafka(t)), t.Context()
	admin := NewAdmin(c, time.Now)
	s := follow(t, c)
	i, err := admin.Register(ctx, "calcul", Source{Name: "generic"}, Grant{Limits: Limits{Rate: 1, Burst: 100}})
	if err != nil {
		t.Fatal(err)
	}
	var p Publisher
	eventually(t, "the key", func() bool { p, err = s.Authenticate(asking(i.Key.ID, i.Secret)); return err == nil })
	now := time.Now()
	if wait := p.Allow(now, 100); wait != 0 {
		t.Fatal(wait)
	}
	if err := admin.Map(ctx, "calcul", Source{Name: "fun-mooc"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the change", func() bool {
		p, err = s.Authenticate(asking(i.Key.ID, i.Secret))
		return err == nil && p.Mapping.Name == "fun-mooc"
	})
	if wait := p.Allow(now, 100); wait < 90*time.Second {
		t.Errorf("after %s there are 100 more", wait)
	}
}
