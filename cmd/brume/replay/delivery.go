package replay

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// delivery settles one batch.
type delivery struct {
	s      *Sender
	b      *batch
	result Result
}

// ErrRejected says that the endpoint refuses the sender rather than a
// statement: wrong key, wrong address.
var ErrRejected = errors.New("endpoint rejects the sender")

// deliver posts statements from…to and returns nil once each is acknowledged
// or refused. The endpoint takes all of a request or nothing, so a refused one
// is cut in halves until the refused statement stands alone.
func (d *delivery) deliver(ctx context.Context, from, to int) error {
	status, code, err := d.try(ctx, from, to)
	if err != nil {
		return err
	}
	n := int64(to - from)
	switch {
	case status < 300:
		d.result.Sent += n
		d.result.Acknowledged += n
		return nil
	case n == 1:
		d.result.add(Result{Sent: 1, Refused: 1, RefusedByCode: map[string]int64{code: 1}})
		return nil
	}
	middle := from + int(n)/2
	if err := d.deliver(ctx, from, middle); err != nil {
		return err
	}
	return d.deliver(ctx, middle, to)
}

// try posts until the endpoint decides: 2xx, or a refusal with its code. While
// it is away or says "later" it is asked again, until patience ends.
func (d *delivery) try(ctx context.Context, from, to int) (status int, code string, err error) {
	body := d.b.slice(from, to)
	var waited time.Duration
	for attempt := 0; ; attempt++ {
		if attempt > 0 {
			d.result.Resent += int64(to - from)
		}
		status, code, after, err := d.once(ctx, body)
		switch {
		case ctx.Err() != nil:
			return 0, "", fmt.Errorf("sending statements: %w", ctx.Err())
		case err == nil && status < 300:
			return status, "", nil
		case err == nil && refusal(status):
			return status, code, nil
		case err == nil && !later(status):
			return 0, "", fmt.Errorf("%w: %d %s", ErrRejected, status, code)
		case err == nil:
			err = fmt.Errorf("endpoint answers %d %s", status, code)
		}
		pause := max(after, backoff(attempt))
		if waited += pause; waited > d.s.cfg.Patience {
			return 0, "", fmt.Errorf("sending statements: giving up after %d attempts: %w", attempt+1, err)
		}
		if err := d.s.wait(ctx, pause); err != nil {
			return 0, "", fmt.Errorf("sending statements: %w", err)
		}
	}
}

// refusal tells answers about the statements: invalid, conflicting, too large.
func refusal(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusConflict ||
		status == http.StatusRequestEntityTooLarge || status == http.StatusUnprocessableEntity
}

// later tells answers that the same request may outlive.
func later(status int) bool {
	return status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
}

// slice gives the statements from…to as one JSON array; a single statement
// stands for itself, so that nothing but its own bytes is judged.
func (b *batch) slice(from, to int) []byte {
	start := 0
	if from > 0 {
		start = b.ends[from-1] + 1
	}
	if to-from == 1 {
		return b.body[start:b.ends[from]]
	}
	array := make([]byte, 0, b.ends[to-1]-start+2)
	array = append(array, '[')
	array = append(array, b.body[start:b.ends[to-1]]...)
	return append(array, ']')
}

// once posts a body and reads the answer.
func (d *delivery) once(ctx context.Context, body []byte) (status int, code string, after time.Duration, err error) {
	cfg := &d.s.cfg
	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, cfg.URL, bytes.NewReader(body))
	if err != nil {
		return 0, "", 0, err
	}
	req.SetBasicAuth(cfg.Key, cfg.Secret)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Experience-API-Version", cfg.Version)
	resp, err := cfg.Client.Do(req)
	if err != nil {
		return 0, "", 0, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, "", 0, fmt.Errorf("reading the answer: %w", err)
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		after = min(time.Duration(seconds)*time.Second, time.Minute)
	}
	return resp.StatusCode, problemCode(answer, resp.StatusCode), after, nil
}

// problemCode is the stable code of an RFC 9457 answer, else the status.
func problemCode(answer []byte, status int) string {
	var p struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(answer, &p); err != nil || p.Code == "" {
		return strconv.Itoa(status)
	}
	return p.Code
}

// backoff doubles from 100 ms to 5 s, with jitter so that connections spread.
func backoff(attempt int) time.Duration {
	d := min(100*time.Millisecond<<min(attempt, 10), 5*time.Second)
	return d/2 + rand.N(d/2)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
