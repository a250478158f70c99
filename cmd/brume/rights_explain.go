package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"brume/anonymize/cohort"
	"brume/anonymize/keys"
	"brume/cmd/brume/rights"
	"brume/cmd/internal/anonymizer"
	"brume/cmd/internal/attach"
	"brume/schemas/policy"
)

func rightsExplainCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "explain", Args: cobra.NoArgs,
		Short: "Say what is held of a pupil, in words for whoever asked",
	}
	on, who, asJSON := targetFlags(c), addPersonFlags(c), jsonFlag(c)
	lang := c.Flags().String("lang", string(rights.French), "fr or en")
	c.RunE = func(c *cobra.Command, _ []string) error {
		language, err := rights.ParseLanguage(*lang)
		if err != nil {
			return err
		}
		person, err := who.identifier(c)
		if err != nil {
			return err
		}
		return on.work(func(data *attach.Data) error {
			answer, err := explain(c.Context(), data, who, person, language)
			if err != nil {
				return err
			}
			if *asJSON {
				return printJSON(c, answer)
			}
			return answer.WriteText(c.OutOrStdout(), language)
		})
	}
	return c
}

// explain looks the person up in every partition's newest snapshot.
func explain(ctx context.Context, data *attach.Data, who personFlags, person rights.Identifier, l rights.Language) (rights.Answer, error) {
	names, gone, err := who.names(ctx, data, person)
	if err != nil {
		return rights.Answer{}, err
	}
	source, err := sourceOfSnapshots(data)
	if err != nil {
		return rights.Answer{}, err
	}
	answer, err := source.Explain(ctx, names, l)
	answer.Destroyed = append([]string{}, gone...)
	return answer, err
}

// sourceOfSnapshots prepares every year whose keys exist: a snapshot holds them
// all.
func sourceOfSnapshots(data *attach.Data) (s rights.Source, err error) {
	store, err := data.OpenKeys()
	if err != nil {
		return s, err
	}
	env := cohort.Env{}
	for _, plan := range policy.Present(data.Plans) {
		key, err := store.Pseudonym(plan.Policy.SchoolYear)
		if errors.Is(err, keys.ErrDestroyed) {
			continue
		}
		if err != nil {
			return s, err
		}
		if env[plan.Policy.SchoolYear], err = cohort.NewYears(policy.Of(data.Plans, plan.Policy.SchoolYear), data.Registry, key); err != nil {
			return s, err
		}
	}
	secrets, err := anonymizer.NewSecrets(store)
	return rights.Source{
		Kafka: data.Kafka, Keys: secrets, Env: env, Partitions: data.Settings.Partitions, Registry: data.Registry, Log: quiet(),
	}, err
}
