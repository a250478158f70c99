package dashboards

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// page is the frame around a view's content.
type page struct {
	View, Lang, Title string
	Status            int
	Nav               []link
	Other             link // the same page in the other language
	Styles            []string
	Mark, Home        string
	Demo              bool
	Refresh           string // seconds, when the page should try again by itself
	Notices           []string
	Release           string // "publication 2026-2027-w38", for the footer
	Method            string // address of the explanation of the noise
	Body              any
}

type link struct {
	Text, Href, Lang string
	Current          bool
}

const retrySeconds = "10"

func (s *Server) frame(l *locale, name string, r *http.Request) *page {
	path := strings.TrimPrefix(r.URL.Path, l.prefix)
	p := &page{
		View: name, Lang: l.Lang, Status: http.StatusOK, Title: l.T("title." + name),
		Styles: s.assets.Styles, Mark: s.assets.Mark, Home: l.prefix + "/", Method: l.prefix + "/method", Demo: s.cfg.Demo,
	}
	keep := areaAndYear(r.URL.Query())
	for _, item := range []string{"", "trend", "transparency", "method"} {
		href := l.prefix + "/" + item
		if item == "" || item == "trend" {
			href += keep
		}
		p.Nav = append(p.Nav, link{Text: l.T("nav." + item), Href: href, Current: path == "/"+item})
	}
	for _, other := range s.locales {
		if other != l {
			href := url.URL{Path: other.prefix + path, RawQuery: r.URL.RawQuery}
			p.Other = link{Text: other.T("language"), Href: href.String(), Lang: other.Lang}
		}
	}
	return p
}

// areaAndYear are the filters that follow the reader from page to page.
func areaAndYear(q url.Values) string {
	keep := url.Values{}
	for _, name := range []string{"area", "year"} {
		if v := q.Get(name); v != "" {
			keep.Set(name, v)
		}
	}
	if len(keep) == 0 {
		return ""
	}
	return "?" + keep.Encode()
}

// failure is the content of an error page.
type failure struct{ Heading, Text string }

func (p *page) fail(l *locale, status int) {
	key := map[int]string{
		http.StatusForbidden: "403", http.StatusNotFound: "404", http.StatusServiceUnavailable: "503",
	}[status]
	p.View, p.Status = "error", status
	p.Title = l.T("error." + key + ".title")
	p.Body = failure{p.Title, l.T("error." + key + ".text")}
	if status == http.StatusServiceUnavailable {
		p.Refresh = retrySeconds
	}
}

func (s *Server) notFound(_ context.Context, l *locale, _ *http.Request, p *page) error {
	p.fail(l, http.StatusNotFound)
	return nil
}

func (s *Server) method(_ context.Context, _ *locale, _ *http.Request, _ *page) error { return nil }
