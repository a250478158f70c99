package demo

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"time"

	"brume/cmd/brume/replay"
	"brume/cmd/brume/simulate"
	"brume/cmd/internal/operate"
	"brume/cmd/internal/single"
	"brume/ingest/publishers"
	"brume/schemas/policy"
)

// Demo sends a simulated school year through a running Brume.
type Demo struct {
	Brume    *single.Brume
	Params   Params
	Progress func(format string, args ...any) // for a terminal

	state  state
	sender *replay.Sender
	before replay.Result    // of earlier weeks and runs
	lost   map[string]int64 // dropped at ingest in them
}

// Run sends what is not sent yet, closing each week after its statements, and
// returns when everything is released and loaded. Killed at any time, it goes
// on where it stopped when it is run again.
func (d *Demo) Run(ctx context.Context, started time.Time) (Summary, error) {
	if err := d.begin(ctx); err != nil {
		return Summary{}, err
	}
	d.state.Seconds.Start += time.Since(started).Seconds()
	defer d.sender.Close()
	sim, err := simulate.New(simulate.Config{
		Pupils: d.Params.Pupils, Weeks: d.Params.Weeks, Seed: d.Params.Seed, Registry: d.Brume.Registry,
	})
	if err != nil {
		return Summary{}, err
	}
	for i := range sim.Windows() {
		if err := d.week(ctx, sim, i); err != nil {
			return Summary{}, fmt.Errorf("week %s: %w", sim.Windows()[i].Label, err)
		}
	}
	began := time.Now()
	if err := d.settle(ctx, len(d.releases(sim.Windows()))); err != nil {
		return Summary{}, err
	}
	d.state.Seconds.Release += time.Since(began).Seconds()
	if err := d.state.save(d.Brume.Dir); err != nil {
		return Summary{}, err
	}
	return d.summary(ctx, d.releases(sim.Windows()))
}

// begin loads the state, waits for the endpoint and makes the publisher.
func (d *Demo) begin(ctx context.Context) (err error) {
	if d.state, err = resume(d.Brume.Dir); err != nil {
		return err
	}
	if err := d.await(ctx); err != nil {
		return err
	}
	if d.state.Key == "" {
		admin := publishers.NewAdmin(d.Brume.Kafka, time.Now)
		name := "demonstration-" + time.Now().UTC().Format("20060102-150405")
		if d.state.Key, d.state.Secret, err = admin.Add(ctx, name, "generic"); err != nil {
			return err
		}
	}
	if err := d.state.save(d.Brume.Dir); err != nil {
		return err
	}
	d.before, d.lost = d.state.Sent, maps.Clone(d.state.Dropped)
	cfg := replay.DefaultSenderConfig()
	cfg.URL, cfg.Key, cfg.Secret = d.Brume.URL()+"/xapi", d.state.Key, d.state.Secret
	cfg.Connections = 16 // each waits for the disk of the embedded broker
	d.sender, err = replay.NewSender(cfg)
	return err
}

// await returns when the endpoint answers.
func (d *Demo) await(ctx context.Context) error {
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Brume.URL()+"/xapi/about", nil)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(r); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK && d.Brume.Intake.Ready() == nil {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// releases lists what is released once the simulated weeks are closed.
func (d *Demo) releases(weeks []policy.Window) []policy.Window {
	if len(weeks) == 0 {
		return nil
	}
	return operate.Releases(d.Brume.Plans, d.Brume.Registry, weeks[len(weeks)-1])
}

// week sends a week and closes it; one that an earlier run finished is only
// simulated, so that the next ones come out the same.
func (d *Demo) week(ctx context.Context, sim *simulate.Simulation, i int) error {
	if i < d.state.Done {
		return sim.Week(ctx, func(simulate.Statement) error { return nil })
	}
	began := time.Now()
	if err := sim.Week(ctx, func(s simulate.Statement) error { return d.sender.Send(ctx, s.Body) }); err != nil {
		return err
	}
	if err := d.sender.Flush(ctx); err != nil {
		return err
	}
	w := sim.Windows()[i]
	if err := d.Brume.Operator.Operator.CloseThrough(ctx, d.Brume.Plans, w); err != nil {
		return err
	}
	d.state.Sent = sum(d.before, d.sender.Counts())
	d.state.Dropped = maps.Clone(d.lost)
	for reason, n := range d.Brume.Intake.Counts().Dropped {
		d.state.Dropped[reason] += n
	}
	d.state.Done = i + 1
	d.state.Seconds.Send += time.Since(began).Seconds()
	d.Progress("week %s, %d of %d: %d statements acknowledged", w.Label, i+1, d.Params.Weeks, d.state.Sent.Acknowledged)
	return d.state.save(d.Brume.Dir)
}

// sum adds two results.
func sum(a, b replay.Result) replay.Result {
	a.Sent += b.Sent
	a.Acknowledged += b.Acknowledged
	a.Refused += b.Refused
	codes := map[string]int64{}
	for _, m := range []map[string]int64{a.RefusedByCode, b.RefusedByCode} {
		for code, n := range m {
			codes[code] += n
		}
	}
	a.RefusedByCode = codes
	return a
}
