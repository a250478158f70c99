package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	kgo "github.com/segmentio/kafka-go"
)

var (
	// ErrBusy means that too much waits to be produced; try again later.
	ErrBusy = errors.New("too much waits to be produced")
	// ErrUnavailable means that the brokers did not answer in time. What was
	// to be produced may or may not be in the log.
	ErrUnavailable = errors.New("the brokers do not answer")
	// ErrGap means that records are missing from a log that must be whole.
	ErrGap = errors.New("records are missing from the log")
	// ErrRewound means that a log ends before a position already reached.
	ErrRewound = errors.New("the log ends before a position already reached")
	// ErrTooLarge means that a value can never be produced.
	ErrTooLarge = errors.New("the value is too large")

	// ErrTopic means that a topic on the brokers is not what it has to be.
	ErrTopic = errors.New("the topic is not as it has to be")

	// ErrStale means that a member speaks for a generation that has passed.
	ErrStale = errors.New("the generation of the group has passed")

	errClosed = errors.New("the client is closed")
)

const (
	requestTimeout = 10 * time.Second // one request and its answer
	firstBackoff   = 50 * time.Millisecond
	longBackoff    = 250 * time.Millisecond
	dialTimeout    = 3 * time.Second
	metadataTTL    = 500 * time.Millisecond
)

// Client speaks to one cluster. It is safe for concurrent use and starts
// nothing before it is used.
type Client struct {
	cfg       Config
	log       *slog.Logger
	addr      net.Addr
	transport *kgo.Transport
	kafka     *kgo.Client

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	lanes    map[lane]*queue
	inFlight atomic.Int64
	warned   sync.Once // that this is not for production
	stats    stats
}

// New prepares a client. The configuration must be valid.
func New(cfg Config, log *slog.Logger) *Client {
	replaceFetch()
	transport := &kgo.Transport{
		MetadataTTL: metadataTTL,
		DialTimeout: dialTimeout,
		ClientID:    "brume",
		Dial:        cfg.dial,
		SASL:        cfg.SASL.mechanism(),
	}
	addr := kgo.TCP(cfg.Brokers...)
	ctx, cancel := context.WithCancel(context.Background())
	return &Client{
		cfg:       cfg,
		log:       log,
		addr:      addr,
		transport: transport,
		kafka:     &kgo.Client{Addr: addr, Timeout: requestTimeout, Transport: transport},
		ctx:       ctx,
		cancel:    cancel,
		lanes:     map[lane]*queue{},
	}
}

// Close ends the client. Whoever still waits in Produce gets ErrUnavailable.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.work.Wait()
	c.transport.CloseIdleConnections()
	return nil
}

// name is a topic's or group's name on the brokers.
func (c *Client) name(short string) string { return c.cfg.Prefix + short }

// short is the name without the prefix.
func (c *Client) short(name string) string { return strings.TrimPrefix(name, c.cfg.Prefix) }

// ending tells whether the caller's time is up. A connection learns of the
// deadline a moment before the context does.
func ending(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && time.Until(deadline) < 50*time.Millisecond
}

// attempt calls try until it succeeds, fails for good, or time is up: RetryFor,
// ctx or Close. Without a limit (forEver) only ctx and Close end it.
func (c *Client) attempt(caller context.Context, forEver bool, what string, try func(context.Context) error) error {
	ctx, cancel := c.bounded(caller, forEver)
	defer cancel()
	pause, warned := firstBackoff, false
	for {
		err := tried(ctx, try)
		if err == nil || permanent(err) {
			return err
		}
		if !warned && !ending(ctx) && !errors.Is(err, kgo.UnknownTopicOrPartition) {
			warned = true
			c.log.Warn("kafka: trying again", "what", what, "err", err)
		}
		select {
		case <-ctx.Done():
			if errors.Is(caller.Err(), context.Canceled) {
				return caller.Err()
			}
			return fmt.Errorf("%s: %w: %w (%w)", what, ErrUnavailable, err, context.Cause(ctx))
		case <-time.After(pause):
		}
		pause = min(2*pause, longBackoff)
	}
}

func tried(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	return try(ctx)
}

// bounded joins ctx with the client's life and, unless forEver, RetryFor.
func (c *Client) bounded(ctx context.Context, forEver bool) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(c.ctx, func() { cancel(errClosed) })
	end := func() {}
	if !forEver {
		ctx, end = context.WithTimeout(ctx, c.cfg.RetryFor)
	}
	return ctx, func() {
		end()
		stop()
		cancel(nil)
	}
}

// permanent tells which errors another attempt cannot mend. Our own are for
// the caller to judge; of the brokers' all others may pass: a new topic takes
// a while to be known, a leader a while to be elected.
func permanent(err error) bool {
	for _, target := range []error{
		ErrGap, ErrRewound, ErrTooLarge, ErrTopic, ErrStale,
		kgo.MessageSizeTooLarge, kgo.RecordListTooLarge, kgo.InvalidTopic, kgo.InvalidTimestamp, kgo.InvalidRecord,
		kgo.TopicAuthorizationFailed, kgo.GroupAuthorizationFailed, kgo.ClusterAuthorizationFailed,
		kgo.SASLAuthenticationFailed, kgo.UnsupportedVersion, kgo.InvalidReplicationFactor, kgo.InvalidConfiguration,
		kgo.InvalidPartitionNumber, kgo.PolicyViolation,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
