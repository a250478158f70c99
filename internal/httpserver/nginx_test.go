package httpserver

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"brume/internal/testenv"
	"brume/internal/testenv/smuggling"
)

// proxy is a real nginx with deploy/examples/nginx.conf before a server.
type proxy struct {
	addr, dir string
	pid       int
	client    *http.Client
}

// startNginx runs the example with addresses and files of the test's own, and
// further changes.
func startNginx(t *testing.T, backend string, edits ...string) proxy {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/nginx") // not on everybody's PATH
	}
	if err != nil {
		testenv.Missing(t, "no nginx: install nginx-light")
	}
	text, err := os.ReadFile("../../deploy/examples/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	p := proxy{addr: freeAddr(t), dir: t.TempDir()}
	cert, key := testenv.Certificate(t)
	edits = append(edits,
		"listen 443 ", "listen "+p.addr+" ", "server 127.0.0.1:8080;", "server "+strings.TrimPrefix(backend, "http://")+";",
		"/etc/nginx/brume-cert.pem", cert, "/etc/nginx/brume-key.pem", key, "/run/nginx.pid", p.dir+"/pid",
		"/var/log/nginx/", p.dir+"/", "/var/lib/nginx/", p.dir+"/", "worker_processes auto;", "daemon off; master_process off;")
	for i := 0; i < len(edits); i += 2 {
		if !bytes.Contains(text, []byte(edits[i])) {
			t.Fatalf("nginx.conf has no %q", edits[i])
		}
		text = bytes.ReplaceAll(text, []byte(edits[i]), []byte(edits[i+1]))
	}
	file := filepath.Join(p.dir, "nginx.conf")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "-p", p.dir, "-c", file)
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	p.pid = c.Process.Pid
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	p.client = &http.Client{Transport: transport, Timeout: 20 * time.Second}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", p.addr); err == nil {
			c.Close()
			return p
		}
		if time.Now().After(deadline) {
			t.Fatalf("nginx does not listen: %s", said.String())
		}
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (p proxy) url(path string) string { return "https://" + p.addr + path }

func (p proxy) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := tls.Dial("tcp", p.addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ★ Behind nginx no request arrives that nginx did not see, and nobody gets the
// answer to another's request.
func TestSmugglingThroughNginx(t *testing.T) {
	handler := &seen{}
	cfg := DefaultConfig()
	cfg.ReadTimeout = 500 * time.Millisecond
	backend, _ := start(t, cfg, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Forwarded-Proto") != "https" {
			r.URL.Path += " unseen by nginx"
		}
		handler.ServeHTTP(w, r)
	}, slog.New(slog.DiscardHandler))
	p := startNginx(t, backend, "keepalive_timeout 120s", "keepalive_timeout 200ms", "client_body_timeout 10s", "client_body_timeout 300ms")
	forwarded := 0
	for i, a := range smuggling.Attacks() {
		statuses := sendRaw(t, p.dial(t), a.Raw)
		paths := strings.Join(handler.take(), ", ")
		if strings.Contains(paths, "unseen") {
			t.Errorf("%s: %s; answers %v", a.Name, paths, statuses)
		}
		if strings.Contains(paths, smuggling.First) {
			forwarded++
		}
		path := fmt.Sprintf("/xapi/victim/%d", i)
		answer, err := p.client.Post(p.url(path), "text/plain", strings.NewReader("x"))
		if err != nil {
			t.Errorf("after %s: %v", a.Name, err)
			continue
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if string(text) != path {
			t.Errorf("after %s: %d %q", a.Name, answer.StatusCode, text)
		}
		handler.take()
	}
	if forwarded == 0 {
		t.Error("no attack came through at all: nothing is proven")
	}
}

// files lists what a process holds open below a directory, deleted or not.
func files(t *testing.T, pid int, dir string) (open []string) {
	t.Helper()
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil || len(fds) == 0 {
		t.Fatalf("no open files of %d: %v", pid, err)
	}
	for _, fd := range fds {
		if target, err := os.Readlink(fd); err == nil && strings.HasPrefix(target, dir) {
			open = append(open, target)
		}
	}
	return open
}

// ★ No body and no answer rests in a file of nginx, and no log names anybody.
// The same look finds the file when nginx gathers bodies.
func TestNginxKeepsNothing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("open files are read from /proc")
	}
	body := strings.Repeat("CANARY", 1<<19)
	for name, c := range map[string]struct {
		edits []string
		rests bool
	}{
		"as it is":         {nil, false},
		"buffering bodies": {[]string{"proxy_request_buffering off", "proxy_request_buffering on"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			var p proxy
			found := make(chan []string, 4)
			backend, _ := start(t, DefaultConfig(), func(w http.ResponseWriter, r *http.Request) {
				open := append(files(t, p.pid, p.dir+"/body"), files(t, p.pid, p.dir+"/proxy")...)
				_, _ = io.Copy(io.Discard, r.Body)
				open = append(open, files(t, p.pid, p.dir+"/body")...)
				_, _ = io.WriteString(w, body)
				found <- append(open, files(t, p.pid, p.dir+"/proxy")...)
			}, slog.New(slog.DiscardHandler))
			p = startNginx(t, backend, c.edits...)
			for _, sent := range []io.Reader{strings.NewReader(body), io.MultiReader(strings.NewReader(body))} { // the second is chunked
				answer, err := p.client.Post(p.url("/xapi/CANARY?agent=CANARY"), "text/plain", sent)
				if err != nil {
					t.Fatal(err)
				}
				text, _ := io.ReadAll(answer.Body)
				answer.Body.Close()
				if answer.StatusCode != http.StatusOK || len(text) != len(body) {
					t.Fatalf("%d, %d bytes", answer.StatusCode, len(text))
				}
				if open := <-found; len(open) > 0 != c.rests {
					t.Errorf("open files: %v", open)
				}
			}
			logs := p.logs()
			for deadline := time.Now().Add(10 * time.Second); strings.Count(logs, "POST 200") < 2 && time.Now().Before(deadline); logs = p.logs() {
				time.Sleep(10 * time.Millisecond) // nginx logs after it has answered
			}
			if strings.Contains(logs, "CANARY") || strings.Contains(logs, "127.0.0.1") || strings.Count(logs, "POST 200") != 2 {
				t.Errorf("logs: %s", logs)
			}
		})
	}
}

// logs are what nginx has written down so far.
func (p *proxy) logs() (all string) {
	for _, file := range []string{"brume.log", "error.log"} {
		text, _ := os.ReadFile(filepath.Join(p.dir, file))
		all += string(text)
	}
	return all
}

// nginx refuses with the code that the server would give.
func TestNginxLimits(t *testing.T) {
	handler := &seen{}
	backend, _ := start(t, DefaultConfig(), handler.ServeHTTP, slog.New(slog.DiscardHandler))
	p := startNginx(t, backend, "keepalive_timeout 120s", "keepalive_timeout 200ms")
	answer, err := p.client.Post(p.url("/xapi/statements"), "application/json", strings.NewReader(strings.Repeat(" ", 8<<20+1)))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if answer.StatusCode != http.StatusRequestEntityTooLarge || answer.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(string(text), `"code":"limit.body"`) {
		t.Errorf("a body over the limit: %d %s %s", answer.StatusCode, answer.Header.Get("Content-Type"), text)
	}
	if got := sendRaw(t, p.dial(t), "GET /xapi/about HTTP/1.1\r\nHost: x\r\nX: "+strings.Repeat("x", 17<<10)+"\r\n\r\n"); len(got) != 1 || got[0]/100 != 4 {
		t.Errorf("a header over the limit: %v", got)
	}
	if got := sendRaw(t, p.dial(t), "GET /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n"); len(got) != 1 || got[0] != http.StatusNotFound {
		t.Errorf("a path of nobody: %v", got)
	}
	if paths := handler.take(); len(paths) > 0 {
		t.Errorf("the server saw %v", paths)
	}
}
