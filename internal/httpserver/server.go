package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
)

// Server is one listener with its handler.
type Server struct {
	cfg  Config
	log  *slog.Logger
	http *http.Server

	mu       sync.Mutex
	listener net.Listener
}

// New prepares a server; nothing listens yet.
func New(cfg Config, handler http.Handler, log *slog.Logger) *Server {
	return &Server{cfg: cfg, log: log, http: &http.Server{
		Handler:           lone(Harden(recovered(handler, log))),
		ReadHeaderTimeout: cfg.HeaderTimeout,
		ReadTimeout:       cfg.ReadTimeout,
		WriteTimeout:      cfg.WriteTimeout,
		IdleTimeout:       cfg.IdleTimeout,
		MaxHeaderBytes:    max(1, cfg.HeaderBytes-headerSlack),
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // quotes what clients send
	}}
}

// headerSlack is what net/http reads beyond its limit.
const headerSlack = 4 << 10

// Listen takes the port, so that Addr is known before Run.
func (s *Server) Listen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return nil
	}
	secure, err := s.cfg.tls()
	if err != nil {
		return fmt.Errorf("listening on %s: %w", s.cfg.Listen, err)
	}
	l, err := net.Listen("tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", s.cfg.Listen, err)
	}
	s.listener, s.http.TLSConfig = l, secure
	return nil
}

// Addr is where the server listens: the configured address before Listen.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return s.cfg.Listen
	}
	return s.listener.Addr().String()
}

// Run serves until ctx ends, then lets the requests in flight finish. It
// returns an error when some did not within Config.Drain.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- s.serve() }()
	s.log.Info("listening", "addr", s.cfg.Scheme()+"://"+s.Addr())
	select {
	case err := <-failed:
		return fmt.Errorf("serving %s: %w", s.Addr(), err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Drain)
	defer cancel()
	if err := s.http.Shutdown(drain); err != nil {
		return errors.Join(fmt.Errorf("draining %s: %w", s.Addr(), err), s.http.Close())
	}
	<-failed
	return nil
}

func (s *Server) serve() error {
	if s.http.TLSConfig != nil {
		return s.http.ServeTLS(s.listener, "", "")
	}
	return s.http.Serve(s.listener)
}

// hardened are the headers that every answer should have. They are shared:
// Header.Set replaces a value and never changes it.
var hardened = http.Header{
	"X-Content-Type-Options":     {"nosniff"},
	"Referrer-Policy":            {"no-referrer"},
	"X-Frame-Options":            {"DENY"},
	"Cross-Origin-Opener-Policy": {"same-origin"},
	"Content-Security-Policy":    {"default-src 'none'; frame-ancestors 'none'"},
	"Cache-Control":              {"no-store"},
}

// lone makes a request the last of its connection when a proxy may see its end
// elsewhere: net/http keeps a connection on which Content-Length contradicted
// Transfer-Encoding, and what followed would pass for another request.
func lone(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 || !r.ProtoAtLeast(1, 1) {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// Harden sets the headers that every answer should have. Handlers may set
// their own Content-Security-Policy and caching.
func Harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		maps.Copy(w.Header(), hardened)
		next.ServeHTTP(w, r)
	})
}

// recovered answers 500 when a handler panics. The value may quote a request:
// only its type and the stack are logged.
func recovered(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v)
			default:
				log.Error("handler panicked", "kind", fmt.Sprintf("%T", v), "source", string(debug.Stack()))
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
