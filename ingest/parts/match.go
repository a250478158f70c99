package parts

import (
	"maps"
	"mime"
	"strconv"

	"brume/schemas/xapi"
)

// maxFaults bounds what one answer reports.
const maxFaults = 20

// Match checks that every attachment without fileUrl has its part, that every
// part is the content of an attachment, and that what a part's header says is
// what the attachment says. Contents are found by their SHA-2 and in no other
// way. The error is of type xapi.Faults.
//
// The number of a part's bytes is not held against an attachment's length: the
// specification compares it with a Content-Length only, and the official suite
// sends another.
func Match(b xapi.Batch, list []Part, v2 bool) error {
	m := matcher{v2: v2, parts: make(map[string][]int, len(list)), named: make([]bool, len(list)), list: list}
	for i := range list {
		m.parts[list[i].SHA2] = append(m.parts[list[i].SHA2], i)
	}
	for i := range b.Statements {
		st, pointer := &b.Statements[i], pointerTo(b, i)
		m.attachments(st.Attachments, pointer+"/attachments/")
		m.attachments(st.Object.Attachments, pointer+"/object/attachments/")
	}
	for i, named := range m.named {
		if !named {
			m.report(Surplus, place{part: i + 2})
		}
	}
	if len(m.faults) > 0 {
		return m.faults
	}
	return nil
}

// pointerTo is the JSON pointer of a statement of a batch.
func pointerTo(b xapi.Batch, i int) string {
	if b.Single {
		return ""
	}
	return "/" + strconv.Itoa(i)
}

type matcher struct {
	v2     bool
	list   []Part
	parts  map[string][]int // by SHA-2
	named  []bool           // by an attachment of its own
	faults xapi.Faults
}

func (m *matcher) report(code xapi.Code, at place) {
	if len(m.faults) < maxFaults {
		m.faults = append(m.faults, fault(code, at, m.v2))
	}
}

func (m *matcher) attachments(list []xapi.Attachment, pointer string) {
	for i := range list {
		m.attachment(&list[i], pointer+strconv.Itoa(i))
	}
}

// attachment finds the part of an attachment: one that no other attachment
// has named yet, else one that it shares.
func (m *matcher) attachment(a *xapi.Attachment, pointer string) {
	same := m.parts[a.SHA2]
	if len(same) == 0 {
		if a.FileURL == "" {
			m.report(ContentAbsent, place{pointer: pointer})
		}
		return
	}
	chosen := same[0]
	for _, i := range same {
		if !m.named[i] {
			chosen = i
			break
		}
	}
	m.named[chosen] = true
	p := &m.list[chosen]
	if !sameType(p.ContentType, a.ContentType) {
		m.report(TypeDiffers, place{pointer: pointer + "/contentType"})
	}
	if p.length != "" && p.length != strconv.FormatInt(a.Length, 10) {
		m.report(LengthDiffers, place{pointer: pointer + "/length"})
	}
}

// sameType compares media types and their parameters.
func sameType(a, b string) bool {
	if a == b {
		return true
	}
	typeA, paramsA, errA := mime.ParseMediaType(a)
	typeB, paramsB, errB := mime.ParseMediaType(b)
	return errA == nil && errB == nil && typeA == typeB && maps.Equal(paramsA, paramsB)
}
