package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/topics"
)

const answered = `{"actor":{"account":{"homePage":"https://ent.aix.example","name":"p1"}},` +
	`"verb":{"id":"http://adlnet.gov/expapi/verbs/answered"},"object":{"id":"https://tool.example/1"}}`

// ★ Retention overran a partition: ingest refuses statements until the operator
// has said GAP, and brume gap says it only of what is lost. The week that was
// open is released, for ever incomplete on every surface, and the audit agrees.
func TestGap(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		data := filepath.Join(t.TempDir(), "data")
		file := writeConfig(t, fmt.Sprintf("kafka: {brokers: [%q], prefix: %q}\npartitions: 2\nanonymize: {snapshot_every: 1s}\n", cfg.Brokers[0], cfg.Prefix))
		serve := []string{"serve", "--config", file, "--data", data, "--listen", "127.0.0.1:0"}
		c, out := start(t, nil, "brume", serve...)
		at := addresses(t, out)
		awaitEndpoint(t, at["xAPI"])
		publisher := decode[credentials](t, output(t, "brume", "publishers", "add", "tools", "--json", "--data", data))
		until(t, 20*time.Second, "statements are taken", func() bool {
			return post(t, at["xAPI"], publisher, answered) == http.StatusOK
		})
		refuses(t, "nothing is lost", "", "gap", "--partition", "1", "--yes", "--data", data)
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait()
		from, to := overrun(t, cfg, 1)
		_, out = start(t, nil, "brume", serve...)
		at = addresses(t, out)
		awaitEndpoint(t, at["xAPI"])
		until(t, 20*time.Second, "the partition stops", func() bool {
			return strings.Contains(body(t.Context(), at["metrics"]), `brume_anonymize_partition_stopped{partition="1"} 1`)
		})
		until(t, 20*time.Second, "statements are refused", func() bool {
			return post(t, at["xAPI"], publisher, answered) == http.StatusServiceUnavailable
		})
		refuses(t, "nothing is lost", "", "gap", "--partition", "0", "--yes", "--data", data)
		refuses(t, "--partition", "", "gap", "--partition", "2", "--yes", "--data", data)
		refuses(t, "not what the partition lacks", "", "gap", "--partition", "1", "--yes", "--to", fmt.Sprint(to-1), "--data", data)
		refuses(t, "not what the partition lacks", "", "gap", "--partition", "1", "--yes", "--from", fmt.Sprint(from+1), "--data", data)
		refuses(t, "not confirmed", "no\n", "gap", "--partition", "1", "--data", data)
		g := decode[struct {
			Partition int      `json:"partition"`
			From      int64    `json:"from"`
			To        int64    `json:"to"`
			Weeks     []string `json:"weeks"`
		}](t, output(t, "brume", "gap", "--partition", "1", "--yes", "--json", "--from", fmt.Sprint(from), "--to", fmt.Sprint(to), "--data", data))
		if g.Partition != 1 || g.From != from || g.To != to || !slices.Contains(g.Weeks, "2026-W36") {
			t.Errorf("gap says %+v, want %d to %d, week 2026-W36 among others", g, from, to)
		}
		until(t, 60*time.Second, "statements are taken again", func() bool {
			return post(t, at["xAPI"], publisher, answered) == http.StatusOK
		})
		began := time.Now()
		closed := string(output(t, "brume", "close", "--through", "2026-W36", "--wait", "5m", "--data", data))
		if !strings.Contains(closed, "; 1 releases") || !strings.Contains(closed, "1 steps are never released") || time.Since(began) > time.Minute {
			t.Errorf("close waited %s for the step of a stream that has ended, and said %s", time.Since(began), closed)
		}
		incompleteEverywhere(t, at["dashboards"], data)
	})
}

// overrun deletes the whole log of a partition, with what nobody has folded.
func overrun(t *testing.T, cfg kafka.Config, partition int) (from, to int64) {
	t.Helper()
	client := kafka.New(cfg, testenv.Log(t))
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, from, err := client.Offsets(ctx, topics.Statements, partition)
	if err == nil {
		err = client.Produce(ctx, topics.Statements, partition, []byte{1}, []byte{2}, []byte{3})
	}
	if err != nil {
		t.Fatal(err)
	}
	testenv.Trim(t, cfg, topics.Statements, partition, from+3)
	return from, from + 3
}

// refuses runs a command that MUST fail and say why.
func refuses(t *testing.T, why, input string, args ...string) {
	t.Helper()
	c := command(t, "brume", args...)
	c.Stdin = strings.NewReader(input)
	var text bytes.Buffer
	c.Stdout, c.Stderr = &text, &text
	if err := c.Run(); err == nil || !strings.Contains(text.String(), why) {
		t.Errorf("brume %s: %v, want it to say %q:\n%s", strings.Join(args, " "), err, why, text.String())
	}
}

// incompleteEverywhere requires that every surface says that the only released
// week is incomplete.
func incompleteEverywhere(t *testing.T, pages, data string) {
	t.Helper()
	until(t, 30*time.Second, "the week is on the page", func() bool {
		return strings.Contains(body(t.Context(), pages+"trend.csv?perimeter=13"), "2026-W36")
	})
	for _, row := range strings.Split(strings.TrimSpace(body(t.Context(), pages+"trend.csv?perimeter=france")), "\n")[1:] {
		if strings.Contains(row, "2026-W36") && !strings.Contains(row, "true") {
			t.Errorf("the table does not say that the week is incomplete: %s", row)
		}
	}
	for page, want := range map[string]string{"": "incomplète", "transparency": "incomplète", "trend": "incomplet", "en/": "Incomplete week", "en/trend": "incomplete"} {
		if !strings.Contains(body(t.Context(), pages+page), want) {
			t.Errorf("page /%s does not say %q", page, want)
		}
	}
	found := decode[struct {
		Releases   int `json:"releases"`
		Incomplete int `json:"incomplete"`
	}](t, output(t, "brume", "audit", "--json", "--data", data))
	if found.Releases != 1 || found.Incomplete != 1 {
		t.Errorf("the audit found %+v, want one release, incomplete", found)
	}
}
