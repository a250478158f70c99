package dashboards

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"brume/aggregate/query"
)

// csv answers with exactly what the trend page shows, unrounded.
func (s *Server) csv(l *locale) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		world, err := s.world(r.Context(), l, r.URL.Query().Get("area"))
		var points []query.Point
		var f filters
		if err == nil && len(world.releases) > 0 {
			f, _ = s.filter(l, world, r.URL.Query())
			points, err = s.reader.Trend(r.Context(), query.TrendQuery{
				Area: f.Area.Code, Measure: f.Measure, Level: f.Level, Subject: f.Subject, Year: f.Year})
		}
		if err != nil {
			s.log.Error("csv could not be made", "error", err)
			w.Header().Set("Retry-After", retrySeconds)
			http.Error(w, l.T("error.503.title"), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="brume-trend.csv"`)
		out := csv.NewWriter(w)
		_ = out.Write([]string{"release", "window", "start", "area", "measure", "level", "subject", "value", "low_95", "high_95", "sigma", "state", "incomplete"})
		for _, p := range points {
			row := []string{p.Release, p.Window, p.Start.Format(time.DateOnly), f.Area.Code, string(f.Measure), f.Level, f.Subject}
			for _, x := range []float64{p.Value, p.Low, p.High, p.Sigma} {
				text := strconv.FormatFloat(x, 'g', -1, 64)
				if p.State == query.Masked {
					text = ""
				}
				row = append(row, text)
			}
			_ = out.Write(append(row, string(p.State), strconv.FormatBool(p.Incomplete)))
		}
		out.Flush() // the reader may be gone: nothing to do about it
	})
}
