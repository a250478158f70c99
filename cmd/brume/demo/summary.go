package demo

import (
	"errors"
	"fmt"
)

// Seconds says where the time went.
type Seconds struct {
	Start   float64 `json:"start"`   // broker, ClickHouse, keys
	Send    float64 `json:"send"`    // simulate, send, validate, seal, acknowledge
	Release float64 `json:"release"` // after the last week was sent: fold, noise, load
	Total   float64 `json:"total"`
}

// Summary is what a demonstration did. Every statement is counted once:
// sent = acknowledged + refused, and acknowledged = folded + duplicates +
// dropped, unless a killed run sent some again: those are more duplicates.
type Summary struct {
	Sent           int64            `json:"sent"`
	Acknowledged   int64            `json:"acknowledged"`
	Refused        int64            `json:"refused"`
	RefusedByCode  map[string]int64 `json:"refused_by_code"`
	Folded         int64            `json:"folded"`
	Duplicates     int64            `json:"duplicates"`
	Late           int64            `json:"late"` // of the folded
	Dropped        map[string]int64 `json:"dropped_by_reason"`
	Releases       int              `json:"releases"`
	Cells          int              `json:"cells"`
	PlannedCells   int              `json:"planned_cells"`
	Epsilon        float64          `json:"epsilon"` // of the whole school year
	Delta          float64          `json:"delta"`
	Mu2Spent       float64          `json:"mu2_spent"`
	Mu2Limit       float64          `json:"mu2_limit"`
	ClickHouseRows int              `json:"clickhouse_rows"` // published cells
	Starts         int              `json:"starts"`          // 1 unless it was interrupted
	SecondsByStage Seconds          `json:"seconds_by_stage"`
}

// Check returns every way in which the figures do not add up.
func (s Summary) Check() error {
	var faults []error
	wantf := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	settled := s.Folded + s.Duplicates
	for _, n := range s.Dropped {
		settled += n
	}
	wantf(s.Acknowledged == s.Sent-s.Refused, "acknowledged %d of %d sent and %d refused", s.Acknowledged, s.Sent, s.Refused)
	wantf(settled >= s.Acknowledged, "%d acknowledged statements were lost", s.Acknowledged-settled)
	wantf(settled == s.Acknowledged || s.Starts > 1, "%d statements were counted twice", settled-s.Acknowledged)
	wantf(s.Cells == s.PlannedCells, "%d cells, planned %d", s.Cells, s.PlannedCells)
	wantf(s.ClickHouseRows == s.Cells, "%d cells in ClickHouse, released %d", s.ClickHouseRows, s.Cells)
	wantf(s.Mu2Spent <= s.Mu2Limit, "μ² spent %g of %g", s.Mu2Spent, s.Mu2Limit)
	return errors.Join(faults...)
}
