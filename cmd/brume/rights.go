package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"brume/anonymize/keys"
	"brume/cmd/brume/rights"
	"brume/cmd/internal/attach"
	"brume/ingest/publishers"
	"brume/schemas/policy"
)

// errNobody says that a person is in no school year.
var errNobody = errors.New("no open school year counts such an identifier: nothing is held under it, and nothing was written")

func rightsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "rights", Short: "Answer a pupil's request: leave out, forget, tell what is held",
		Long: `Answer the request of a pupil, or of a parent. The identifier is read from standard
input, or from a file with --file, so that it is in no shell history and no list of
processes; nothing of it is written anywhere. It is what publishers send as the
statement's actor, or one line of it:

  {"account":{"homePage":"https://ent.example","name":"4711"}}
  https://ent.example 4711
  mailto:pupil@ent.example

A pupil whom tools know by several identifiers is several pupils here: say each.`,
	}
	c.AddCommand(rightsRequestCommand("object"), rightsRequestCommand("erase"),
		rightsExplainCommand(), rightsListCommand(), rightsRepeatCommand())
	return c
}

// personFlags say whose request it is and for which school year.
type personFlags struct{ file, year *string }

func addPersonFlags(c *cobra.Command) personFlags {
	return personFlags{
		c.Flags().String("file", "", "file that holds the identifier, instead of standard input"),
		c.Flags().String("year", "", "school year, instead of all that are open"),
	}
}

// identifier reads who it is about.
func (f personFlags) identifier(c *cobra.Command) (rights.Identifier, error) {
	if *f.file == "" {
		if in, ok := c.InOrStdin().(*os.File); ok && terminal(in) {
			fmt.Fprintln(c.ErrOrStderr(), "identifier, then end of input (Ctrl-D):")
		}
		return rights.Read(c.InOrStdin())
	}
	file, err := os.Open(*f.file)
	if err != nil {
		return rights.Identifier{}, fmt.Errorf("reading the identifier: %w", err)
	}
	defer file.Close()
	return rights.Read(file)
}

// names returns what the school years that are open call the person, and the
// years whose keys are destroyed: nobody can be found there any more.
func (f personFlags) names(ctx context.Context, data *attach.Data, who rights.Identifier) (names []rights.Name, gone []string, err error) {
	store, err := data.OpenKeys()
	if err != nil {
		return nil, nil, err
	}
	plans, err := f.plans(ctx, data)
	if err != nil {
		return nil, nil, err
	}
	numbers, err := publisherNumbers(ctx, data, plans)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range plans {
		key, err := store.Pseudonym(p.Policy.SchoolYear)
		switch {
		case errors.Is(err, keys.ErrDestroyed):
			gone = append(gone, p.Policy.SchoolYear)
		case err != nil:
			return nil, nil, err
		default:
			names = append(names, who.Names(p.Policy, key, numbers)...)
		}
	}
	return names, gone, nil
}

// plans returns those of the school years that are asked for and open in the
// ledger: of no other does the log fold anything.
func (f personFlags) plans(ctx context.Context, data *attach.Data) ([]*policy.Plan, error) {
	l, err := readLedger(ctx, data)
	if err != nil {
		return nil, err
	}
	var plans []*policy.Plan
	for _, p := range policy.Present(data.Plans) {
		if _, open := l.Years[p.Policy.SchoolYear]; open && (*f.year == "" || *f.year == p.Policy.SchoolYear) {
			plans = append(plans, p)
		}
	}
	if *f.year != "" && len(plans) == 0 {
		return nil, fmt.Errorf("--year %s: this school year is not open here", *f.year)
	}
	return plans, nil
}

// publisherNumbers lists the publishers where a policy tells their pupils
// apart, those included that have no key any more.
func publisherNumbers(ctx context.Context, data *attach.Data, plans []*policy.Plan) ([]uint16, error) {
	apart := func(p *policy.Plan) bool { return p.Policy.Identity.Scope == policy.ScopePerPublisher }
	if !slices.ContainsFunc(plans, apart) {
		return nil, nil
	}
	list, err := publishers.NewAdmin(data.Kafka, nil).List(ctx)
	if err != nil {
		return nil, err
	}
	var numbers []uint16
	for _, r := range list {
		numbers = append(numbers, r.Number)
	}
	return numbers, nil
}
