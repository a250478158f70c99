package imports

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pkg is a package as the go command lists it, without its tests.
type pkg struct {
	ImportPath    string
	Imports, Deps []string
}

const (
	driver = "github.com/ClickHouse/"
	broker = "github.com/segmentio/kafka-go"
	faker  = "github.com/twmb/franz-go"
	noise  = "github.com/google/differential-privacy"
)

// services are the folders that never import each other.
var services = []string{"brume/ingest", "brume/anonymize", "brume/aggregate", "brume/dashboards"}

// links says what each main may not have in it, however it gets there.
var links = []struct {
	main      string
	forbidden []string
}{
	{"brume/cmd/brume-ingest", []string{driver, noise, "brume/anonymize", "brume/aggregate", "brume/dashboards", "brume/internal/clickhouse"}},
	{"brume/cmd/brume-anonymize", []string{driver, "brume/schemas/xapi", "brume/ingest", "brume/aggregate", "brume/dashboards", "brume/internal/clickhouse"}},
	{"brume/cmd/brume-aggregate", []string{noise, "brume/schemas/xapi", "brume/ingest", "brume/anonymize", "brume/dashboards"}},
	{"brume/cmd/brume-dashboards", []string{noise, broker, "brume/schemas/xapi", "brume/schemas/event", "brume/ingest", "brume/anonymize", "brume/internal/kafka"}}, // and of aggregate the queries only: see arrows
}

// linksToo says the same of a service's packages, whoever links them.
var linksToo = []struct {
	folder    string
	forbidden []string
}{
	{"brume/ingest", []string{driver, noise}},
	{"brume/anonymize", []string{driver, "brume/schemas/xapi"}},
	{"brume/aggregate", []string{noise, "brume/schemas/xapi"}},
	{"brume/dashboards", []string{noise, "brume/schemas/xapi"}},
}

// doors says which folders alone may import a thing.
var doors = []struct {
	thing string
	by    []string
}{
	{broker, []string{"brume/internal/kafka"}},
	{faker, []string{"brume/internal/embedded", "brume/internal/testenv"}}, // the broker itself, and what tests do to it
	{"github.com/ClickHouse/clickhouse-go", []string{"brume/internal/clickhouse"}},
	{noise, []string{"brume/anonymize/noise"}},
	{"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset", []string{"brume/schemas/event/keyring"}},
	{"brume/anonymize/noise", []string{"brume/anonymize/exact"}}, // noise is added to exact sums there, for a token
	{"brume/internal/testenv", nil},
	{"brume/cmd", []string{"brume/cmd"}},
}

// arrows says what a folder's packages may not import, except what is listed.
var arrows = []struct {
	folder    string
	forbidden []string
	except    []string
}{
	{"brume/ingest", services, []string{"brume/ingest"}},
	{"brume/anonymize", append([]string{"math/rand"}, services...), []string{"brume/anonymize"}},
	{"brume/aggregate", services, []string{"brume/aggregate"}},
	{"brume/dashboards", services, []string{"brume/dashboards", "brume/aggregate/query"}},
	{"brume/schemas", append([]string{"brume/internal"}, services...), nil},
	{"brume/internal", append([]string{"brume/schemas"}, services...), nil},
}

// justified are the imports that break an arrow for a reason.
var justified = []struct{ from, to, why string }{
	{"brume/internal/testenv/measure", "brume/schemas/registry", "the benchmarks of several services share a registry of national size"},
}

func isJustified(from, to string) bool {
	for _, j := range justified {
		if j.from == from && j.to == to {
			return true
		}
	}
	return false
}

// in says whether a package is a folder or below it; so is every package of a
// module, and everything of a publisher whose name ends in a slash.
func in(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}

func inAny(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return in(path, f) })
}

// faults lists every import and link that the rules forbid.
func faults(all []pkg) (out []string) {
	for _, p := range all {
		if !in(p.ImportPath, "brume") {
			continue
		}
		for _, i := range p.Imports {
			for _, d := range doors {
				if in(i, d.thing) && !in(p.ImportPath, d.thing) && !inAny(p.ImportPath, d.by) {
					out = append(out, fmt.Sprintf("%s imports %s: only %v may", p.ImportPath, i, d.by))
				}
			}
			for _, a := range arrows {
				if in(p.ImportPath, a.folder) && inAny(i, a.forbidden) && !inAny(i, a.except) && !isJustified(p.ImportPath, i) {
					out = append(out, fmt.Sprintf("%s imports %s: nothing in %s may", p.ImportPath, i, a.folder))
				}
			}
		}
		for _, l := range linksToo {
			if in(p.ImportPath, l.folder) {
				out = append(out, linked(p, l.forbidden)...)
			}
		}
	}
	for _, l := range links {
		i := slices.IndexFunc(all, func(p pkg) bool { return p.ImportPath == l.main })
		if i < 0 {
			out = append(out, l.main+" is missing")
			continue
		}
		out = append(out, linked(all[i], l.forbidden)...)
	}
	return out
}

func linked(p pkg, forbidden []string) (out []string) {
	for _, d := range p.Deps {
		if inAny(d, forbidden) {
			out = append(out, fmt.Sprintf("%s links %s", p.ImportPath, d))
		}
	}
	return out
}

// look touches every Go file of the module: the go command caches a test's
// result by the files that the test itself looked at, not its children.
func look(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 {
			return fs.SkipDir
		}
		if err == nil && strings.HasSuffix(path, ".go") {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// list is every package of the module and all that they link.
func list(t *testing.T) (all []pkg) {
	t.Helper()
	look(t)
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports,Deps", "brume/...")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d := jsontext.NewDecoder(stdout)
	for {
		var p pkg
		if err := json.UnmarshalDecode(d, &p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	return all
}

// ★ Imports go one way: cmd → services → schemas, internal.
func TestImportsGoOneWay(t *testing.T) {
	all := list(t)
	for _, folder := range append([]string{"brume/schemas", "brume/internal", "brume/cmd"}, services...) {
		if !slices.ContainsFunc(all, func(p pkg) bool { return in(p.ImportPath, folder) }) {
			t.Errorf("%s has no packages: the rules look at nothing", folder)
		}
	}
	for _, f := range faults(all) {
		t.Error(f)
	}
}

// Each rule finds what it forbids when it is planted in the real list.
func TestForbiddenImportsAreFound(t *testing.T) {
	all := list(t)
	for _, plant := range []struct{ where, what string }{
		{"brume/ingest", "brume/anonymize/pseudonym"},
		{"brume/ingest", "brume/aggregate/query"},
		{"brume/anonymize/gate", "brume/ingest"},
		{"brume/anonymize/cohort", "math/rand"},
		{"brume/anonymize/cohort", "math/rand/v2"},
		{"brume/anonymize", "brume/anonymize/noise"},
		{"brume/anonymize", broker},
		{"brume/aggregate", "brume/anonymize/budget"},
		{"brume/aggregate", "github.com/ClickHouse/clickhouse-go/v2"},
		{"brume/dashboards", "brume/aggregate"},
		{"brume/dashboards/chart", "brume/ingest/publishers"},
		{"brume/schemas/event", "brume/internal/kafka"},
		{"brume/schemas/ledger", "brume/anonymize/budget"},
		{"brume/internal/kafka", "brume/schemas/topics"},
		{"brume/internal/lifecycle", "brume/ingest"},
		{"brume/internal/embedded", "brume/internal/testenv"},
		{"brume/aggregate", "brume/cmd/internal/chain"},
		{"brume/cmd/brume-ingest", "github.com/ClickHouse/clickhouse-go/v2/lib/driver"},
		{"brume/cmd/brume-ingest", "brume/anonymize/keys"},
		{"brume/cmd/brume-ingest", noise + "/go/v3/noise"},
		{"brume/cmd/brume-anonymize", "github.com/ClickHouse/ch-go/proto"},
		{"brume/cmd/brume-anonymize", "brume/schemas/xapi"},
		{"brume/cmd/brume-aggregate", "brume/schemas/xapi"},
		{"brume/cmd/brume-aggregate", "brume/anonymize/keys"},
		{"brume/cmd/brume-dashboards", "brume/anonymize/exact"},
		{"brume/cmd/brume-dashboards", "brume/schemas/xapi"},
	} {
		planted := slices.Clone(all)
		i := slices.IndexFunc(planted, func(p pkg) bool { return p.ImportPath == plant.where })
		if i < 0 {
			t.Errorf("%s is missing", plant.where)
			continue
		}
		if slices.Contains(planted[i].Deps, plant.what) && in(plant.where, "brume/cmd") {
			t.Errorf("%s links %s already", plant.where, plant.what)
		}
		planted[i].Imports = append(slices.Clone(planted[i].Imports), plant.what)
		planted[i].Deps = append(slices.Clone(planted[i].Deps), plant.what)
		if got := faults(planted); len(got) <= len(faults(all)) {
			t.Errorf("%s may import %s", plant.where, plant.what)
		}
	}
	if got := faults(slices.DeleteFunc(slices.Clone(all), func(p pkg) bool { return p.ImportPath == links[0].main })); len(got) == 0 {
		t.Error("a missing main is not found")
	}
}
