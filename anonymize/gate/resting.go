package gate

import (
	"strings"

	"brume/schemas/policy"
)

// NoiseContext returns what the sealed noise of that name in topic streams is
// bound to, for those who must show that it opens no more. It returns false for
// a name that is none of the year's.
func NoiseContext(y Year, name string) ([]byte, bool) {
	end := strings.LastIndexByte(name, '/')
	if end < 0 {
		return nil, false
	}
	draft, family := name[:end], name[end+1:]
	release, _, _ := strings.Cut(draft, "/")
	for i := range y.Plan.Families {
		for _, w := range y.Plan.Policy.Windows(policy.YearStream) {
			if f := &y.Plan.Families[i]; f.Name == family && string(policy.ReleaseID(w)) == release {
				return stream{family: *f}.noiseContext(y, w, draft), true
			}
		}
	}
	return nil, false
}
