package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"brume/anonymize/budget"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/release"
	"brume/schemas/topics"
)

// ★ The policy changes after the second week: what has begun under the old one is
// released and charged under it, what follows under the new one, on top; no
// window twice, and every check of the ledger agrees.
func TestChangeOfPolicy(t *testing.T) {
	cfg := testenv.Kafka(t)
	dir := t.TempDir()
	data, changed := filepath.Join(dir, "data"), filepath.Join(dir, "new.yaml")
	text := strings.NewReplacer("name: 2026-2027-epsilon-4", "name: changed\nfrom: 2026-W38", "share: 0.36", "share: 0.30",
		"name: school_stream_ever_active", "name: school_stream_again").Replace(string(output(t, "brume", "policy", "print", "2026-2027-epsilon-4")))
	if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	plan := output(t, "brume", "policy", "plan", changed, "--against", "2026-2027")
	if !strings.Contains(string(plan), "It fits") {
		t.Errorf("the plan says\n%s", plan)
	}
	config := func(policies string) string {
		return writeConfig(t, fmt.Sprintf("kafka: {brokers: [%q], prefix: %q}\npartitions: 2\npolicies: [%s]\nanonymize: {snapshot_every: 1s}\n",
			cfg.Brokers[0], cfg.Prefix, policies))
	}
	refuses(t, "MUST be listed before it", "", "serve", "--config", config(changed), "--data", data)
	c, out := start(t, nil, "brume", "serve", "--config", config("2026-2027"), "--data", data, "--listen", "127.0.0.1:0")
	at := addresses(t, out)
	awaitEndpoint(t, at["xAPI"])
	publisher := decode[credentials](t, output(t, "brume", "publishers", "add", "tools", "--json", "--data", data))
	until(t, 20*time.Second, "the new key is known", func() bool { return post(t, at["xAPI"], publisher, "[]") < 300 })
	replay := func(weeks int) {
		file := filepath.Join(t.TempDir(), "simulated.ndjson")
		output(t, "brume", "simulate", "--pupils", "300", "--weeks", fmt.Sprint(weeks), "--seed", "3", "--out", file)
		output(t, "brume", "replay", file, "--to", at["xAPI"], "--key", publisher.Key, "--secret", publisher.Secret, "--json")
	}
	replay(2)
	output(t, "brume", "close", "--through", "2026-W36", "--data", data)
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	_, out = start(t, nil, "brume", "serve", "--config", config("2026-2027, "+changed), "--data", data, "--listen", "127.0.0.1:0")
	at = addresses(t, out)
	awaitEndpoint(t, at["xAPI"])
	replay(4)
	output(t, "brume", "close", "--through", "2026-W39", "--data", data)
	output(t, "brume", "close", "--through", "P1", "--data", data)
	output(t, "brume", "budget", "verify", "--data", data)
	until(t, 30*time.Second, "the audit agrees", func() bool { return command(t, "brume", "audit", "--data", data).Run() == nil })
	chargedOnTop(t, cfg, data, changed)
}

// chargedOnTop requires that every window is out once, under the policy in which
// it began, and that the year has spent what both policies ask.
func chargedOnTop(t *testing.T, cfg kafka.Config, data, changed string) {
	t.Helper()
	before, err1 := policy.Default("2026-2027")
	after, err2 := policy.Load(changed)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	var plans []*policy.Plan
	for _, p := range []*policy.Policy{before, after} {
		plan, err := p.Plan()
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, plan)
	}
	want, spent, begun := map[string]string{}, budget.NewAccount(plans[1].LimitNano), map[string]bool{}
	for _, c := range []policy.Cadence{policy.Weekly, policy.YearStream, policy.Periodic} {
		for _, w := range before.Windows(c)[:map[policy.Cadence]int{policy.Weekly: 4, policy.YearStream: 4, policy.Periodic: 1}[c]] {
			plan := plans[0]
			if w.Label == "2026-W38" || w.Label == "2026-W39" {
				plan = plans[1]
			}
			want[string(policy.ReleaseID(w))] = ledger.Hash(plan.PolicyHash).String()
			for _, cost := range budget.Costs(plan, w) {
				if once := cost.Family + cost.Zone; c != policy.YearStream || !begun[once] {
					begun[once] = true
					if err := spent.Charge([]budget.Cost{cost}); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	for id, hash := range published(t, cfg) {
		if want[id] != hash {
			t.Errorf("%s is out under %s, want %s", id, hash, want[id])
		}
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("not out: %v", want)
	}
	if a := budgetOf(t, data); len(a) != 1 || a[0].Spent != spent.Spent() || len(a[0].Releases) != 9 {
		t.Errorf("the year's account is %+v, want %d spent by 9 releases", a, spent.Spent())
	}
}

// published reads the policy of each release, and requires that none is there
// twice.
func published(t *testing.T, cfg kafka.Config) map[string]string {
	t.Helper()
	client := kafka.New(cfg, testenv.Log(t))
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	found := map[string]string{}
	var parts kafka.Assembler
	_, err := client.ReadAll(ctx, topics.Releases, 0, 0, func(r kafka.Record) error {
		_, payload, complete, err := parts.Add(r.Value)
		if err != nil || !complete {
			return err
		}
		out, err := release.Decode(payload, release.Hash(payload))
		if err != nil {
			return err
		}
		if _, twice := found[string(out.ID)]; twice {
			t.Errorf("%s is out twice", out.ID)
		}
		found[string(out.ID)] = out.PolicyHash
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
