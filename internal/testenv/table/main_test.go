package main

import (
	"os"
	"strings"
	"testing"

	"brume/internal/testenv/measure"
)

func TestReferenceLeftOut(t *testing.T) {
	r := row{what: "x", atLeast: 1, references: []reference{{metric: "walk", what: "a walk"}, peer}, conditions: "{wall}/s"}
	without := r.beside(map[string]float64{measure.Result: 10, "walk": 20, "wall": 5})
	if want := "a walk: 20; " + peer.what + ": not measured | 0.5; – | 5/s"; without != want {
		t.Errorf("without the peer: %s, want %s", without, want)
	}
	with := r.beside(map[string]float64{measure.Result: 10, "walk": 20, "wall": 5, "peer": 4, "peer-wall": 3, "peer-taken": 9, "peer-refused": 1})
	if !strings.Contains(with, "| 0.5; 2.5 | 5/s. Ralph: ") || !strings.HasSuffix(with, "9 taken, 1 refused, 3/s") {
		t.Errorf("with the peer: %s", with)
	}
}

// The table names the version that is fetched.
func TestPeerVersion(t *testing.T) {
	text, err := os.ReadFile("../../../deploy/dev/peer/requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "ralph-malph")
	_, rest, _ = strings.Cut(rest, "==")
	version, _, _ := strings.Cut(rest, " ")
	if version == "" || !strings.Contains(peer.what, "Ralph "+version+",") {
		t.Errorf("the table names %q, the list %q", peer.what, version)
	}
}
