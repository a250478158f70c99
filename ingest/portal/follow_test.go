package portal

import (
	"context"
	"encoding/json/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/quality"
	"brume/schemas/topics"
)

func topic(t *testing.T) *kafka.Client {
	t.Helper()
	c := kafka.New(testenv.Kafka(t), testenv.Log(t))
	t.Cleanup(func() { _ = c.Close() })
	if err := c.EnsureTopics(t.Context(), []kafka.Topic{{Name: topics.Quality, Partitions: 1}}); err != nil {
		t.Fatal(err)
	}
	return c
}

func record(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// following runs a follower until the test ends.
func following(t *testing.T, c *kafka.Client) *History {
	t.Helper()
	h := NewHistory(time.UTC, 1000, clock)
	f := NewFollower(c, h, testenv.Log(t))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	eventually(t, "read", f.Complete)
	return h
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within ten seconds", what)
		}
	}
}

// A follower reads what rests on the topic, of both services, old records and
// broken ones, and whatever comes; one that starts later sees the same.
func TestFollow(t *testing.T) {
	c := topic(t)
	early := following(t, c)
	for _, value := range [][]byte{
		[]byte(`{"instance":"a","publisher":"calcul","until":"2026-09-14T11:00:00Z","accepted":5,"refused":0,"postponed":0,"unmapped":{"verb":2}}`),
		[]byte(`{`), nil, []byte(`{"publisher":7}`), []byte(`{"service":"anonymize","partition":"x"}`), []byte(`[]`), []byte(`{"service":"another"}`),
		[]byte(`{"service":"anonymize","partition":0,"next":3,"until":"2026-09-14T11:00:00Z","folded":3,"duplicates":0,"late":0,"dropped":{}}`),
		[]byte(`{"service":"anonymize","partition":0,"next":4,"until":"2026-09-14T11:00:00Z","folded":3,"publishers":{"7":null}}`),
		record(t, quality.Intake{Publisher: "calcul", Until: noon, Accepted: 1, Last: noon}),
		record(t, quality.Folding{Service: quality.Service, Next: 6, Until: noon, Publishers: map[uint16]*quality.Fate{7: {Folded: 4, Duplicates: 2}}}),
	} {
		if err := c.Produce(t.Context(), topics.Quality, 0, value); err != nil {
			t.Fatal(err)
		}
	}
	section := func(h *History) Section { return h.Section("calcul", false, 7, plain) }
	eventually(t, "counted", func() bool { return section(early).Year.Duplicates == 2 })
	got := section(early)
	if got.Year.Accepted != 6 || got.Year.Folded != 4 || got.Year.Unmapped["verb"] != 2 || !got.LastStatement.Equal(noon) {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff(section(following(t, c)), got, cmp.AllowUnexported(Day{})); diff != "" {
		t.Errorf("after a restart (-got, +want)\n%s", diff)
	}
}
