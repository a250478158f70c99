package simulate

import (
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"time"
)

// writer builds one statement after another in the same buffer.
type writer struct {
	b       []byte
	session *session
	index   int // of the statement in its session
	fault   Fault

	id       [16]byte
	account  uint64 // opaque name
	homePage string
	uai      string
	level    string
	activity uint64 // number of the activity within the tool
	success  bool
	score    int // thousandths
	seconds  int
	time     time.Time
	offset   int // seconds east of UTC in which the tool writes times
}

// statement builds the whole statement, broken where the fault says so.
func (w *writer) statement() []byte {
	w.b = w.b[:0]
	w.raw(`{"id":"`)
	if w.fault == BadID {
		w.raw("statement-").int(int(w.account % 1_000_000))
	} else {
		w.uuid(w.id)
	}
	w.raw(`"`)
	if w.fault != MissingActor {
		w.actor()
	}
	tools[w.session.tool].write(w)
	w.timestamp()
	switch w.fault {
	case UnknownProperty:
		w.raw(`,"mood":"good"`)
	case DuplicateKey:
		w.raw(`,"actor":{"objectType":"Agent","mbox":"mailto:second@brume.example"}`)
	}
	return w.raw(`}`).b
}

func (w *writer) actor() {
	w.raw(`,"actor":{`)
	switch {
	case w.fault == EmptyGroup:
		w.raw(`"objectType":"Group"`)
	case w.session.group && w.fault != TwoIdentifiers:
		w.raw(`"objectType":"Group","member":[{`).agent(w.account).raw(`},{`).agent(mix(w.account)).raw(`}]`)
	default:
		w.agent(w.account)
	}
	if w.fault == TwoIdentifiers {
		w.raw(`,"mbox":"mailto:second@brume.example"`)
	}
	w.raw(`}`)
}

func (w *writer) agent(account uint64) *writer {
	w.raw(`"objectType":"Agent","account":{"homePage":"`).raw(w.homePage).raw(`","name":"`)
	if w.fault == LoneSurrogate {
		w.raw(`\ud800`)
	}
	for shift := 60; shift >= 0; shift -= 4 {
		w.b = append(w.b, "0123456789abcdef"[account>>shift&15])
	}
	return w.raw(`"}`)
}

func (w *writer) verb(iri, french string) {
	switch w.fault {
	case MissingVerb:
		return
	case BadVerbIRI:
		iri = "answered"
	}
	w.raw(`,"verb":{"id":"`).raw(iri).raw(`","display":{"fr-FR":"`).raw(french).raw(`"}}`)
}

func (w *writer) object(prefix string, number uint64, kind, subject string) {
	switch w.fault {
	case MissingObject:
		return
	case WrongType:
		w.raw(`,"object":"`).raw(prefix).raw(`"`)
		return
	}
	w.raw(`,"object":{"objectType":"Activity","id":"`).raw(prefix).int(int(number))
	w.raw(`","definition":{"type":"`).raw(kind).raw(`"`)
	if subject != "" {
		w.raw(`,"extensions":{"` + extensions + `activity-subject":"`).raw(subject).raw(`"}`)
	}
	w.raw(`}}`)
}

// open begins an object of the statement. It returns false when the fault
// concerns this object and has filled and closed it.
func (w *writer) open(name string) bool {
	w.raw(`,"`).raw(name).raw(`":{`)
	if name == "context" {
		if w.fault == BadRegistration {
			w.raw(`"registration":"42",`)
		}
		return true
	}
	switch w.fault {
	case ScaledOutOfRange:
		w.raw(`"score":{"scaled":1.75}}`)
	case RawAboveMax:
		w.raw(`"score":{"raw":21,"min":0,"max":20}}`)
	case BadDuration:
		w.raw(`"duration":"one hour"}`)
	case NullValue:
		w.raw(`"success":null}`)
	default:
		return true
	}
	return false
}

// timestamp writes the time as the tool does: calcul with milliseconds in
// UTC, lecture in local time, video in whole seconds.
func (w *writer) timestamp() {
	w.raw(`,"timestamp":"`)
	switch {
	case w.fault == BadTimestamp:
		w.raw("2026-13-40T25:61:00Z")
	case w.session.tool == 0:
		w.b = w.time.AppendFormat(w.b, "2006-01-02T15:04:05.000Z")
	case w.session.tool == 1:
		w.b = w.time.Add(time.Duration(w.offset)*time.Second).AppendFormat(w.b, "2006-01-02T15:04:05")
		w.raw("+0").int(w.offset / 3600).raw(":00")
	default:
		w.b = w.time.AppendFormat(w.b, "2006-01-02T15:04:05Z")
	}
	w.raw(`"`)
}

func (w *writer) raw(s string) *writer {
	w.b = append(w.b, s...)
	return w
}

func (w *writer) int(n int) *writer {
	w.b = strconv.AppendInt(w.b, int64(n), 10)
	return w
}

func (w *writer) bool(v bool) *writer {
	w.b = strconv.AppendBool(w.b, v)
	return w
}

// thousandths writes 0…1000 as 0…1.
func (w *writer) thousandths(n int) *writer {
	if n >= 1000 {
		return w.raw("1")
	}
	w.b = append(w.b, '0', '.', '0'+byte(n/100), '0'+byte(n/10%10), '0'+byte(n%10))
	return w
}

func (w *writer) uuid(id [16]byte) {
	for i, part := range [][2]int{{0, 4}, {4, 6}, {6, 8}, {8, 10}, {10, 16}} {
		if i > 0 {
			w.raw("-")
		}
		w.b = hex.AppendEncode(w.b, id[part[0]:part[1]])
	}
}

// newID draws a version 4 UUID.
func newID(r *rand.Rand) (id [16]byte) {
	for i, hi := 0, r.Uint64(); i < 8; i++ {
		id[i] = byte(hi >> (8 * i))
	}
	for i, lo := 0, r.Uint64(); i < 8; i++ {
		id[8+i] = byte(lo >> (8 * i))
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}
