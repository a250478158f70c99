package portal

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.json
var openAPIText []byte

// openAPI answers with the description of every route, which a test compares
// with the handlers.
func (p *Portal) openAPI(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Access-Control-Allow-Origin", "*")
	_, _ = w.Write(openAPIText) // the client may be gone
}
