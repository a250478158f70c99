// Package control defines the records by which an operator changes how a
// partition's events are folded. They stand in the log of every partition,
// among the sealed events, so that a rebuild gives the same bytes.
package control

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Kind is what a control record asks for.
type Kind uint8

// The kinds, in the order of their codes.
const (
	Config    Kind = iota + 1 // fold by this policy, registry and fold version
	Close                     // close a window and all earlier ones of its cadence
	Object                    // fold nothing more of this pupil
	Erase                     // drop this pupil's state, keep the meter
	Gap                       // go on after a stretch of log that was lost
	Heartbeat                 // keep the log from being empty
)

var kindNames = [...]string{Config: "CONFIG", Close: "CLOSE", Object: "OBJECT", Erase: "ERASE", Gap: "GAP", Heartbeat: "HEARTBEAT"}

// String returns the kind's name.
func (k Kind) String() string {
	if k < Config || k > Heartbeat {
		return fmt.Sprintf("control kind %d", uint8(k))
	}
	return kindNames[k]
}

// AllPartitions is the Partition of a record that asks the same of every one.
const AllPartitions = -1

// Record is one control record. Only the fields of its kind are set; of the
// others Sign refuses all but Partition.
type Record struct {
	Kind         Kind
	Year         string    // school year, "2026-2027"; not for GAP and HEARTBEAT
	PolicyHash   [32]byte  // CONFIG
	RegistryHash [32]byte  // CONFIG
	FoldVersion  uint32    // CONFIG, from 1
	Cadence      string    // CLOSE
	Window       string    // CLOSE: label, "2026-W38"
	Index        int       // CLOSE: position among the year's windows of the cadence
	Token        [16]byte  `json:"-"` // OBJECT, ERASE; names a pupil, never printed
	From, To     int64     // GAP: lost offsets, To exclusive
	Until        time.Time // GAP: nothing that was logged later is lost, UTC
	Partition    int       // GAP: the partition it is about; else AllPartitions once opened
	Issued       time.Time // when the operator signed, UTC
}

// ErrInvalid marks a record whose fields do not fit its kind.
var ErrInvalid = errors.New("invalid control record")

// Validate reports every field that does not fit the record's kind.
func (r Record) Validate() error {
	if r.Kind < Config || r.Kind > Heartbeat {
		return fmt.Errorf("%w: unknown kind", ErrInvalid)
	}
	var errs []error
	check := func(set, wanted bool, field string) {
		switch {
		case wanted && !set:
			errs = append(errs, fmt.Errorf("%w: %v without %s", ErrInvalid, r.Kind, field))
		case set && !wanted:
			errs = append(errs, fmt.Errorf("%w: %v with %s", ErrInvalid, r.Kind, field))
		}
	}
	config, closing, gap := r.Kind == Config, r.Kind == Close, r.Kind == Gap
	person := r.Kind == Object || r.Kind == Erase
	check(r.Year != "", config || closing || person, "year")
	check(r.PolicyHash != [32]byte{}, config, "policy hash")
	check(r.RegistryHash != [32]byte{}, config, "registry hash")
	check(r.FoldVersion != 0, config, "fold version")
	check(r.Cadence != "", closing, "cadence")
	check(r.Window != "", closing, "window")
	check(r.Token != [16]byte{}, person, "token")
	check(r.From != 0 || r.To != 0, gap, "offsets")
	check(!r.Until.IsZero(), gap, "end of the loss")
	check(!r.Issued.IsZero(), true, "time of issue")
	if r.Index < 0 || r.Index != 0 && !closing {
		errs = append(errs, fmt.Errorf("%w: %v: index", ErrInvalid, r.Kind))
	}
	if gap && (r.From < 0 || r.To <= r.From || r.Partition < 0) {
		errs = append(errs, fmt.Errorf("%w: GAP: partition or offsets", ErrInvalid))
	}
	return errors.Join(errs...)
}

// Format prints what a log may say of a record: its kind, year and window.
func (r Record) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, strings.TrimSpace(fmt.Sprint(r.Kind, " ", r.Year, " ", r.Window)))
}
