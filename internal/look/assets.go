package look

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
)

//go:embed static
var static embed.FS

// Assets are files that are named by their content, so that they may be cached
// for ever.
type Assets struct {
	Styles []string // addresses of the style sheets
	Mark   string   // address of the mark

	prefix  string // of addresses
	content map[string][]byte
}

// NewAssets has the common files; prefix is the path below which Serve is
// mounted, like "/static/".
func NewAssets(prefix string) (*Assets, error) {
	a := &Assets{prefix: prefix, content: map[string][]byte{}}
	files := map[string][]byte{}
	for _, name := range []string{"brume.css", "brume.svg", "hills.svg"} {
		text, err := static.ReadFile("static/" + name)
		if err != nil {
			return nil, err
		}
		files[name] = text
	}
	a.Mark = a.Add("brume", ".svg", files["brume.svg"])
	scene := a.Add("hills", ".svg", files["hills.svg"])
	a.AddStyle("brume", bytes.ReplaceAll(files["brume.css"], []byte("hills.svg"), []byte(path.Base(scene))))
	return a, nil
}

// AddStyle adds a style sheet after the others.
func (a *Assets) AddStyle(name string, css []byte) {
	a.Styles = append(a.Styles, a.Add(name, ".css", css))
}

// Add returns the address of a file.
func (a *Assets) Add(name, ext string, content []byte) string {
	sum := sha256.Sum256(content)
	file := name + "." + hex.EncodeToString(sum[:6]) + ext
	a.content[file] = content
	return a.prefix + file
}

// Serve answers with the file that the path value "file" names.
func (a *Assets) Serve(w http.ResponseWriter, r *http.Request) {
	content, ok := a.content[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	kind := "text/css; charset=utf-8"
	if path.Ext(r.PathValue("file")) == ".svg" {
		kind = "image/svg+xml"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(content) // the reader may be gone
}
