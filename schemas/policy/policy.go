// Package policy is the release policy of one school year: the calendar, the
// families of cells, the caps on one pupil's contribution and the budget; and
// the plan that turns them into noise before any pupil's data is seen.
package policy

import "time"

// Cadence says how often a family is released.
type Cadence string

// The cadences.
const (
	Weekly     Cadence = "week"
	Periodic   Cadence = "period"
	YearStream Cadence = "year-stream"
)

// Area is the grain of a family's geography.
type Area string

// The areas.
const (
	BySchool     Area = "school"
	ByDepartment Area = "department"
)

// Dimension is a nomenclature by which a family's cells are split.
type Dimension string

// The dimensions.
const (
	Level   Dimension = "level"
	Subject Dimension = "subject"
	Tool    Dimension = "tool"
)

// Measure says what a family counts.
type Measure string

// The measures. Outcomes yields two values a cell, successes and failures.
const (
	Active   Measure = "active"
	Outcomes Measure = "outcomes"
	Minutes  Measure = "minutes"
	Scores   Measure = "scores"
)

// Policy is one school year's reviewed release policy. Parse, Load and Default
// return it validated and compiled: it MUST NOT change afterwards, since its
// hash stands in every release. Use Clone to derive another one.
type Policy struct {
	Name        string   `koanf:"name" yaml:"name"`
	SchoolYear  string   `koanf:"school_year" yaml:"school_year"` // "2026-2027"
	Timezone    string   `koanf:"timezone" yaml:"timezone"`
	From        string   `koanf:"from" yaml:"from,omitempty"` // "2026-W46": the first week of a policy that replaces another in mid-year; "": the year's first
	Epsilon     float64  `koanf:"epsilon" yaml:"epsilon"`
	Delta       float64  `koanf:"delta" yaml:"delta"`
	Identity    Identity `koanf:"identity" yaml:"identity"`
	LateWindows int      `koanf:"late_windows" yaml:"late_windows"` // G: a later event is dropped
	MaxError    float64  `koanf:"max_error" yaml:"max_error"`       // a family whose best planned relative error is above it is refused
	Calendar    Calendar `koanf:"calendar" yaml:"calendar"`
	Families    []Family `koanf:"families" yaml:"families"`

	compiled *calendar // set by Parse and Plan; nil for a literal
}

// Identity says which identifiers name the same pupil.
type Identity struct {
	Scope      string   `koanf:"scope" yaml:"scope"`           // shared | per_publisher
	HomePages  []string `koanf:"home_pages" yaml:"home_pages"` // for shared
	Publishers int      `koanf:"publishers" yaml:"publishers"` // m, for per_publisher
}

// Calendar lists, for each holiday zone, the weeks that are released.
type Calendar struct {
	Zones     []Zone `koanf:"zones" yaml:"zones"`
	OtherZone string `koanf:"other_zone" yaml:"other_zone"` // zone of schools the registry does not know
}

// Zone is one zone's school weeks ("2026-W36", ISO, ascending) and half-terms.
type Zone struct {
	Name      string     `koanf:"name" yaml:"name"`
	Weeks     []string   `koanf:"weeks" yaml:"weeks"`
	HalfTerms []HalfTerm `koanf:"half_terms" yaml:"half_terms"`
}

// HalfTerm is a run of weeks, from First to Last inclusive.
type HalfTerm struct {
	Name  string `koanf:"name" yaml:"name"` // "P1"
	First string `koanf:"first" yaml:"first"`
	Last  string `koanf:"last" yaml:"last"`
}

// Family is one kind of released cell and the bound on what one pupil may
// contribute to it in one window.
type Family struct {
	Name    string      `koanf:"name" yaml:"name"`
	Cadence Cadence     `koanf:"cadence" yaml:"cadence"`
	Area    Area        `koanf:"area" yaml:"area"`
	By      []Dimension `koanf:"by" yaml:"by"`
	Measure Measure     `koanf:"measure" yaml:"measure"`
	Cells   int         `koanf:"cells" yaml:"cells"` // L0: cells one pupil may touch in a window
	Cap     int64       `koanf:"cap" yaml:"cap"`     // units one pupil may add (1 for active)
	Share   float64     `koanf:"share" yaml:"share"` // fraction of μ² for the year, 0…1
	Force   bool        `koanf:"force" yaml:"force"` // keep it although its planned error is above MaxError
}

// Window is one release interval of the school year, shared by all zones that
// are in session. The windows of a stream are its weeks; a half-term runs from
// the earliest zone's first day to the latest zone's last, while each zone folds
// by its own dates.
type Window struct {
	Year    string // "2026-2027"
	Cadence Cadence
	Label   string // "2026-W38", "P1"
	Index   int    // position among the year's windows of this cadence, from 0
	Start   time.Time
	End     time.Time // exclusive
}

// FamilyPlan is a family with the noise that its share buys.
type FamilyPlan struct {
	Family
	Windows     int     // N: windows a year in which one pupil may contribute
	Steps       int     // releases of a year stream; else equal to Windows
	Delta2Caps  float64 // Δ² in caps: squared L2 norm of one pupil's largest contribution
	SigmaCaps   float64 // σ in caps (of each z_t, for a stream), per_publisher multiplier included
	Sigma       float64 // σ in units: Cap·SigmaCaps
	CostNanoMu2 int64   // charged for each window, in 1e-9 μ² (a stream: once, at a zone's first)
}

// Plan is a policy with every σ and cost fixed.
type Plan struct {
	Policy     *Policy
	Mu         float64 // of the whole year
	LimitNano  int64   // year's limit in 1e-9 μ²
	Families   []FamilyPlan
	PolicyHash [32]byte
}
