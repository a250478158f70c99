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
	"strings"
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

// deliver posts the statements and returns nil once each is acknowledged or
// refused. The endpoint takes all of a request or nothing. When it names the
// statements at fault, they are sent one by one and the others together; when
// it does not, the request is cut in halves until what is refused stands alone.
func (d *delivery) deliver(ctx context.Context, statements []int) error {
	answer, err := d.try(ctx, statements)
	if err != nil {
		return err
	}
	n := int64(len(statements))
	switch {
	case answer.status < 300:
		d.result.Sent += n
		d.result.Acknowledged += n
		return nil
	case n == 1:
		d.result.add(Result{Sent: 1, Refused: 1, RefusedByCode: map[string]int64{answer.code: 1}})
		return nil
	}
	for _, part := range split(statements, answer.faulty) {
		if err := d.deliver(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// split gives smaller requests for a refused one.
func split(statements []int, faulty map[int]bool) (parts [][]int) {
	var others []int
	for i, st := range statements {
		if faulty[i] {
			parts = append(parts, []int{st})
		} else {
			others = append(others, st)
		}
	}
	if len(parts) == 0 {
		half := len(statements) / 2
		return [][]int{statements[:half], statements[half:]}
	}
	if len(others) > 0 {
		parts = append(parts, others)
	}
	return parts
}

// answer is what the endpoint decided about a request.
type answer struct {
	status int
	code   string        // of a refusal
	faulty map[int]bool  // positions of the statements at fault, if it says so
	after  time.Duration // Retry-After
}

// try posts until the endpoint decides: 2xx, or a refusal with its code. While
// it is away or says "later" it is asked again, until patience ends.
func (d *delivery) try(ctx context.Context, statements []int) (answer, error) {
	body := d.b.join(statements)
	var waited time.Duration
	for attempt := 0; ; attempt++ {
		if attempt > 0 {
			d.result.Resent += int64(len(statements))
		}
		a, err := d.once(ctx, body)
		switch {
		case ctx.Err() != nil:
			return a, fmt.Errorf("sending statements: %w", ctx.Err())
		case err == nil && (a.status < 300 || refusal(a.status)):
			return a, nil
		case err == nil && !later(a.status):
			return a, fmt.Errorf("%w: %d %s", ErrRejected, a.status, a.code)
		case err == nil:
			err = fmt.Errorf("endpoint answers %d %s", a.status, a.code)
		}
		pause := max(a.after, backoff(attempt))
		if waited += pause; waited > d.s.cfg.Patience {
			return a, fmt.Errorf("sending statements: giving up after %d attempts: %w", attempt+1, err)
		}
		if err := d.s.wait(ctx, pause); err != nil {
			return a, fmt.Errorf("sending statements: %w", err)
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

// join gives the statements as one JSON array; a single one stands for itself,
// so that nothing but its own bytes is judged.
func (b *batch) join(statements []int) []byte {
	if len(statements) == 1 {
		return b.statement(statements[0])
	}
	array := make([]byte, 1, len(b.body)+2)
	array[0] = '['
	for i, st := range statements {
		if i > 0 {
			array = append(array, ',')
		}
		array = append(array, b.statement(st)...)
	}
	return append(array, ']')
}

// once posts a body and reads the answer.
func (d *delivery) once(ctx context.Context, body []byte) (a answer, err error) {
	cfg := &d.s.cfg
	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, cfg.URL, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.SetBasicAuth(cfg.Key, cfg.Secret)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Experience-API-Version", cfg.Version)
	resp, err := cfg.Client.Do(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return a, fmt.Errorf("reading the answer: %w", err)
	}
	a.status = resp.StatusCode
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		a.after = min(time.Duration(seconds)*time.Second, time.Minute)
	}
	if a.status >= 300 {
		a.problem(text)
	}
	return a, nil
}

// problem reads an RFC 9457 answer: its stable code, else the status, and the
// statements that the pointers of its errors name ("/17/verb").
func (a *answer) problem(text []byte) {
	var p struct {
		Code   string `json:"code"`
		Errors []struct {
			Pointer string `json:"pointer"`
		} `json:"errors"`
	}
	a.code = strconv.Itoa(a.status)
	if err := json.Unmarshal(text, &p); err != nil {
		return
	}
	if p.Code != "" {
		a.code = p.Code
	}
	a.faulty = map[int]bool{}
	for _, e := range p.Errors {
		first, _, _ := strings.Cut(strings.TrimPrefix(e.Pointer, "/"), "/")
		if i, err := strconv.Atoi(first); err == nil {
			a.faulty[i] = true
		}
	}
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
