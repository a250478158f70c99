package portal

import (
	"net/http"
	"strings"
)

type statusBody struct {
	Taking             bool
	Answer, Since, Why string
	Facts              []fact
}

type fact struct{ Name, Value string }

// statusPage tells everybody whether statements are taken now. It says nothing
// of any publisher.
func (p *Portal) statusPage(w http.ResponseWriter, r *http.Request) {
	l := p.locale(r)
	v := viewer{l, p.deps.Zone}
	s := p.deps.State()
	out := p.frame(l, r, "status")
	body := statusBody{Taking: s.Taking, Answer: l.T("status.taking"), Since: l.T("status.since", v.at(s.Since))}
	if !s.Taking {
		body.Answer = l.T("status.not")
		body.Why, _ = p.codes.in(l)(s.Code)
	}
	body.Facts = append([]fact{{l.T("status.versions"), strings.Join(p.deps.Versions, ", ")}}, p.limits(v)...)
	out.Body = body
	p.write(w, l, out)
}

// limits writes the limits of the running configuration.
func (p *Portal) limits(v viewer) []fact {
	l := p.deps.Limits
	readback := v.T("limit.off")
	if l.Readback > 0 {
		readback = v.duration(l.Readback)
	}
	return []fact{
		{v.T("limit.body"), v.T("limit.body.value", v.bytes(l.Body), v.bytes(l.Body/2))},
		{v.T("limit.bulk"), v.T("limit.bulk.value", v.n(int64(l.BulkLines)), v.bytes(l.Bulk))},
		{v.T("limit.statement"), v.bytes(int64(l.Statement))},
		{v.T("limit.batch"), v.T("limit.batch.value", v.n(int64(l.Batch)))},
		{v.T("limit.depth"), v.T("limit.depth.value", v.n(int64(l.Depth)))},
		{v.T("limit.ratio"), v.n(l.GzipRatio)},
		{v.T("limit.parts"), v.T("limit.parts.value", v.n(int64(l.Parts)), v.bytes(l.PartBytes))},
		{v.T("limit.readback"), readback},
	}
}

// bytes writes a size in the largest unit that leaves a whole number.
func (v viewer) bytes(n int64) string {
	units := []string{"o", "Kio", "Mio", "Gio"}
	if v.Lang == "en" {
		units = []string{"bytes", "KiB", "MiB", "GiB"}
	}
	i := 0
	for ; i < len(units)-1 && n >= 1024 && n%1024 == 0; i++ {
		n /= 1024
	}
	return v.n(n) + "\u00a0" + units[i]
}
