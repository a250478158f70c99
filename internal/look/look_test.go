package look

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestAssets(t *testing.T) {
	a, err := NewAssets("/files/")
	if err != nil {
		t.Fatal(err)
	}
	a.AddStyle("own", []byte("p { color: red }"))
	if len(a.Styles) != 2 || !strings.HasPrefix(a.Styles[1], "/files/own.") {
		t.Errorf("styles %q", a.Styles)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /files/{file}", Secure(http.HandlerFunc(a.Serve)))
	for address, kind := range map[string]string{a.Mark: "image/svg+xml", a.Styles[0]: "text/css; charset=utf-8", a.Styles[1]: "text/css; charset=utf-8", "/files/doc.go": ""} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
		if got := w.Header().Get("Content-Type"); (w.Code == 200) != (kind != "") || kind != "" && got != kind {
			t.Errorf("%s: status %d, %s", address, w.Code, got)
		}
		if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", address, policy)
		}
	}
}

func TestLocale(t *testing.T) {
	files := fstest.MapFS{"t.json": {Data: []byte(`{"a":"Vu : %s","n.one":"un","n.other":"des","months":"j f m a m j j a s o n d"}`)}}
	fr, err := NewLocale("fr", files, "t.json")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	for got, want := range map[string]string{
		fr.T("a", "x"): "Vu\u00a0: x", fr.T("z"): "z", fr.TN("n", 0): "un", fr.TN("n", 2): "des",
		fr.Number(-1240.5, 1): "\u22121\u202f240,5", fr.Percent(3, 0): "3\u00a0%", fr.Day(day): "1er\u00a0s 2026",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if _, err := NewLocale("fr", files, "none.json"); err == nil {
		t.Error("a file that is not there is read")
	}
}
