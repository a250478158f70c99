package portal

import (
	_ "embed"
	"encoding/json/v2"
	"fmt"
	"net/http"

	"go.yaml.in/yaml/v3"

	"brume/schemas/profile"
)

//go:embed openapi.yaml
var openAPIFile []byte

// openAPIText is the description as JSON.
func openAPIText() ([]byte, error) {
	var document any
	if err := yaml.Unmarshal(openAPIFile, &document); err != nil {
		return nil, fmt.Errorf("reading the description of the API: %w", err)
	}
	return json.Marshal(document, json.Deterministic(true))
}

// openAPI answers with the description of every route, which a test compares
// with the handlers.
func (p *Portal) openAPI(w http.ResponseWriter, _ *http.Request) {
	writePublic(w, "application/json", p.described)
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
