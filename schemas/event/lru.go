package event

import (
	"container/list"
	"crypto/cipher"
	"time"
)

// lru keeps the data keys used last, by record header.
type lru struct {
	max   int
	order *list.List // of *lruEntry, used last in front
	byKey map[string]*list.Element
}

type lruEntry struct {
	header string
	hour   int32
	aead   cipher.AEAD
}

func newLRU(limit int) lru {
	return lru{max: limit, order: list.New(), byKey: map[string]*list.Element{}}
}

func (c *lru) get(header []byte) (cipher.AEAD, bool) {
	element, ok := c.byKey[string(header)]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(element)
	return element.Value.(*lruEntry).aead, true
}

// put keeps a data key and drops those whose private key must be dead by the
// time a record of this hour exists.
func (c *lru) put(header []byte, hour int32, aead cipher.AEAD) {
	if _, ok := c.byKey[string(header)]; ok {
		return // unwrapped twice at the same time
	}
	c.drop(func(h int32) bool { return int64(h) < int64(hour)-int64(PrivateLife/time.Hour) })
	for c.order.Len() >= c.max {
		c.remove(c.order.Back())
	}
	key := string(header)
	c.byKey[key] = c.order.PushFront(&lruEntry{key, hour, aead})
}

// drop forgets the data keys of the hours that dead names.
func (c *lru) drop(dead func(hour int32) bool) {
	for element := c.order.Front(); element != nil; {
		next := element.Next()
		if dead(element.Value.(*lruEntry).hour) {
			c.remove(element)
		}
		element = next
	}
}

func (c *lru) remove(element *list.Element) {
	delete(c.byKey, element.Value.(*lruEntry).header)
	c.order.Remove(element)
}
