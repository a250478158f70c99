package portal

import (
	_ "embed"
	"net/http"

	"brume/schemas/profile"
)

//go:embed openapi.json
var openAPIText []byte

// openAPI answers with the description of every route, which a test compares
// with the handlers.
func (p *Portal) openAPI(w http.ResponseWriter, _ *http.Request) {
	writePublic(w, "application/json", openAPIText)
}

// profile answers with the xAPI profile of our extensions.
func (p *Portal) profile(w http.ResponseWriter, _ *http.Request) {
	writePublic(w, profile.ContentType, profile.Document())
}

// writePublic answers with a document for everybody, pages of other sites too.
func writePublic(w http.ResponseWriter, kind string, text []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = w.Write(text) // the client may be gone
}
