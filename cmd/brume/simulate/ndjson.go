package simulate

import (
	"bufio"
	"context"
	"fmt"
	"io"
)

// WriteNDJSON writes the simulation in sending order, one statement a line,
// malformed ones included. progress, if any, is called after each week.
func WriteNDJSON(ctx context.Context, out io.Writer, cfg Config, progress func(week int, t Tally)) (Tally, error) {
	var t Tally
	s, err := New(cfg)
	if err != nil {
		return t, err
	}
	w := bufio.NewWriterSize(out, 1<<16)
	for week := range s.windows {
		err := s.Week(ctx, func(st Statement) error {
			t.Add(st)
			w.Write(st.Body)
			return w.WriteByte('\n') // a bufio.Writer keeps its first error
		})
		if err != nil {
			return t, fmt.Errorf("writing statements: %w", err)
		}
		if progress != nil {
			progress(week, t)
		}
	}
	if err := w.Flush(); err != nil {
		return t, fmt.Errorf("writing statements: %w", err)
	}
	return t, nil
}
