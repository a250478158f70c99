package dashboards

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
)

// loadAssets names each file by its content, so that it may be cached for ever.
func (s *Server) loadAssets() error {
	css, err := fs.ReadFile(web, "web/static/brume.css")
	if err != nil {
		return fmt.Errorf("reading the style sheet: %w", err)
	}
	mark, err := fs.ReadFile(web, "web/static/brume.svg")
	if err != nil {
		return fmt.Errorf("reading the mark: %w", err)
	}
	hills, err := fs.ReadFile(web, "web/static/hills.svg")
	if err != nil {
		return fmt.Errorf("reading the hills: %w", err)
	}
	s.mark = s.asset("brume", ".svg", mark)
	scene := s.asset("hills", ".svg", hills)
	css = bytes.ReplaceAll(css, []byte("hills.svg"), []byte(filepath.Base(scene)))
	s.styles = []string{s.asset("brume", ".css", css)}
	if s.cfg.ThemeDir != "" {
		theme, err := os.ReadFile(filepath.Join(s.cfg.ThemeDir, "theme.css"))
		if err != nil {
			return fmt.Errorf("reading the theme: %w", err)
		}
		s.styles = append(s.styles, s.asset("theme", ".css", theme))
	}
	return nil
}

func (s *Server) asset(name, ext string, content []byte) string {
	sum := sha256.Sum256(content)
	file := name + "." + hex.EncodeToString(sum[:6]) + ext
	s.assets[file] = content
	return "/static/" + file
}

// parse reads the templates for one language.
func (s *Server) parse(l *locale) (map[string]*template.Template, error) {
	views := map[string]*template.Template{}
	funcs := template.FuncMap{"t": l.t, "arg": choice}
	for _, name := range []string{"overview", "trend", "transparency", "method", "error"} {
		view := template.New("layout.html").Funcs(funcs)
		files := []string{"layout.html", "parts.html", name + ".html"}
		if name == "method" {
			files[2] = "method." + l.lang + ".html"
		}
		for _, file := range files {
			text, err := fs.ReadFile(web, "web/templates/"+file)
			if err != nil {
				return nil, fmt.Errorf("reading template %s: %w", file, err)
			}
			if file == "method.fr.html" {
				text = []byte(l.spaced(string(text)))
			}
			if _, err := view.Parse(string(text)); err != nil {
				return nil, fmt.Errorf("parsing template %s: %w", file, err)
			}
		}
		views[name] = view
	}
	return views, nil
}

func (s *Server) static(w http.ResponseWriter, r *http.Request) {
	content, ok := s.assets[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	kind := "text/css; charset=utf-8"
	if filepath.Ext(r.PathValue("file")) == ".svg" {
		kind = "image/svg+xml"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(content) // the reader may be gone
}
