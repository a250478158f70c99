package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"brume/cmd/internal/datadir"
	"brume/internal/embedded"
)

func clickhouseCommand() *cobra.Command {
	c := &cobra.Command{Use: "clickhouse", Args: cobra.NoArgs, Short: "Run the embedded ClickHouse alone, in the foreground"}
	dir := c.Flags().String("data", datadir.Default+"/clickhouse", "directory of the server")
	port := c.Flags().Int("port", 0, "port of the native protocol (0: a free one)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		server, err := embedded.StartClickHouse(c.Context(), embedded.ClickHouseConfig{Dir: *dir, TCPPort: *port}, quiet())
		if err != nil {
			return err
		}
		defer server.Close()
		fmt.Fprintf(c.OutOrStdout(), "native protocol  %s\npasswords        %s\n", server.Addr(), *dir+"/passwords")
		<-c.Context().Done()
		return nil
	}
	return c
}
