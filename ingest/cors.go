package ingest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// AnyOrigin in Config.Origins admits every site's pages.
const AnyOrigin = "*"

// What pages of other sites may send and see. Methods that a resource does not
// offer are in the list, so that a page sees its 405 or 404 and not an opaque
// failure.
const (
	corsMethods = "GET, HEAD, POST, PUT, DELETE"
	corsHeaders = "Authorization, Content-Type, Content-Encoding, X-Experience-API-Version, If-Match, If-None-Match, " +
		"Idempotency-Key, Accept-Language, Cache-Control, X-Requested-With"
	corsExposed = "X-Experience-API-Version, X-Experience-API-Consistent-Through, Last-Modified, Retry-After, ETag"
	corsMaxAge  = "7200" // seconds; browsers allow no more
)

// cors lets pages of the configured origins read the answer. It MUST NOT allow
// credentials: keys travel in Authorization, never in cookies.
func (c Config) cors(h http.Header, r *http.Request) {
	origin := r.Header.Get("Origin")
	switch {
	case slices.Contains(c.Origins, AnyOrigin):
		origin = AnyOrigin
	case len(c.Origins) == 0:
		return
	default:
		h.Add("Vary", "Origin")
		if !slices.Contains(c.Origins, origin) {
			return
		}
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", corsExposed)
}

// preflight answers OPTIONS, which needs neither key nor version: browsers send
// none.
func preflight(w http.ResponseWriter) {
	h := w.Header()
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", corsMethods)
		h.Set("Access-Control-Allow-Headers", corsHeaders)
		h.Set("Access-Control-Max-Age", corsMaxAge)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (c Config) validateOrigins() error {
	var errs []error
	for _, origin := range c.Origins {
		u, err := url.Parse(origin)
		if origin != AnyOrigin && (err != nil || u.Host == "" || u.Scheme+"://"+u.Host != origin) {
			errs = append(errs, fmt.Errorf("origins: want * or scheme://host[:port], got %q", origin))
		}
	}
	return errors.Join(errs...)
}
