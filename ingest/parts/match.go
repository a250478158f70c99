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
func Match(b xapi.Batch, list []Part) error {
	m := matcher{parts: make(map[string][]int, len(list)), named: make([]bool, len(list)), list: list}
	for i := range list {
		m.parts[list[i].SHA2] = append(m.parts[list[i].SHA2], i)
	}
	for i := range b.Statements {
		st, place := &b.Statements[i], ""
		if !b.Single {
			place = "/" + strconv.Itoa(i)
		}
		m.attachments(st.Attachments, place+"/attachments/")
		m.attachments(st.Object.Attachments, place+"/object/attachments/")
	}
	for i, named := range m.named {
		if !named {
			m.report(Surplus, "", "part "+strconv.Itoa(i+2))
		}
	}
	if len(m.faults) > 0 {
		return m.faults
	}
	return nil
}

type matcher struct {
	list   []Part
	parts  map[string][]int // by SHA-2
	named  []bool           // by an attachment of its own
	faults xapi.Faults
}

func (m *matcher) report(code xapi.Code, pointer, where string) {
	if len(m.faults) < maxFaults {
		m.faults = append(m.faults, fault(code, pointer, where))
	}
}

func (m *matcher) attachments(list []xapi.Attachment, place string) {
	for i := range list {
		m.attachment(&list[i], place+strconv.Itoa(i))
	}
}

// attachment finds the part of an attachment: one that no other attachment
// has named yet, else one that it shares.
func (m *matcher) attachment(a *xapi.Attachment, place string) {
	same := m.parts[a.SHA2]
	if len(same) == 0 {
		if a.FileURL == "" {
			m.report(ContentAbsent, place, "")
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
		m.report(TypeDiffers, place+"/contentType", "")
	}
	if p.length != "" && p.length != strconv.FormatInt(a.Length, 10) {
		m.report(LengthDiffers, place+"/length", "")
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
