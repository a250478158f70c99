package portal

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"brume/ingest/publishers"
	"brume/internal/testenv"
)

// denying has one answer for everybody.
type denying struct{ err error }

func (d denying) Authenticate(*http.Request) (publishers.Publisher, error) {
	return publishers.Publisher{}, d.err
}

// Who is not let in hears the same here as from the resources for statements.
func TestDenied(t *testing.T) {
	for _, err := range []error{
		publishers.ErrDenied, &publishers.Denial{Challenges: []string{publishers.BasicChallenge, "Bearer"}},
		publishers.ErrSeveral, fmt.Errorf("now: %w", publishers.ErrUnusable), publishers.ErrIdentity, publishers.ErrNotReady,
	} {
		p, fault := New(DefaultConfig(), Deps{Publishers: denying{err}, State: func() State { return State{} }, Log: testenv.Log(t), Now: time.Now})
		if fault != nil {
			t.Fatal(fault)
		}
		want := publishers.RefusalOf(err)
		for _, file := range []string{"quality", "quality.json"} {
			w := httptest.NewRecorder()
			p.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, Root+file, nil))
			h := w.Header()
			if w.Code != want.Status || !slices.Equal(h["Www-Authenticate"], want.Challenges) || (h.Get("Retry-After") != "") != (want.After > 0) {
				t.Errorf("%s, %v: %d %v", file, err, w.Code, h)
			}
			if file == "quality.json" && !strings.Contains(w.Body.String(), `"code":"`+want.Code+`"`) {
				t.Errorf("%v: %s", err, w.Body)
			}
		}
	}
}
