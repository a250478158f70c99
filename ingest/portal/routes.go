package portal

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"net/http"

	"brume/internal/look"
)

func (p *Portal) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for path, handle := range map[string]http.HandlerFunc{
		"{$}": p.documentation, "status": p.statusPage, "status.json": p.statusJSON,
		"quality": p.qualityPage, "quality.json": p.qualityJSON,
		"openapi.json": p.openAPI, "profile.jsonld": p.profile, "static/{file}": p.assets.Serve,
	} {
		mux.Handle(Root+path, look.Secure(p.readOnly(handle)))
	}
	mux.Handle("/", look.Secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.refuse(w, r, "resource.unknown") })))
	return mux
}

// readOnly answers 405 to everything but GET and HEAD.
func (p *Portal) readOnly(handle http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			p.refuse(w, r, "request.method")
			return
		}
		handle(w, r)
	})
}

// writeJSON answers with figures, which nobody may keep.
func writeJSON(w http.ResponseWriter, v any) {
	text, err := json.Marshal(v, jsontext.WithIndent("  "))
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "private, no-store")
	_, _ = w.Write(text) // the client may be gone
}

// figures are those of the publisher whose credentials the request has. When
// it has none, the answer is written and ok is false.
func (p *Portal) figures(w http.ResponseWriter, r *http.Request) (f Figures, ok bool) {
	publisher, err := p.deps.Publishers.Authenticate(r)
	if err != nil {
		p.deny(w, r, err)
		return f, false
	}
	about := p.codes.in(p.locale(r))
	f = Figures{
		Publisher: publisher.Name, At: p.deps.Now().UTC(), Complete: p.follower != nil && p.follower.Complete(),
		Production: p.history.Section(publisher.Name, false, publisher.Number, about),
		Sandbox:    p.history.Section(publisher.Name, true, 0, about),
	}
	if s := p.deps.State(); s.LagKnown {
		seconds := int64(s.Lag.Seconds())
		f.LagSeconds = &seconds
	}
	return f, true
}

func (p *Portal) qualityJSON(w http.ResponseWriter, r *http.Request) {
	if f, ok := p.figures(w, r); ok {
		writeJSON(w, f)
	}
}

// Status is what everybody may know; status.json is this.
type Status struct {
	Taking          bool     `json:"taking"`
	Code            string   `json:"code,omitzero"` // of the answer to statements, when none are taken
	Since           string   `json:"since"`
	Versions        []string `json:"versions"`
	ReadbackSeconds int64    `json:"readback_seconds"` // 0: off
	Limits          Limits   `json:"limits"`
}

func (p *Portal) status() Status {
	s := p.deps.State()
	return Status{s.Taking, s.Code, s.Since.UTC().Format("2006-01-02T15:04:05Z"), p.deps.Versions, int64(p.deps.Limits.Readback.Seconds()), p.deps.Limits}
}

func (p *Portal) statusJSON(w http.ResponseWriter, _ *http.Request) { writeJSON(w, p.status()) }
