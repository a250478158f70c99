package readback

import (
	"bytes"
	"strings"

	"brume/ingest/parts"
)

// attach keeps an attachment's content, once more when it is there already, so
// that it stays as long as the statement that it came with. The lock MUST be
// held.
func (w *Window) attach(e entry, p *parts.Part) {
	if !w.On() {
		return
	}
	e.kind, e.hash = content, w.store.hash(e.publisher, content, p.SHA2)
	w.store.add(e, p.SHA2, p.ContentType, "\x00", string(p.Body))
}

// content returns the media type and the bytes of an attachment that the owner
// may see.
func (w *Window) content(owner Owner, sha2 string) (kind string, body []byte, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tick()
	e, _ := w.store.search(owner.Number, w.lines.sees(&owner), content, sha2)
	if e == nil {
		return "", nil, false
	}
	_, text := w.store.text(e)
	before, after, _ := bytes.Cut(text, []byte{0})
	return string(before), bytes.Clone(after), true
}

// size is how long an attachment's content is, 0 when it is not kept.
func (w *Window) size(owner Owner, sha2 string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	e, _ := w.store.search(owner.Number, w.lines.sees(&owner), content, sha2)
	if e == nil {
		return 0
	}
	return int(e.size)
}

// contents are the digests of a statement's attachments.
func (st *Statement) contents() (list []string) {
	if !bytes.Contains(st.Raw, []byte("attachments")) && bytes.IndexByte(st.Raw, '\\') < 0 {
		return nil
	}
	f, err := read(st.Raw)
	if err != nil {
		return nil
	}
	for i := range f.Attachments {
		list = append(list, strings.ToLower(f.Attachments[i].SHA2))
	}
	return list
}
