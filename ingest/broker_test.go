package ingest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"brume/ingest/publishers"
	"brume/internal/embedded"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/event"
	"brume/schemas/quality"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

const testPartitions = 4

// withBroker is an endpoint on a real client with the topics it needs.
func withBroker(t *testing.T, cfg kafka.Config, edit func(*Config, *Deps)) (*endpoint, *kafka.Client) {
	t.Helper()
	client := kafka.New(cfg, testenv.Log(t))
	t.Cleanup(func() { _ = client.Close() })
	if err := client.EnsureTopics(t.Context(), []kafka.Topic{
		{Name: topics.Statements, Partitions: testPartitions}, {Name: topics.Quality, Partitions: 1},
		{Name: topics.Publishers, Partitions: 1, Compact: true},
	}); err != nil {
		t.Fatal(err)
	}
	return newEndpoint(t, func(c *Config, d *Deps) {
		d.Producer = client
		if edit != nil {
			edit(c, d)
		}
	}), client
}

// logged opens every record of the topic statements.
func (e *endpoint) logged(t *testing.T, client *kafka.Client) (events []event.Event) {
	t.Helper()
	o := event.NewOpener(e.pair)
	for p := range testPartitions {
		_, err := client.ReadAll(t.Context(), topics.Statements, p, 0, func(r kafka.Record) error {
			if len(r.Key) > 0 {
				t.Error("a record has a key")
			}
			ev, err := o.Open(r.Value, p)
			events = append(events, ev)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return events
}

// A batch with one bad statement leaves nothing in the log; a good one is there
// whole when it is acknowledged.
func TestAllOrNothing(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		e, client := withBroker(t, cfg, nil)
		var good []string
		for i := range 50 {
			good = append(good, statement(fmt.Sprint(i), ""))
		}
		bad := append(append([]string{}, good...), statement("x", `,"result":{"score":{"scaled":2}}`))
		w := e.post("[" + strings.Join(bad, ",") + "]")
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"/50/result/score/scaled"`) {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		if n := len(e.logged(t, client)); n != 0 {
			t.Errorf("%d records of a refused batch are in the log", n)
		}
		ids(t, e.post("["+strings.Join(good, ",")+"]"))
		if n := len(e.logged(t, client)); n != len(good) {
			t.Errorf("%d records in the log, want %d", n, len(good))
		}
	})
}

func TestBrokerAway(t *testing.T) {
	cfg := embedded.DefaultBrokerConfig(t.TempDir())
	cfg.SyncWrites = false
	broker, err := embedded.StartBroker(cfg, testenv.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	kcfg := kafka.DefaultConfig()
	kcfg.Brokers = []string{broker.Addr()}
	e, _ := withBroker(t, kcfg, func(c *Config, _ *Deps) { c.Acknowledge = 300 * time.Millisecond })
	ids(t, e.post(statement("1", "")))
	if err := broker.Close(); err != nil {
		t.Fatal(err)
	}
	w := e.post(statement("1", ""))
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if c := e.Counts(); c.Accepted != 1 || c.Postponed != 1 {
		t.Errorf("counts %+v", c)
	}
}

// A key made by an operator works against a running instance, and its counts
// reach the topic quality when the instance ends.
func TestPublisherAndQuality(t *testing.T) {
	e, client := withBroker(t, testenv.Kafka(t), nil)
	store := publishers.NewStore(publishers.Deps{Kafka: client, Registry: e.deps.Registry, Log: testenv.Log(t)})
	e.deps.Publishers = store
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 2)
	go func() { ended <- store.Run(ctx) }()
	go func() { ended <- e.Run(ctx) }()

	key, secret, err := publishers.NewAdmin(client, time.Now).Add(t.Context(), "lecture", "generic")
	if err != nil {
		t.Fatal(err)
	}
	auth := func(r *http.Request) { r.SetBasicAuth(key, secret) }
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		w := e.send(http.MethodPost, "/xapi/statements", statement("1", ""), auth)
		if w.Code == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("a new key gets %d %s", w.Code, w.Body)
		}
	}
	e.send(http.MethodPost, "/xapi/statements", "{}", auth)
	cancel()
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	var got []quality.Intake
	if _, err := client.ReadAll(t.Context(), topics.Quality, 0, 0, func(r kafka.Record) error {
		var q quality.Intake
		err := json.Unmarshal(r.Value, &q)
		got = append(got, q)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Publisher != "lecture" || got[0].Accepted != 1 || got[0].Refused != 1 || got[0].Unmapped["school"] != 1 || got[0].ByCode["property.missing"] != 1 {
		t.Errorf("quality: %+v", got)
	}
}

// The recorded statements of a real platform, in batches, in their own time.
func TestRecordedStatements(t *testing.T) {
	f, err := os.Open(testenv.Data(t, "fun-mooc-22000.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	e, client := withBroker(t, testenv.Kafka(t), func(c *Config, _ *Deps) { c.Clock = DataClock })
	e.keys.publisher.Mapping = shipped(t, "fun-mooc")
	var batch [][]byte
	send := func() {
		ids(t, e.post("["+string(bytes.Join(batch, []byte(",")))+"]"))
		batch = batch[:0]
	}
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		if batch = append(batch, bytes.Clone(lines.Bytes())); len(batch) == 500 {
			send()
		}
	}
	send()
	if c := e.Counts(); c.Accepted < 21_000 || c.Refused != 0 {
		t.Errorf("counts %+v", c)
	}
	events := e.logged(t, client)
	if int64(len(events)) != e.Counts().Accepted {
		t.Errorf("%d events, %d accepted", len(events), e.Counts().Accepted)
	}
	from, to := event.Hour(time.Date(2021, 11, 24, 0, 0, 0, 0, time.UTC)), event.Hour(time.Date(2021, 12, 2, 0, 0, 0, 0, time.UTC))
	for _, ev := range events {
		if ev.School != registry.DemonstrationLycee || ev.Scope != "http://fun-mooc.fr" || ev.Hour < from || ev.Hour > to || ev.Tool == 0 {
			t.Fatalf("school %s, scope %s, hour %d, tool %d", ev.School, ev.Scope, ev.Hour, ev.Tool)
		}
	}
}
