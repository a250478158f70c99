package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"brume/cmd/internal/datadir"
	"brume/schemas/registry"
)

func registryCommand() *cobra.Command {
	c := &cobra.Command{Use: "registry", Short: "Import the public school directory"}
	c.AddCommand(registryImportCommand())
	return c
}

func registryImportCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "import FILE.csv", Args: cobra.ExactArgs(1),
		Short: "Read the ministry's open school directory into a registry directory",
	}
	out := c.Flags().String("out", datadir.Dir(datadir.Current()).Registry(), "registry directory to write")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		f, err := os.Open(args[0])
		if err != nil {
			return fmt.Errorf("importing the registry: %w", err)
		}
		defer f.Close()
		reg, report, err := registry.ImportDirectory(f)
		if err != nil {
			return err
		}
		if err := reg.Save(*out); err != nil {
			return err
		}
		if *asJSON {
			return printJSON(c, report)
		}
		fmt.Fprintf(c.OutOrStdout(), "%d of %d schools in %s: %d departments, %d academies; %d without IPS\n",
			report.Imported, report.Rows, *out, report.Departments, report.Academies, report.WithoutIPS)
		return nil
	}
	return c
}
