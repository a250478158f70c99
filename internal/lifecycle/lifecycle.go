// Package lifecycle runs the components of one process and ends them in order.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// Component is a part of a process. Run works until its context ends, drains,
// and returns; returning nil earlier means that its work is done.
type Component struct {
	Name string
	Run  func(ctx context.Context) error
}

// ErrDrain says that components were still running when the time to drain was
// over.
var ErrDrain = errors.New("components did not drain in time")

// Signals returns a context that ends at SIGINT or SIGTERM. After the first
// signal the default handling is back, so that a second one kills.
func Signals(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(parent, syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// Run starts the components in the order given and returns when all have
// returned. The first error, or the end of ctx, stops them in reverse order:
// each is told to end only after the later ones, which use it, have drained.
// All of them share the time to drain. Run returns the first errors joined,
// and ErrDrain, naming the components, when some were left behind.
func Run(ctx context.Context, log *slog.Logger, drain time.Duration, components ...Component) error {
	r := &runner{log: log, drain: drain, ended: make(chan int, len(components))}
	for _, c := range components {
		r.start(context.WithoutCancel(ctx), c)
	}
	open := len(components)
	for open > 0 {
		select {
		case i := <-r.ended:
			open--
			if r.note(i); r.failed() {
				return r.stop()
			}
		case <-ctx.Done():
			log.Info("stopping")
			return r.stop()
		}
	}
	return r.result()
}

type runner struct {
	log   *slog.Logger
	drain time.Duration
	parts []*part
	ended chan int // indices of parts whose Run has returned
}

type part struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
	err    error // valid once done is closed
}

func (r *runner) start(ctx context.Context, c Component) {
	ctx, cancel := context.WithCancel(ctx)
	p := &part{name: c.Name, cancel: cancel, done: make(chan struct{})}
	i := len(r.parts)
	r.parts = append(r.parts, p)
	go func() {
		defer func() { r.ended <- i }()
		defer close(p.done)
		if err := c.Run(ctx); err != nil && !(ctx.Err() != nil && errors.Is(err, context.Canceled)) {
			p.err = fmt.Errorf("%s: %w", c.Name, err)
		}
	}()
}

func (r *runner) note(i int) {
	p := r.parts[i]
	if p.err != nil {
		r.log.Error("component failed", "component", p.name, "error", p.err)
		return
	}
	r.log.Debug("component ended", "component", p.name)
}

func (r *runner) failed() bool { return r.result() != nil }

// result joins the errors of the parts that have returned.
func (r *runner) result() error {
	var all []error
	for _, p := range r.parts {
		select {
		case <-p.done:
			all = append(all, p.err)
		default:
		}
	}
	return errors.Join(all...)
}

func (r *runner) stop() error {
	limit := time.After(r.drain)
	for i := len(r.parts) - 1; i >= 0; i-- {
		r.parts[i].cancel()
		select {
		case <-r.parts[i].done:
		case <-limit:
			return errors.Join(r.result(), r.abandon())
		}
	}
	return r.result()
}

// abandon tells everybody to end and names those who have not.
func (r *runner) abandon() error {
	var left []string
	for _, p := range r.parts {
		p.cancel()
		select {
		case <-p.done:
		default:
			left = append(left, p.name)
		}
	}
	return fmt.Errorf("%w: %s", ErrDrain, strings.Join(left, ", "))
}
