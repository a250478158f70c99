package simulate

import (
	"context"
	"testing"

	"brume/schemas/xapi"
)

// TestReceiverAgrees holds the simulation against our own receiver: it accepts
// every well-formed statement and refuses every malformed one.
func TestReceiverAgrees(t *testing.T) {
	wrong := map[Fault]int{}
	err := Run(context.Background(), config(t, 3000, 6), func(s Statement) error {
		_, err := xapi.Decode(s.Body, xapi.Options{Limits: xapi.DefaultLimits()})
		if refused := err != nil; refused != s.Malformed {
			if wrong[s.Fault]++; wrong[s.Fault] == 1 {
				t.Errorf("fault %q: %v for %s", s.Fault, err, s.Body)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
