package aggregate_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brume/aggregate"
	"brume/aggregate/fixture"
	"brume/schemas/registry"
)

// TestCrashAtEveryStep stops a load after each of its steps. Until the release
// is named no reader sees it, and loading again gives the rows of a load that
// never crashed.
func TestCrashAtEveryStep(t *testing.T) {
	loader, ch := fresh(t)
	c := fixture.Releases(registry.Demonstration(1), 1, 1)[0]
	if got := loader.StepCount(c); got != aggregate.Steps {
		t.Fatalf("a load has %d steps, the test knows %d", got, aggregate.Steps)
	}
	if err := loader.Load(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	want := everything(t, ch)
	var order []int
	for step := range aggregate.Steps {
		order = append(order, step)
		t.Run(fmt.Sprintf("after step %d", step), func(t *testing.T) {
			loader, ch := fresh(t)
			if err := loader.RunSteps(t.Context(), c, order...); err != nil {
				t.Fatal(err)
			}
			named := dump(t, ch, "SELECT release FROM published.releases")
			if visible := len(named) > 0; visible != (step >= aggregate.VisibleAfter) {
				t.Errorf("releases named after step %d: %v", step, named)
			}
			if err := loader.Load(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(everything(t, ch), want); diff != "" {
				t.Errorf("(-got, +want):\n%s", diff)
			}
		})
	}
}

// TestStepsInOddOrders leaves behind what two loaders at once might leave.
func TestStepsInOddOrders(t *testing.T) {
	loader, ch := fresh(t)
	c := fixture.Releases(registry.Demonstration(1), 1, 1)[0]
	if err := loader.Load(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	want := everything(t, ch)
	for _, order := range [][]int{{0, 0, 1}, {4, 0, 2, 0}, {7, 4, 0}, {2, 9}, {0, 2, 4, 6, 7, 8, 0, 9, 6}} {
		_ = loader.RunSteps(t.Context(), c, order...) // what it leaves matters, not whether it fails
		if err := loader.Load(t.Context(), c); err != nil {
			t.Fatalf("after %v: %v", order, err)
		}
		if diff := cmp.Diff(everything(t, ch), want); diff != "" {
			t.Errorf("after %v (-got, +want):\n%s", order, diff)
		}
	}
}
