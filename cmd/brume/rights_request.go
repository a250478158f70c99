package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"brume/anonymize"
	"brume/cmd/brume/rights"
	"brume/cmd/internal/attach"
	"brume/schemas/control"
)

// errBehind says that a request is written and not applied everywhere yet.
var errBehind = errors.New("written, and not applied in every partition yet: it will be when they catch up")

// requests are what the commands write.
var requests = map[string]struct {
	kind        control.Kind
	short, done string
}{
	"object": {control.Object, "Fold nothing more of a pupil; what is counted already stays", "left out from now on"},
	"erase":  {control.Erase, "Forget a pupil's open contributions, and fold nothing more", "forgotten"},
}

// waitFlags say how long to wait for the anonymizers, and which they are.
type waitFlags struct {
	wait  *time.Duration
	group *string
}

func addWaitFlags(c *cobra.Command) waitFlags {
	return waitFlags{
		c.Flags().Duration("wait", 2*time.Minute, "how long to wait until every partition has applied it; 0 does not wait"),
		c.Flags().String("group", anonymize.DefaultConfig().Group, "the anonymizers' consumer group"),
	}
}

// outcome is what became of a request.
type outcome struct {
	Kind       string         `json:"kind"`
	Requests   []rights.Entry `json:"requests"`
	Partitions int            `json:"partitions"`
	Applied    bool           `json:"applied"`           // in every partition, durably
	Destroyed  []string       `json:"destroyed_years"`   // nobody can be found there any more
	Behind     []int          `json:"behind,omitempty"`  // partitions that have not applied it yet
	Waiting    bool           `json:"waiting,omitempty"` // for the anonymizers to be started
}

func rightsRequestCommand(name string) *cobra.Command {
	what := requests[name]
	c := &cobra.Command{Use: name, Args: cobra.NoArgs, Short: what.short}
	on, who, wait, asJSON := targetFlags(c), addPersonFlags(c), addWaitFlags(c), jsonFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		person, err := who.identifier(c)
		if err != nil {
			return err
		}
		return on.work(func(data *attach.Data) error {
			names, gone, err := who.names(c.Context(), data, person)
			if err != nil {
				return err
			}
			if len(names) == 0 {
				return errNobody
			}
			out, err := request(c.Context(), data, what.kind, names, wait)
			if err != nil {
				return err
			}
			out.Destroyed = append([]string{}, gone...)
			return out.print(c, *asJSON, what.done)
		})
	}
	return c
}

// request writes it and waits until it is applied.
func request(ctx context.Context, data *attach.Data, kind control.Kind, names []rights.Name, wait waitFlags) (outcome, error) {
	out := outcome{Kind: kind.String(), Partitions: data.Settings.Partitions}
	operator, err := operatorOf(data)
	if err != nil {
		return out, err
	}
	if out.Requests, err = rights.Request(ctx, operator, kind, names); err != nil {
		return out, err
	}
	return out, out.await(ctx, data, wait)
}

// await fills in how far the request has come.
func (o *outcome) await(ctx context.Context, data *attach.Data, wait waitFlags) (err error) {
	limit := *wait.wait
	if !data.Live() {
		limit = 0
	}
	o.Behind, err = rights.Applied(ctx, data.Kafka, *wait.group, o.Partitions, limit)
	o.Applied, o.Waiting = err == nil && len(o.Behind) == 0, !data.Live()
	return err
}

// print says it, and is an error when somebody waited in vain.
func (o *outcome) print(c *cobra.Command, asJSON bool, done string) error {
	w := c.OutOrStdout()
	switch {
	case asJSON:
		if err := printJSON(c, o); err != nil {
			return err
		}
	case o.Applied:
		fmt.Fprintf(w, "%s, %s: %s; all %d partitions have applied it\n", o.Kind, o.years(), done, o.Partitions)
	case o.Waiting:
		fmt.Fprintf(w, "%s, %s: written to %d partitions; Brume is not running and applies it when it is started\n", o.Kind, o.years(), o.Partitions)
	default:
		fmt.Fprintf(w, "%s, %s: written to %d partitions; not applied yet in %d: %s\n", o.Kind, o.years(), o.Partitions, len(o.Behind), strings.Trim(fmt.Sprint(o.Behind), "[]"))
	}
	if !asJSON && len(o.Destroyed) > 0 {
		fmt.Fprintf(w, "%s: the year's keys are destroyed, nobody can be found there any more\n", strings.Join(o.Destroyed, ", "))
	}
	if !o.Applied && !o.Waiting {
		return errBehind
	}
	return nil
}

// years names the school years of the requests.
func (o *outcome) years() string {
	var years []string
	for _, r := range o.Requests {
		if len(years) == 0 || years[len(years)-1] != r.Year {
			years = append(years, r.Year)
		}
	}
	return strings.Join(years, ", ")
}
