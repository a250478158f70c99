package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"brume/cmd/brume/replay"
)

func replayCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "replay FILE.ndjson[.gz|.zst] --to URL --key K --secret S", Args: cobra.ExactArgs(1),
		Short: "Send recorded statements to an xAPI endpoint, in the order of their timestamps",
		Long: `Send recorded statements to an xAPI endpoint, in the order of their timestamps.

Interrupt it at any time: with --state FILE the next run goes on where this one
stopped. The state holds a position and counts, never a statement.`,
	}
	cfg := replay.DefaultConfig()
	f := c.Flags()
	f.StringVar(&cfg.Sender.URL, "to", "", "address of the endpoint, for instance http://127.0.0.1:8080/xapi")
	f.StringVar(&cfg.Sender.Key, "key", "", "publisher's key")
	f.StringVar(&cfg.Sender.Secret, "secret", "", "publisher's secret")
	secretFile := f.String("secret-file", "", "file that holds the secret, instead of --secret")
	f.StringVar(&cfg.State, "state", "", "file that remembers the progress")
	f.IntVar(&cfg.Sender.Batch, "batch", cfg.Sender.Batch, "statements a request")
	f.IntVar(&cfg.Sender.Connections, "connections", cfg.Sender.Connections, "requests at a time")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if *secretFile != "" {
			b, err := os.ReadFile(*secretFile)
			if err != nil {
				return fmt.Errorf("reading the secret: %w", err)
			}
			cfg.Sender.Secret = strings.TrimSpace(string(b))
		}
		cfg.File = args[0]
		cfg.Sender.URL = endpoint(cfg.Sender.URL)
		show, done := progress(c)
		cfg.Progress = func(p replay.Progress) { show("%d of %d statements", p.Done, p.Total) }
		result, err := replay.Run(c.Context(), cfg)
		done()
		return errors.Join(printReplay(c, result, *asJSON), err)
	}
	return c
}

// endpoint accepts the address of the server, of /xapi, or of the statements.
func endpoint(url string) string {
	url = strings.TrimSuffix(strings.TrimSuffix(url, "/"), "/statements")
	if url != "" && !strings.HasSuffix(url, "/xapi") {
		url += "/xapi"
	}
	return url
}

func printReplay(c *cobra.Command, r replay.Result, asJSON bool) error {
	if asJSON {
		return printJSON(c, r)
	}
	fmt.Fprintf(c.OutOrStdout(), "sent %d, acknowledged %d, refused %d\n", r.Sent, r.Acknowledged, r.Refused)
	for _, code := range slices.Sorted(maps.Keys(r.RefusedByCode)) {
		fmt.Fprintf(c.OutOrStdout(), "  %s: %d\n", code, r.RefusedByCode[code])
	}
	return nil
}
