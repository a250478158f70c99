package portal

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"

	"brume/internal/look"
)

//go:embed web
var web embed.FS

// page is the frame around a view's content.
type page struct {
	View, Lang, Title string
	Status            int
	Nav               []link
	Other             link // the same page in the other language
	Styles            []string
	Mark, Home        string
	Body              any
}

type link struct {
	Text, Href, Lang string
	Current          bool
}

// load reads codes, texts, style sheets and templates.
func (p *Portal) load() (err error) {
	if p.codes, err = Codes(); err != nil {
		return err
	}
	if p.described, err = openAPIText(); err != nil {
		return err
	}
	if p.assets, err = look.NewAssets(Root + "static/"); err != nil {
		return err
	}
	css, err := fs.ReadFile(web, "web/portal.css")
	if err != nil {
		return err
	}
	p.assets.AddStyle("portal", css)
	p.views = map[string]*template.Template{}
	for _, lang := range []string{"fr", "en"} {
		l, err := look.NewLocale(lang, web, "web/text."+lang+".json")
		if err != nil {
			return err
		}
		p.locales = append(p.locales, l)
		for _, view := range []string{"documentation", "quality", "status", "error"} {
			if p.views[view+"."+lang], err = parse(l, view); err != nil {
				return err
			}
		}
	}
	return nil
}

// parse reads the templates of a view in one language.
func parse(l *look.Locale, view string) (*template.Template, error) {
	file := view + ".html"
	if view == "documentation" {
		file = view + "." + l.Lang + ".html"
	}
	t := template.New("layout.html").Funcs(template.FuncMap{"t": l.T, "snippet": snippet})
	for _, file := range []string{"layout.html", "parts.html", file} {
		text, err := fs.ReadFile(web, "web/"+file)
		if err != nil {
			return nil, err
		}
		if _, err := t.Parse(l.Spaced(string(text))); err != nil {
			return nil, fmt.Errorf("parsing template %s: %w", file, err)
		}
	}
	return t, nil
}

// locale is the language that the address asks for, French by default.
func (p *Portal) locale(r *http.Request) *look.Locale {
	for _, l := range p.locales {
		if r.URL.Query().Get("lang") == l.Lang {
			return l
		}
	}
	return p.locales[0]
}

// suffix keeps a language that is not the default.
func (p *Portal) suffix(l *look.Locale) string {
	if l == p.locales[0] {
		return ""
	}
	return "?lang=" + l.Lang
}

func (p *Portal) frame(l *look.Locale, r *http.Request, view string) *page {
	out := &page{View: view, Lang: l.Lang, Status: http.StatusOK, Title: l.T("title." + view),
		Styles: p.assets.Styles, Mark: p.assets.Mark, Home: Root + p.suffix(l)}
	for _, item := range []string{"", "quality", "status"} {
		out.Nav = append(out.Nav, link{Text: l.T("nav." + item), Href: Root + item + p.suffix(l), Current: r.URL.Path == Root+item})
	}
	here := r.URL.Path
	if view == "error" {
		here = Root // an error does not repeat what was asked for
	}
	for _, other := range p.locales {
		if other != l {
			out.Other = link{Text: other.T("language"), Href: here + p.suffix(other), Lang: other.Lang}
		}
	}
	return out
}

func (p *Portal) write(w http.ResponseWriter, l *look.Locale, out *page) {
	var b bytes.Buffer
	if err := p.views[out.View+"."+l.Lang].Execute(&b, out); err != nil {
		p.deps.Log.Error("page could not be written", "page", out.View, "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", l.Lang)
	w.Header().Set("Cache-Control", "private, no-store")
	w.WriteHeader(out.Status)
	_, _ = w.Write(b.Bytes()) // the reader may be gone
}
