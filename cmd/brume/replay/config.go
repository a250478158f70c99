package replay

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// SenderConfig says where statements go and how.
type SenderConfig struct {
	URL         string        // xAPI endpoint; statements go to URL/statements
	Key         string        // Basic authentication
	Secret      string        // never printed
	Batch       int           // statements a request
	Connections int           // requests in flight
	Version     string        // X-Experience-API-Version
	Timeout     time.Duration // of one request
	Patience    time.Duration // how long one request is tried again while the service is away
	Client      *http.Client  // nil: one of our own
	// Settled, if any, is told whenever the statements settled without a gap
	// have grown: how many they are, and what became of them. Calls do not
	// overlap.
	Settled func(position int64, r Result)
}

// DefaultSenderConfig sends batches of 50 over four connections and waits ten
// minutes for a service that is away.
func DefaultSenderConfig() SenderConfig {
	return SenderConfig{Batch: 50, Connections: 4, Version: "1.0.3", Timeout: time.Minute, Patience: 10 * time.Minute}
}

// Validate reports every fault at once.
func (c SenderConfig) Validate() error {
	var all []error
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		all = append(all, fmt.Errorf("endpoint %q: want an http or https URL", c.URL))
	}
	if c.Key == "" || c.Secret == "" {
		all = append(all, errors.New("key and secret are required"))
	}
	if c.Batch < 1 || c.Batch > 1000 {
		all = append(all, fmt.Errorf("batch: %d is outside 1…1000", c.Batch))
	}
	if c.Connections < 1 || c.Connections > 256 {
		all = append(all, fmt.Errorf("connections: %d is outside 1…256", c.Connections))
	}
	if c.Version == "" || c.Timeout <= 0 || c.Patience <= 0 {
		all = append(all, errors.New("version, timeout and patience are required"))
	}
	return errors.Join(all...)
}

// Result counts statements, each of them once: Sent = Acknowledged + Refused.
type Result struct {
	Sent          int64            `json:"sent"`
	Acknowledged  int64            `json:"acknowledged"`
	Refused       int64            `json:"refused"`
	RefusedByCode map[string]int64 `json:"refused_by_code,omitempty"`
	Resent        int64            `json:"resent"`     // sent once more because no answer came, or "later"
	Unreadable    int64            `json:"unreadable"` // lines that are no JSON object: never sent
}

func (r *Result) add(o Result) {
	r.Sent += o.Sent
	r.Acknowledged += o.Acknowledged
	r.Refused += o.Refused
	r.Resent += o.Resent
	r.Unreadable += o.Unreadable
	for code, n := range o.RefusedByCode {
		if r.RefusedByCode == nil {
			r.RefusedByCode = map[string]int64{}
		}
		r.RefusedByCode[code] += n
	}
}

// clone shares nothing with r.
func (r Result) clone() Result {
	var c Result
	c.add(r)
	return c
}
