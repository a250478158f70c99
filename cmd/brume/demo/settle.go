package demo

import (
	"context"
	"fmt"
	"maps"
	"time"

	"brume/anonymize/cohort"
	"brume/cmd/brume/audit"
	"brume/internal/clickhouse"
	"brume/schemas/policy"
	"brume/schemas/topics"
)

// settle waits until every record is folded and every release is loaded.
func (d *Demo) settle(ctx context.Context, releases int) error {
	for {
		folded, err := d.folded(ctx)
		if err != nil {
			return err
		}
		loaded := d.Brume.Aggregator.Loaded()
		if folded && loaded >= releases {
			return nil
		}
		d.Progress("%d of %d releases loaded", loaded, releases)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// folded says whether every partition has been read to its end.
func (d *Demo) folded(ctx context.Context) (bool, error) {
	status := d.Brume.Anonymizer.Status()
	if len(status) < d.Brume.Config.Partitions {
		return false, nil
	}
	for p, st := range status {
		if st.Stopped != nil {
			return false, fmt.Errorf("partition %d: %w", p, st.Stopped)
		}
		_, end, err := d.Brume.Kafka.Offsets(ctx, topics.Statements, p)
		if err != nil || st.Next < end {
			return false, err
		}
	}
	return true, nil
}

// summary adds up what every stage says of itself.
func (d *Demo) summary(ctx context.Context, releases []policy.Window) (Summary, error) {
	plan := d.Brume.Plans[0]
	var counts cohort.Counts
	for _, st := range d.Brume.Anonymizer.Status() {
		counts.Add(st.Counts)
	}
	dropped := maps.Clone(counts.Dropped)
	for reason, n := range d.state.Dropped {
		dropped[reason] += n
	}
	s := Summary{
		Sent: d.state.Sent.Sent, Acknowledged: d.state.Sent.Acknowledged, Refused: d.state.Sent.Refused,
		RefusedByCode: d.state.Sent.RefusedByCode,
		Folded:        counts.Folded, Duplicates: counts.Duplicates, Late: counts.Late, Dropped: dropped,
		Epsilon: plan.Policy.Epsilon, Delta: plan.Policy.Delta, Mu2Limit: float64(plan.LimitNano) * 1e-9,
		Starts: d.state.Starts, SecondsByStage: d.state.Seconds,
	}
	for _, w := range releases {
		s.PlannedCells += len(plan.Cells(d.Brume.Registry, w))
	}
	t := d.state.Seconds
	s.SecondsByStage.Total = t.Start + t.Send + t.Release
	return s, d.published(ctx, plan, &s)
}

// published reads what came out: the releases topic, the ledger, ClickHouse.
func (d *Demo) published(ctx context.Context, plan *policy.Plan, s *Summary) error {
	values, err := audit.Values(ctx, d.Brume.Kafka)
	if err != nil {
		return err
	}
	l := audit.ReadLedger(values, d.Brume.LedgerVerifier())
	accounts, _ := l.CheckBudget(d.Brume.Plans)
	if account := accounts[plan.Policy.SchoolYear]; account != nil {
		s.Mu2Spent = float64(account.Spent()) * 1e-9
	}
	payloads, err := audit.ReadReleases(ctx, d.Brume.Kafka)
	if err != nil {
		return err
	}
	decoded, _ := l.CheckPublished(payloads, d.Brume.Plans, d.Brume.Registry)
	s.Releases = len(decoded)
	for _, r := range decoded {
		s.Cells += len(r.Cells)
	}
	ch, err := clickhouse.Open(d.Brume.LoaderConfig())
	if err != nil {
		return err
	}
	defer ch.Close()
	rows, err := audit.ReadRows(ctx, ch)
	s.ClickHouseRows = len(rows)
	return err
}
