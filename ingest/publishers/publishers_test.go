package publishers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"brume/ingest/publishers/tokens"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func client(t *testing.T, cfg kafka.Config) *kafka.Client {
	t.Helper()
	c := kafka.New(cfg, testenv.Log(t))
	t.Cleanup(func() { _ = c.Close() })
	if err := c.EnsureTopics(t.Context(), []kafka.Topic{{Name: topics.Publishers, Partitions: 1, Compact: true}}); err != nil {
		t.Fatal(err)
	}
	return c
}

// follow runs a store until the test ends.
func follow(t *testing.T, c *kafka.Client) *Store {
	t.Helper()
	return followWith(t, c, nil)
}

// followWith is one that accepts tokens.
func followWith(t *testing.T, c *kafka.Client, v *tokens.Verifier) *Store {
	t.Helper()
	s := NewStore(Deps{Kafka: c, Registry: registry.Demonstration(1), Tokens: v, Log: testenv.Log(t)})
	run(t, s.Run)
	return s
}

// run runs something until the test ends.
func run(t *testing.T, fn func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- fn(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// eventually asks again for up to ten seconds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within ten seconds", what)
		}
	}
}

// asking is a request with Basic credentials.
func asking(key, secret string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/xapi/statements", nil)
	r.SetBasicAuth(key, secret)
	return r
}

func TestLifeOfAKey(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c, ctx := client(t, cfg), t.Context()
		admin := NewAdmin(c, time.Now)
		if _, err := NewStore(Deps{Kafka: c, Registry: registry.Demonstration(1), Log: testenv.Log(t)}).Authenticate(asking("x", "y")); !errors.Is(err, ErrNotReady) {
			t.Errorf("before the first read: %v", err)
		}
		early := follow(t, c)
		key, secret, err := admin.Add(ctx, "calcul", "generic")
		if err != nil {
			t.Fatal(err)
		}
		late := follow(t, c)
		for name, s := range map[string]*Store{"early": early, "late": late} {
			eventually(t, name, func() bool {
				p, err := s.Authenticate(asking(key, secret))
				return err == nil && p.Name == "calcul" && p.Number == 1
			})
			for _, wrong := range [][2]string{{key, secret + "x"}, {key, ""}, {"bk-x", secret}, {"", ""}} {
				if _, err := s.Authenticate(asking(wrong[0], wrong[1])); !errors.Is(err, ErrDenied) {
					t.Errorf("%s: a wrong key or secret gets %v", name, err)
				}
			}
		}
		rotate := func() (string, string) {
			t.Helper()
			i, err := admin.Rotate(ctx, "calcul", "")
			if err != nil {
				t.Fatal(err)
			}
			return i.Key.ID, i.Secret
		}
		key2, secret2 := rotate()
		accepting := func(k, s string) (n int) {
			for _, store := range []*Store{early, late} {
				if _, err := store.Authenticate(asking(k, s)); err == nil {
					n++
				}
			}
			return n
		}
		accepted := func(k, s string) bool { return accepting(k, s) == 2 }
		ended := func(k, s string) bool { return accepting(k, s) == 0 }
		eventually(t, "both keys live", func() bool { return accepted(key, secret) && accepted(key2, secret2) })
		key3, secret3 := rotate()
		eventually(t, "the oldest key ends", func() bool {
			return ended(key, secret) && accepted(key2, secret2) && accepted(key3, secret3)
		})
		if err := admin.Revoke(ctx, "calcul", key2); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a revoked key ends", func() bool { return ended(key2, secret2) && accepted(key3, secret3) })
		if err := admin.Revoke(ctx, "calcul", ""); err != nil {
			t.Fatal(err)
		}
		eventually(t, "all keys end", func() bool { return ended(key3, secret3) })
	})
}

func TestNumbers(t *testing.T) {
	c, ctx := client(t, testenv.Kafka(t)), t.Context()
	admin := NewAdmin(c, time.Now)
	var wg sync.WaitGroup
	for i := range 4 { // several operators at once
		wg.Go(func() {
			if _, _, err := NewAdmin(c, time.Now).Add(ctx, fmt.Sprintf("tool-%d", i), "generic"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := admin.Revoke(ctx, "tool-3", ""); err != nil {
		t.Fatal(err)
	}
	if _, _, err := admin.Add(ctx, "tool-4", "generic"); err != nil {
		t.Fatal(err)
	}
	list, err := admin.List(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range list {
		if int(r.Number) != i+1 {
			t.Errorf("publisher %s has number %d, want %d", r.Name, r.Number, i+1)
		}
	}
	if len(list) != 5 {
		t.Errorf("%d publishers, want 5", len(list))
	}
}

func TestRefusals(t *testing.T) {
	c, ctx := client(t, testenv.Kafka(t)), t.Context()
	admin := NewAdmin(c, time.Now)
	if _, _, err := admin.Add(ctx, "calcul", "generic"); err != nil {
		t.Fatal(err)
	}
	add := func(name string) error { _, _, err := admin.Add(ctx, name, "generic"); return err }
	rotate := func(name string) error { _, err := admin.Rotate(ctx, name, ""); return err }
	for what, row := range map[string]struct{ got, want error }{
		"same name":      {add("calcul"), ErrExists},
		"bad name":       {add("Cal cul"), ErrBadName},
		"rotate unknown": {rotate("nobody"), ErrUnknown},
		"revoke unknown": {admin.Revoke(ctx, "nobody", ""), ErrUnknown},
		"no such key":    {admin.Revoke(ctx, "calcul", "bk-x"), ErrNoKey},
	} {
		if !errors.Is(row.got, row.want) {
			t.Errorf("%s: got %v, want %v", what, row.got, row.want)
		}
	}
	// A record that does not decode locks nobody out.
	if err := c.ProduceKeyed(ctx, topics.Publishers, 0, []byte("x"), []byte("{")); err != nil {
		t.Fatal(err)
	}
	s := follow(t, c)
	eventually(t, "ready", func() bool { return s.Ready() == nil })
}
