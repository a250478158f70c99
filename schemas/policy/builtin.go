package policy

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// defaults holds two halves of each built-in policy: a school year (calendar,
// identity) and a profile (promise, families).
//
//go:embed defaults/*.yaml
var defaults embed.FS

// The built-in school years and profiles. The first profile is the default.
var (
	years    = []string{"2021-2022", "2026-2027"}
	profiles = []string{"epsilon-4", "epsilon-2", "epsilon-8"}
)

// BuiltIn lists the names that Default knows: each school year, which stands for
// its default profile, and each school year with a profile.
func BuiltIn() []string {
	var names []string
	for _, y := range years {
		names = append(names, y)
		for _, p := range profiles {
			names = append(names, y+"-"+p)
		}
	}
	return names
}

// Default gives a built-in policy: "2021-2022" for the recorded data,
// "2026-2027" for the demonstration, or one of their profiles by its whole name,
// such as "2026-2027-epsilon-2".
func Default(name string) (*Policy, error) {
	text, err := DefaultText(name)
	if err != nil {
		return nil, err
	}
	return Parse(text)
}

// DefaultText gives the YAML of a built-in policy: what one's own begins with.
func DefaultText(name string) ([]byte, error) {
	year, profile, ok := halves(name)
	if !ok {
		return nil, fmt.Errorf("no built-in policy is called %q: there are %s", name, strings.Join(BuiltIn(), ", "))
	}
	text := fmt.Appendf(nil, "name: %s-%s\n\n", year, profile)
	for i, half := range []string{profile, year} {
		data, err := defaults.ReadFile("defaults/" + half + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("reading a built-in policy: %w", err)
		}
		if i > 0 {
			text = append(text, '\n')
		}
		text = append(text, data...)
	}
	return text, nil
}

// halves splits a built-in policy's name.
func halves(name string) (year, profile string, ok bool) {
	for _, year := range years {
		if name == year {
			return year, profiles[0], true
		}
		if profile, ok := strings.CutPrefix(name, year+"-"); ok && slices.Contains(profiles, profile) {
			return year, profile, true
		}
	}
	return "", "", false
}
