// Command brume runs all of Brume in one process, and operates it.
package main

import (
	"context"
	"fmt"
	"os"

	"brume/internal/embedded"
	"brume/internal/lifecycle"
)

func main() {
	embedded.MaybeRunChild()
	ctx, stop := lifecycle.Signals(context.Background())
	defer stop()
	if err := newRoot().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "brume:", err)
		stop()
		os.Exit(1)
	}
}
