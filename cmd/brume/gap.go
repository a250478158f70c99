package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"brume/anonymize"
	"brume/cmd/internal/attach"
	"brume/internal/kafka"
	"brume/schemas/policy"
	"brume/schemas/topics"
)

// The refusals of brume gap.
var (
	errNothingLost = errors.New("nothing is lost: the log holds every record that is not folded yet")
	errOtherRange  = errors.New("this is not what the partition lacks")
)

// gapFlags are what an operator says about a gap.
type gapFlags struct {
	partition *int
	from, to  *int64
	group     *string
	yes       *bool
}

func gapCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "gap --partition N", Args: cobra.NoArgs,
		Short: "Let a partition go on whose log lost records; the weeks then open are for ever incomplete",
		Long: `Let a partition go on that stopped with the alarm lost-log: show what its log lost,
ask, and write the signed GAP that it waits for. The weeks that were open then are
released without this partition's pupils, and are for ever incomplete. There is no
way back. Run it while the anonymizers run: they say how far they came.`,
	}
	on, asJSON := targetFlags(c), jsonFlag(c)
	f := gapFlags{
		partition: c.Flags().Int("partition", -1, "the partition that stopped"),
		from:      c.Flags().Int64("from", -1, "refuse unless the first lost offset is this"),
		to:        c.Flags().Int64("to", -1, "refuse unless the first offset after the loss is this"),
		group:     c.Flags().String("group", anonymize.DefaultConfig().Group, "the anonymizers' consumer group"),
		yes:       c.Flags().Bool("yes", false, "do not ask"),
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		return on.work(func(data *attach.Data) error {
			g, err := writeGap(c, data, f)
			if err != nil {
				return err
			}
			if *asJSON {
				return printJSON(c, g)
			}
			fmt.Fprintf(c.OutOrStdout(), "GAP written: partition %d goes on at offset %d\n", g.Partition, g.To)
			return nil
		})
	}
	return c
}

// gap is what was lost of a partition.
type gap struct {
	Partition int       `json:"partition"`
	From      int64     `json:"from"`
	To        int64     `json:"to"` // exclusive
	Until     time.Time `json:"until"`
	Weeks     []string  `json:"weeks"` // begun by then and not released yet
}

// writeGap shows what a partition lost, asks, and writes the GAP if that is
// still what it lacks.
func writeGap(c *cobra.Command, data *attach.Data, f gapFlags) (gap, error) {
	ctx := c.Context()
	if *f.partition < 0 || *f.partition >= data.Settings.Partitions {
		return gap{}, fmt.Errorf("--partition: want 0 to %d", data.Settings.Partitions-1)
	}
	loss, err := f.look(ctx, data.Kafka)
	if err != nil {
		return gap{}, err
	}
	g := gap{*f.partition, loss.From, loss.To, loss.Until.UTC(), nil}
	if g.Weeks, err = unreleased(ctx, data, loss.Until); err != nil {
		return gap{}, err
	}
	fmt.Fprintf(c.ErrOrStderr(), "partition %d lost the records %d to %d, all logged before %s\nnot released yet, and then for ever incomplete: %s\n",
		g.Partition, g.From, g.To-1, g.Until.Format(time.RFC3339), brief(g.Weeks))
	if !*f.yes && !confirmed(c) {
		return gap{}, errors.New("not confirmed, nothing was written")
	}
	again, err := f.look(ctx, data.Kafka)
	if err != nil {
		return gap{}, err
	}
	if again.From != loss.From || again.To != loss.To {
		return gap{}, fmt.Errorf("%w any more: %d to %d; look again", errOtherRange, again.From, again.To-1)
	}
	operator, err := operatorOf(data)
	if err != nil {
		return gap{}, err
	}
	return g, operator.Gap(ctx, *f.partition, loss)
}

// look returns what the partition lacks, from where the anonymizers stand.
func (f gapFlags) look(ctx context.Context, client *kafka.Client) (kafka.Loss, error) {
	positions, err := client.Committed(ctx, *f.group, topics.Statements)
	if err != nil {
		return kafka.Loss{}, err
	}
	loss, err := client.Lost(ctx, topics.Statements, *f.partition, positions[*f.partition]) // 0 without one: nothing was folded
	switch {
	case err != nil:
		return kafka.Loss{}, err
	case loss.From == loss.To:
		return kafka.Loss{}, fmt.Errorf("partition %d: %w", *f.partition, errNothingLost)
	case *f.from >= 0 && *f.from != loss.From || *f.to >= 0 && *f.to != loss.To:
		return kafka.Loss{}, fmt.Errorf("partition %d: %w: it lacks --from %d --to %d", *f.partition, errOtherRange, loss.From, loss.To)
	}
	if loss.Until.IsZero() {
		loss.Until = time.Now() // nothing is left of the log
	}
	return loss, nil
}

// unreleased names the weeks that had begun by a time and are not committed:
// those that a gap makes incomplete, beside a later one that takes a holiday's
// or late statements.
func unreleased(ctx context.Context, data *attach.Data, until time.Time) ([]string, error) {
	l, err := readLedger(ctx, data)
	if err != nil {
		return nil, err
	}
	committed := map[string]bool{}
	for _, e := range l.Entries {
		committed[e.Reserved.Release] = e.Committed != nil
	}
	weeks := []string{}
	for _, p := range policy.Present(data.Plans) {
		for _, w := range p.Policy.Windows(policy.Weekly) {
			if !w.Start.After(until) && !committed[string(policy.ReleaseID(w))] {
				weeks = append(weeks, w.Label)
			}
		}
	}
	return weeks, nil
}

// brief names the weeks, or the first and the last of many.
func brief(weeks []string) string {
	if n := len(weeks); n > 8 {
		return fmt.Sprintf("%s to %s, %d weeks", weeks[0], weeks[n-1], n)
	}
	return strings.Join(weeks, ", ")
}

// confirmed asks on standard error and reads yes.
func confirmed(c *cobra.Command) bool {
	fmt.Fprint(c.ErrOrStderr(), "write the GAP? It cannot be undone. [yes/no] ")
	answer, _ := bufio.NewReader(c.InOrStdin()).ReadString('\n')
	return strings.TrimSpace(answer) == "yes"
}
