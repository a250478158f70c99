package main

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// jsonFlag adds the --json flag of commands that print figures.
func jsonFlag(c *cobra.Command) *bool {
	return c.Flags().Bool("json", false, "print JSON: one compact line when piped")
}

// terminal says whether a stream is a person's screen.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// printJSON prints a value, indented on a terminal.
func printJSON(c *cobra.Command, value any) error {
	options := []json.Options{json.Deterministic(true)}
	if terminal(c.OutOrStdout()) {
		options = append(options, jsontext.WithIndent("  "))
	}
	b, err := json.Marshal(value, options...)
	if err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", b)
	return err
}

// progress returns a function that rewrites one line of standard error on a
// terminal and does nothing in a pipe, and one that ends the line.
func progress(c *cobra.Command) (show func(format string, args ...any), done func()) {
	w := c.ErrOrStderr()
	if !terminal(w) {
		return func(string, ...any) {}, func() {}
	}
	return func(format string, args ...any) { fmt.Fprintf(w, "\r\x1b[K"+format, args...) },
		func() { fmt.Fprint(w, "\r\x1b[K") }
}
