package xapi

// Result is a statement's result. The response is checked and not kept.
type Result struct {
	Success    Bool
	Completion Bool
	Score      Score
	Extensions Extensions

	Duration     float64 // seconds
	DurationText string  // as it was sent; "" when absent
}

// Score is a result's score; each number counts only with its flag.
type Score struct {
	Scaled, Raw, Min, Max             float64
	HasScaled, HasRaw, HasMin, HasMax bool
}

func (d *decoder) result() (r Result) {
	if !d.object() {
		return r
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pScore:
			r.Score = d.score()
		case pSuccess:
			r.Success = d.boolean()
		case pCompletion:
			r.Completion = d.boolean()
		case pResponse:
			d.str()
		case pDuration:
			r.Duration, r.DurationText = d.duration()
		case pExtensions:
			r.Extensions = d.extensions()
		default:
			d.unexpected()
		}
	}
	return r
}

func (d *decoder) score() (s Score) {
	if !d.object() {
		return s
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pScaled:
			s.Scaled, s.HasScaled = d.number()
		case pRaw:
			s.Raw, s.HasRaw = d.number()
		case pMin:
			s.Min, s.HasMin = d.number()
		case pMax:
			s.Max, s.HasMax = d.number()
		default:
			d.unexpected()
		}
	}
	switch {
	case s.HasScaled && (s.Scaled < -1 || s.Scaled > 1):
		d.faultIn(ScoreRange, pScaled, phrase{})
	case s.HasMin && s.HasMax && s.Min >= s.Max:
		d.faultIn(ScoreRange, pMin, phrase{})
	case s.HasRaw && (s.HasMin && s.Raw < s.Min || s.HasMax && s.Raw > s.Max):
		d.faultIn(ScoreRange, pRaw, phrase{})
	}
	return s
}

func (d *decoder) duration() (seconds float64, text string) {
	text, ok := d.str()
	if !ok {
		return 0, ""
	}
	if seconds, ok = parseDuration(text); !ok {
		d.fault(BadDuration, phrase{})
		return 0, ""
	}
	return seconds, text
}
