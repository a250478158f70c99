package readback

import (
	"bufio"
	"compress/gzip"
	"encoding/json/v2"
	"fmt"
	"os"
	"testing"

	"brume/internal/testenv"
	"brume/schemas/xapi"
)

// recorded are n statements that a real platform emitted, each with its text.
func recorded(t testing.TB, n int) (list []xapi.Statement) {
	f, err := os.Open(testenv.Data(t, "fun-mooc-22000.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && len(list) < n {
		if batch, err := xapi.Decode(lines.Bytes(), xapi.Options{Limits: xapi.DefaultLimits()}); err == nil {
			list = append(list, batch.Statements[0])
		}
	}
	return list
}

// Real statements come back as the statements they were, and every filter gives
// exactly those that have what it asks for.
func TestRealStatements(t *testing.T) {
	w := newTested(t, 64<<20)
	list := recorded(t, 500)
	w.Put(owner, false, list, nil)
	verbs, activities, agents := map[string]int{}, map[string]int{}, map[xapi.Actor]int{}
	for i := range list {
		st := &list[i]
		verbs[st.Verb]++
		activities[st.Object.ID]++
		agents[st.Actor]++
		a, err := w.ask(owner, "statementId="+st.ID)
		if err != nil {
			t.Fatal(err)
		}
		if back := decoded(t, string(a.Body)); differ(back[0].Raw, st.Raw) {
			t.Fatalf("statement %d came back as another", i)
		}
		for _, format := range []string{"ids", "canonical"} {
			a, err := w.ask(owner, "format="+format+"&statementId="+st.ID)
			if err != nil {
				t.Fatal(err)
			}
			decoded(t, string(a.Body))
		}
	}
	check := func(q Query, want int) {
		t.Helper()
		if got := w.count(q); got != want {
			t.Errorf("%+v: %d statements, want %d", q, got, want)
		}
	}
	check(Query{}, len(list))
	for verb, n := range verbs {
		check(Query{Verb: verb}, n)
	}
	for activity, n := range activities {
		check(Query{Activity: activity, Ascending: true}, n)
	}
	asked := 0
	for agent, n := range agents {
		if asked++; asked < 100 {
			check(Query{Agent: &agent}, n)
		}
	}
}

// count follows a list to its end.
func (w *tested) count(q Query) (n int) {
	for from := uint64(0); ; {
		p, err := w.Window.list(owner, &q, from)
		if err != nil {
			w.t.Fatal(err)
		}
		n += len(p.statements)
		if from = p.next; from == 0 {
			return n
		}
	}
}

// Every answer is valid JSON, however large.
func TestLargeAnswers(t *testing.T) {
	w := newTested(t, 64<<20)
	w.Put(owner, false, recorded(t, 2000), nil)
	var r result
	a, err := w.ask(owner, "limit=2000")
	if err != nil || json.Unmarshal(a.Body, &r) != nil || r.More == "" || len(r.Statements) > maxStatements || len(a.Body) > 2*maxAnswer {
		t.Error(fmt.Sprint(err, len(r.Statements), len(a.Body)))
	}
}
