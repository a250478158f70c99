package truth

import "time"

// Fact is what counts of one statement about a pupil. Codes are the
// registry's; an empty one is unknown.
type Fact struct {
	Home, Name string // the account
	School     string // UAI
	Level      string
	Subject    string
	Tool       string
	Outcome    string // "successes", "failures" or ""
	Score      int    // thousandths, or -1
	Seconds    int    // or -1
	Time       time.Time
}
