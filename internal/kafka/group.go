package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	kgo "github.com/segmentio/kafka-go"
)

const (
	heartbeat = 500 * time.Millisecond
	rejoin    = 250 * time.Millisecond
)

// Assignment is one partition, for the time of one generation of the group.
type Assignment struct {
	Generation int32
	Partition  int

	commit func(ctx context.Context, next int64) error
}

// Commit tells everybody that each record of the partition below next has had
// its effect, durably; see Client.Committed. The brokers refuse it once the
// generation has passed (ErrStale): a zombie cannot move its successor's
// position. It MUST NOT be called before the effects are durable. Nothing
// reads from a committed position: it is for those who watch.
func (a Assignment) Commit(ctx context.Context, next int64) error {
	if a.commit == nil {
		return fmt.Errorf("committing %d of partition %d: not assigned by a group", next, a.Partition)
	}
	if err := a.commit(ctx, next); err != nil {
		return fmt.Errorf("committing %d of partition %d: %w", next, a.Partition, err)
	}
	return nil
}

// RunGroup joins the group and runs handle for each partition that it is
// given, each in its own goroutine. When the group changes it ends the
// contexts of all, waits for them, and starts anew with what it is given
// then. It returns nil when ctx has ended and the first error of handle
// otherwise, in both cases after all have returned. A handle that returns nil
// early keeps its partition idle until the group changes.
//
// A member that was away for longer than the session timeout learns so late:
// for that time two members may hold a partition, and what handle makes
// durable MUST NOT depend on being alone.
func (c *Client) RunGroup(ctx context.Context, group, topic string, handle func(ctx context.Context, a Assignment) error) error {
	members, err := kgo.NewConsumerGroup(kgo.ConsumerGroupConfig{
		ID:      c.name(group),
		Brokers: c.cfg.Brokers,
		Dialer: &kgo.Dialer{
			ClientID: "brume", Timeout: requestTimeout, DialFunc: c.cfg.dial, SASLMechanism: c.cfg.SASL.mechanism(),
		},
		Topics:            []string{c.name(topic)},
		GroupBalancers:    []kgo.GroupBalancer{kgo.RoundRobinGroupBalancer{}},
		HeartbeatInterval: heartbeat,
		SessionTimeout:    c.cfg.SessionTimeout,
		RebalanceTimeout:  c.cfg.SessionTimeout,
		JoinGroupBackoff:  rejoin,
		StartOffset:       kgo.FirstOffset,
		ErrorLogger:       kgo.LoggerFunc(func(msg string, args ...any) { c.log.Debug("kafka group", "line", fmt.Sprintf(msg, args...)) }),
	})
	if err != nil {
		return fmt.Errorf("joining group %s: %w", group, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	m := &member{client: c, handle: handle, ctx: ctx, fail: cancel}
	err = m.follow(members, c.name(topic), func(err error) {
		c.log.Warn("kafka: joining the group again", "group", group, "err", err)
	})
	cancel(nil)
	_ = members.Close() // always nil; leaves the group and waits
	m.running.Wait()
	if err != nil {
		return fmt.Errorf("group %s: %w", group, err)
	}
	return nil
}

// member runs the handlers of one member of a group.
type member struct {
	client  *Client
	handle  func(context.Context, Assignment) error
	ctx     context.Context
	fail    context.CancelCauseFunc
	running sync.WaitGroup
}

// handleError is what ended a member.
type handleError struct{ error }

func (e handleError) Unwrap() error { return e.error }

// follow goes from generation to generation.
func (m *member) follow(members *kgo.ConsumerGroup, topic string, lost func(error)) error {
	away := false
	for {
		generation, err := members.Next(m.ctx)
		if m.ctx.Err() != nil {
			if failed, ok := errors.AsType[handleError](context.Cause(m.ctx)); ok {
				return failed.error
			}
			return nil
		}
		if err != nil {
			if permanent(err) {
				return err
			}
			if !away && !errors.Is(err, kgo.RebalanceInProgress) {
				away = true
				lost(err)
			}
			continue
		}
		away = false
		m.running.Wait() // the generation before has ended; its handlers must have, too
		for _, p := range generation.Assignments[topic] {
			m.start(generation, Assignment{
				Generation: generation.ID, Partition: p.ID, commit: m.client.committer(generation, topic, p.ID),
			})
		}
	}
}

func (m *member) start(generation *kgo.Generation, a Assignment) {
	m.running.Add(1)
	generation.Start(func(generationCtx context.Context) {
		defer m.running.Done()
		ctx, cancel := context.WithCancel(m.ctx)
		defer cancel()
		stop := context.AfterFunc(generationCtx, cancel)
		defer stop()
		err := m.handle(ctx, a)
		if err != nil && (ctx.Err() == nil || !errors.Is(err, ctx.Err())) {
			m.fail(handleError{fmt.Errorf("partition %d: %w", a.Partition, err)})
		}
		<-ctx.Done() // returning would end the generation for all
	})
}
