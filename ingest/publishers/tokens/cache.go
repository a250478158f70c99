package tokens

import (
	"crypto/sha256"
	"sync"
	"time"
)

// remembered bounds the tokens whose checking is remembered. Only tokens that
// the identity server signed are.
const remembered = 10_000

// cache remembers tokens that were verified, by their digest: a process that is
// looked into shows none.
type cache struct {
	mu     sync.RWMutex
	tokens map[[sha256.Size]byte]holder
}

type holder struct {
	client string
	until  time.Time
}

func (c *cache) get(token [sha256.Size]byte, now time.Time) (client string, known bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	h, known := c.tokens[token]
	return h.client, known && now.Before(h.until)
}

// put forgets everything when it is full: what is still used comes back for
// one verification each.
func (c *cache) put(token [sha256.Size]byte, h holder) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tokens == nil || len(c.tokens) >= remembered {
		c.tokens = map[[sha256.Size]byte]holder{}
	}
	c.tokens[token] = h
}
