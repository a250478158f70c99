package simulate

import "time"

// Statement is one statement as a tool sends it.
type Statement struct {
	Week      int       // index of the school week in which it is sent
	Origin    int       // index of the school week of its timestamp
	Time      time.Time // its timestamp; zero time zone is UTC
	Tool      string    // "calcul", "lecture", "video"
	Body      []byte    // valid until emit returns; no line feed
	Malformed bool      // refused by any strict xAPI receiver
	Fault     Fault     // why
	Duplicate bool      // the same bytes were sent before
	Late      bool      // sent one to six weeks after its time
	Group     bool      // the actor is a group
	Teacher   bool      // about a teacher
	Unlisted  bool      // homePage that the policy does not list
	Unknown   bool      // school that the registry does not know
}

// Fault is the rule of xAPI that a malformed statement breaks.
type Fault uint8

// The faults.
const (
	NoFault Fault = iota
	MissingActor
	MissingVerb
	MissingObject
	BadID
	BadVerbIRI
	BadTimestamp
	BadDuration
	BadRegistration
	ScaledOutOfRange
	RawAboveMax
	NullValue
	DuplicateKey
	UnknownProperty
	WrongType
	TwoIdentifiers
	EmptyGroup
	LoneSurrogate
	faults // their number
)

var faultNames = [faults]string{"none", "missing actor", "missing verb", "missing object", "bad id", "bad verb IRI",
	"bad timestamp", "bad duration", "bad registration", "scaled out of range", "raw above max", "null value",
	"duplicate key", "unknown property", "wrong type", "two identifiers", "empty group", "lone surrogate"}

// String names the fault.
func (f Fault) String() string {
	if f >= faults {
		return "unknown fault"
	}
	return faultNames[f]
}

// Faults lists every kind of malformed statement.
func Faults() []Fault {
	var all []Fault
	for f := NoFault + 1; f < faults; f++ {
		all = append(all, f)
	}
	return all
}

// Tally counts statements by what is special about them.
type Tally struct {
	Sent       int64         `json:"sent"`
	Malformed  int64         `json:"malformed"`
	Duplicates int64         `json:"duplicates"`
	Late       int64         `json:"late"`
	Groups     int64         `json:"groups"`
	Teachers   int64         `json:"teachers"`
	Unlisted   int64         `json:"unlisted"`
	Unknown    int64         `json:"unknown_schools"`
	Bytes      int64         `json:"bytes"`
	ByFault    [faults]int64 `json:"-"`
}

// Add counts one statement. What is malformed counts as nothing else.
func (t *Tally) Add(s Statement) {
	t.Sent++
	t.Bytes += int64(len(s.Body))
	t.ByFault[s.Fault]++
	if s.Malformed {
		t.Malformed++
		return
	}
	for _, c := range []struct {
		is    bool
		count *int64
	}{{s.Duplicate, &t.Duplicates}, {s.Late, &t.Late}, {s.Group, &t.Groups}, {s.Teacher, &t.Teachers},
		{s.Unlisted, &t.Unlisted}, {s.Unknown, &t.Unknown}} {
		if c.is {
			*c.count++
		}
	}
}
