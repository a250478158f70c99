package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"brume/anonymize/keys"
)

func keysRotateCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "rotate [YEAR]", Args: cobra.MaximumNArgs(1),
		Short: "Make the keys of the next school year, under which nobody is linked to this one",
		Long: `Make the keys of a school year, by default the one after the last that has any. Pupils
have other pseudonyms under them: nobody can link two years. Sealing keys rotate
every hour by themselves. The keys of a year that has begun are fixed until it ends.`,
	}
	where := privateKeys(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		dir, kek, err := where()
		if err != nil {
			return err
		}
		store, err := keys.OpenUnder(dir, kek)
		if err != nil {
			return err
		}
		have, err := store.Years()
		if err != nil {
			return err
		}
		year, err := yearToMake(have, args)
		if err != nil {
			return err
		}
		if err := keys.InitUnder(dir, []string{year}, time.Now(), kek); err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "the keys of %s are in %s\n", year, dir)
		return nil
	}
	return c
}

// yearToMake is the year that is named, or the one after the last.
func yearToMake(have, args []string) (string, error) {
	if len(args) == 0 {
		if len(have) == 0 {
			return "", errors.New("no school year has keys here: brume keys init")
		}
		return keys.NextYear(have[len(have)-1])
	}
	if slices.Contains(have, args[0]) {
		return "", fmt.Errorf("school year %s has its keys, or had: they are fixed until it ends", args[0])
	}
	return args[0], nil
}
