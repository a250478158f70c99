package ingest

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"brume/internal/httpserver"
	"brume/internal/testenv/canary"
	"brume/internal/testenv/smuggling"
	"brume/schemas/topics"
)

// wire serves an endpoint on a real port, with short limits.
func wire(t *testing.T, e *endpoint) (addr string, stop func()) {
	t.Helper()
	cfg := httpserver.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	cfg.HeaderTimeout, cfg.ReadTimeout, cfg.IdleTimeout = 200*time.Millisecond, 300*time.Millisecond, 200*time.Millisecond
	s := httpserver.New(cfg, e.Handler(), slog.New(slog.DiscardHandler))
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return s.Addr(), func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// say sends bytes, then some more every 20 ms, and returns the answers until
// the server closes.
func say(t *testing.T, addr, first, drip string) (statuses []int, text string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	go func() {
		_, err := io.WriteString(c, first)
		for err == nil && drip != "" {
			time.Sleep(20 * time.Millisecond)
			_, err = io.WriteString(c, drip)
		}
	}()
	for in := bufio.NewReader(c); ; {
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return statuses, text
		}
		body, _ := io.ReadAll(answer.Body)
		statuses, text = append(statuses, answer.StatusCode), text+fmt.Sprint(answer.Header)+string(body)
	}
}

// ★ On a real connection: slow bodies get their code and are cut, credentials in
// the wrong place open nothing and are refused where they can be recognised, no
// smuggled statement is taken, and nothing of it is logged. All of it ends.
func TestHostileConnections(t *testing.T) {
	before := runtime.NumGoroutine()
	e := newEndpoint(t, nil)
	addr, stop := wire(t, e)
	basic := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("key:secret")) + "\r\n"
	post := func(target, headers, rest string) string {
		return "POST " + target + " HTTP/1.1\r\nHost: brume.example\r\nX-Experience-API-Version: 1.0.3\r\nContent-Type: application/json\r\n" + headers + "\r\n" + rest
	}
	st := statement(canary.Stem, "")
	size := fmt.Sprintf("Content-Length: %d\r\n", len(st))
	inBody := `{"Authorization":"` + canary.Stem + `"}`
	inForm := "content=x&Authorization=" + canary.Stem
	const at = "/xapi/statements"
	for _, row := range []struct {
		line         int
		first, drip  string
		status       int
		code, header string
	}{
		{line(), post(at, basic+"Content-Length: 100000\r\n", "["), " ", 408, "request.slow", ""},
		{line(), post(at, basic+"Transfer-Encoding: chunked\r\n", "1\r\n[\r\n"), "1\r\n \r\n", 408, "request.slow", ""},
		{line(), post(at, basic+"Content-Encoding: gzip\r\nContent-Length: 100000\r\n", zipped(st)[:20]), "", 408, "request.slow", ""},
		{line(), post(at, basic+"X: "+strings.Repeat("x", 17<<10)+"\r\n", st), "", 431, "", ""},
		{line(), post(at, basic+"Transfer-Encoding: chunked\r\n", "1\r\n[\r\n10000000000000000\r\n"), "", 400, "request.body", ""},
		{line(), post(at, size, st), "", 401, "request.credentials", "Www-Authenticate"},
		{line(), post(at+"?key=key&secret="+canary.Stem, size, st), "", 400, "request.credentials_in_url", ""},
		{line(), post(at+"?access_token="+canary.Stem, basic+size, st), "", 400, "request.credentials_in_url", ""},
		{line(), post("http://key:"+canary.Stem+"@brume.example"+at, size, st), "", 400, "request.credentials_in_url", ""},
		{line(), post(at+"#key:"+canary.Stem, size, st), "", 404, "resource.unknown", ""},
		{line(), post(at, "Cookie: Authorization=Basic "+canary.Stem+"\r\n"+size, st), "", 401, "request.credentials", ""},
		{line(), post(at, "Proxy-"+basic+size, st), "", 401, "request.credentials", ""},
		{line(), post(at, strings.ReplaceAll(basic, "Basic", "Bearer")+size, st), "", 401, "request.credentials", ""},
		{line(), post(at, basic+basic+size, st), "", 200, "", ""}, // the same twice is once
		{line(), post(at, fmt.Sprintf("Content-Length: %d\r\n", len(inBody)), inBody), "", 401, "request.credentials", ""},
		{line(), post(at+"?method=POST", basic+"Content-Length: "+fmt.Sprint(len(inForm))+"\r\n", inForm), "", 400, "alternate.form", ""},
	} {
		statuses, text := say(t, addr, row.first, row.drip)
		if len(statuses) != 1 || statuses[0] != row.status || !strings.Contains(text, row.code) || !strings.Contains(text, row.header) {
			t.Errorf("line %d: answers %v %s, want %d %s", row.line, statuses, text, row.status, row.code)
		}
		if _, at := canary.Find([]byte(text)); at >= 0 {
			t.Errorf("line %d: the answer repeats what came: %s", row.line, text)
		}
	}
	taken := len(e.out.topic(topics.Statements))
	for _, a := range smuggling.Attacks() {
		hidden := strings.ReplaceAll(a.Raw, "POST "+smuggling.Second+" HTTP/1.1\r\nHost: brume.example\r\nContent-Length: 0\r\n\r\n", post(at, basic+size, st))
		if statuses, _ := say(t, addr, hidden, ""); slices.Contains(statuses, http.StatusOK) {
			t.Errorf("%s: answers %v", a.Name, statuses)
		}
	}
	if n := len(e.out.topic(topics.Statements)); n != taken {
		t.Errorf("%d hidden statements were taken", n-taken)
	}
	if how, at := canary.Find(e.log.Bytes()); at >= 0 {
		t.Errorf("the log holds what came, %s: %s", how, canary.Around(e.log.Bytes(), at))
	}
	stop()
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}
