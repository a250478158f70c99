package year

import (
	"context"
	"time"

	"brume/cmd/brume/replay"
	"brume/cmd/internal/single"
	"brume/ingest/publishers"
)

// publisher waits for the endpoint and returns a sender with a key of its own.
func publisher(ctx context.Context, b *single.Brume) (*replay.Sender, error) {
	for b.Intake.Ready() != nil {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
	cfg := replay.DefaultSenderConfig()
	var err error
	if cfg.Key, cfg.Secret, err = publishers.NewAdmin(b.Kafka, time.Now).Add(ctx, "audit", "generic"); err != nil {
		return nil, err
	}
	cfg.URL, cfg.Connections = b.URL()+"/xapi", 16
	return replay.NewSender(cfg)
}
