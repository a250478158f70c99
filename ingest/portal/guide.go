package portal

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed snippets
var snippets embed.FS

// guide is the content of the documentation page.
type guide struct {
	Limits   []fact
	Codes    []codeView
	Versions string
	Batch    string // most statements of a request
	Readback string // "" when it is off
	Backlog  string
}

type codeView struct {
	Name, Text string
	Status     int
}

func (p *Portal) documentation(w http.ResponseWriter, r *http.Request) {
	l := p.locale(r)
	v := viewer{l, p.deps.Zone}
	out := p.frame(l, r, "documentation")
	body := guide{Limits: p.limits(v), Versions: strings.Join(p.deps.Versions, ", "), Batch: v.n(int64(p.deps.Limits.Batch))}
	if keep := p.deps.Limits.Readback; keep > 0 {
		body.Readback = v.duration(keep)
	}
	about := p.codes.in(l)
	for _, c := range p.codes {
		text, _ := about(c.Name)
		body.Codes = append(body.Codes, codeView{c.Name, text, c.Status})
	}
	out.Body = body
	p.write(w, l, out)
}

// snippet is the text of a file in snippets, as it is.
func snippet(name string) (string, error) {
	text, err := fs.ReadFile(snippets, "snippets/"+name)
	return strings.TrimRight(string(text), "\n"), err
}
