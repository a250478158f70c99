package dashboards

import (
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"

	"brume/internal/look"
)

// loadAssets adds the theme to the common files.
func (s *Server) loadAssets() (err error) {
	if s.assets, err = look.NewAssets("/static/"); err != nil {
		return fmt.Errorf("reading the common files: %w", err)
	}
	if s.cfg.ThemeDir != "" {
		theme, err := os.ReadFile(filepath.Join(s.cfg.ThemeDir, "theme.css"))
		if err != nil {
			return fmt.Errorf("reading the theme: %w", err)
		}
		s.assets.AddStyle("theme", theme)
	}
	return nil
}

// parse reads the templates for one language.
func (s *Server) parse(l *locale) (map[string]*template.Template, error) {
	views := map[string]*template.Template{}
	funcs := template.FuncMap{"t": l.T, "arg": choice}
	for _, name := range []string{"overview", "trend", "transparency", "method", "error"} {
		view := template.New("layout.html").Funcs(funcs)
		files := []string{"layout.html", "parts.html", name + ".html"}
		if name == "method" {
			files[2] = "method." + l.Lang + ".html"
		}
		for _, file := range files {
			text, err := fs.ReadFile(web, "web/templates/"+file)
			if err != nil {
				return nil, fmt.Errorf("reading template %s: %w", file, err)
			}
			if file == "method.fr.html" {
				text = []byte(l.Spaced(string(text)))
			}
			if _, err := view.Parse(string(text)); err != nil {
				return nil, fmt.Errorf("parsing template %s: %w", file, err)
			}
		}
		views[name] = view
	}
	return views, nil
}
