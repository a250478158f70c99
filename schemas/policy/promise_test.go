package policy

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// The figures of the privacy statements are those of the default plan.
func TestPrivacyStatements(t *testing.T) {
	plan, err := mustDefault(t, "2026-2027").Plan()
	if err != nil {
		t.Fatal(err)
	}
	odds := math.Exp(plan.Policy.Epsilon)
	worst := math.Ceil(100 * odds / (odds + 99))
	words := map[float64]string{36: "trente-six"}
	planned := int64(0)
	for _, f := range plan.Families {
		planned += f.YearNano()
	}
	mu2 := []string{fmt.Sprintf("μ² = Σ Δ²/σ² ≤ %.9f", float64(plan.LimitNano)/1e9), fmt.Sprintf("%.9f", float64(planned)/1e9)}
	for file, figures := range map[string][]string{
		"privacy.en.md": {
			fmt.Sprintf("ε = %g and δ = 10⁻⁹", plan.Policy.Epsilon), fmt.Sprintf("about %.0f,", math.Ceil(odds)),
			fmt.Sprintf("at most become %.0f in a hundred", worst),
			fmt.Sprintf("μ = %.3f, ρ = μ²/2 = %.3f", plan.Mu, plan.Mu*plan.Mu/2),
		},
		"privacy.fr.md": {
			fmt.Sprintf("ε = %g et δ = 10⁻⁹", plan.Policy.Epsilon), fmt.Sprintf("environ %.0f,", math.Ceil(odds)), words[worst] + " sur cent",
			strings.ReplaceAll(fmt.Sprintf("μ = %.3f et ρ = μ²/2 = %.3f", plan.Mu, plan.Mu*plan.Mu/2), ".", ","),
		},
		"../README.md":    mu2,
		"../README.fr.md": strings.Split(strings.ReplaceAll(strings.Join(mu2, "|"), ".", ","), "|"),
	} {
		text, err := os.ReadFile("../../docs/" + file)
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.Join(strings.Fields(strings.ReplaceAll(string(text), "**", "")), " ")
		for _, figure := range figures {
			if !strings.Contains(plain, figure) {
				t.Errorf("%s does not say %q", file, figure)
			}
		}
	}
}
