package anonymize

import (
	"time"

	"brume/internal/kafka"
)

// lagAlarms are the ages of the oldest unfolded record at which an operator is
// called: records die after topics.KeepStatements.
var lagAlarms = [...]time.Duration{12 * time.Hour, 24 * time.Hour, 48 * time.Hour}

// lags notes what came from the log and is to be folded; nothing when all is.
func (w *worker) lags(records []kafka.Record) {
	w.oldest = time.Time{}
	if len(records) > 0 {
		w.oldest = records[0].Time
	}
	w.lag()
}

// lag raises each alarm once, as the oldest unfolded record grows old; they
// are due again after the partition has caught up.
func (w *worker) lag() {
	age := time.Duration(0)
	if !w.oldest.IsZero() {
		age = w.Now().Sub(w.oldest)
	}
	due := 0
	for due < len(lagAlarms) && age >= lagAlarms[due] {
		due++
	}
	switch {
	case due > w.alarmed:
		w.Log.Error("ALARM lag: statements are not folded", "partition", w.number, "seconds", int(age.Seconds()))
		w.alarmed = due
	case due == 0 && w.alarmed > 0:
		w.Log.Info("folding has caught up", "partition", w.number)
		w.alarmed = 0
	}
}
