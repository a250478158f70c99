package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"brume/cmd/brume/audit"
	"brume/cmd/internal/attach"
)

func auditCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "audit", Args: cobra.NoArgs,
		Short: "Re-check everything published against policy and ledger; exit 0 only if all of it holds",
	}
	c.AddCommand(auditPrivacyCommand())
	on, asJSON := targetFlags(c), jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		return on.work(func(data *attach.Data) error {
			found, err := auditData(c.Context(), data)
			if err != nil {
				return err
			}
			if *asJSON {
				return printJSON(c, found)
			}
			fmt.Fprintf(c.OutOrStdout(), "%d releases (%d incomplete), %d cells: ledger, releases and ClickHouse agree with the policy\n", found.Releases, found.Incomplete, found.Cells)
			return nil
		})
	}
	return c
}

// audited is what an audit without fault has looked at.
type audited struct {
	Records  int `json:"ledger_records"`
	Releases int `json:"releases"`
	Cells    int `json:"cells"`
	Rows     int `json:"clickhouse_rows"`
	Faults   int `json:"faults"`

	Incomplete int `json:"incomplete"` // releases
}

func auditData(ctx context.Context, data *attach.Data) (audited, error) {
	l, err := readLedger(ctx, data)
	if err != nil {
		return audited{}, err
	}
	_, faults := l.CheckBudget(data.Plans)
	topic, err := audit.ReadReleases(ctx, data.Kafka)
	if err != nil {
		return audited{}, err
	}
	decoded, more := l.CheckPublished(topic, data.Plans, data.Registry)
	faults = append(faults, more...)
	ch, err := data.ClickHouse(ctx)
	if err != nil {
		return audited{}, err
	}
	rows, err := audit.ReadRows(ctx, ch)
	if err != nil {
		return audited{}, err
	}
	marks, err := audit.ReadMarks(ctx, ch)
	if err != nil {
		return audited{}, err
	}
	faults = append(faults, audit.CheckRows(rows, decoded)...)
	faults = append(faults, audit.CheckMarks(marks, decoded)...)
	if err := errors.Join(faults...); err != nil {
		return audited{}, fmt.Errorf("%d faults: %w", len(faults), err)
	}
	found := audited{Records: l.Records, Releases: len(decoded), Rows: len(rows)}
	for _, r := range decoded {
		found.Cells += len(r.Cells)
		if r.Incomplete {
			found.Incomplete++
		}
	}
	return found, nil
}
