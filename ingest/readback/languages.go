package readback

import (
	"encoding/json/jsontext"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// maxLanguages bounds the ranges of a header that count.
const maxLanguages = 16

// ParseLanguages reads an Accept-Language header: its language ranges, the
// preferred first. A header that is not one asks for nothing.
func ParseLanguages(header string) []string {
	tags, weights, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return nil
	}
	var ranges []string
	for i, tag := range tags {
		if weights[i] > 0 && len(ranges) < maxLanguages {
			ranges = append(ranges, tag.String())
		}
	}
	return ranges
}

// one writes the entry of a language map that fits the ranges best: by RFC
// 4647, filtering, then the same with each range shortened. When none fits it
// is the first entry, and a map without entries stays.
func (r *rewriter) one(v jsontext.Value) {
	var (
		tags   []string
		values []jsontext.Value
	)
	r.members(v, func(name string, v jsontext.Value) {
		tags, values = append(tags, name), append(values, slices.Clone(v))
	})
	r.token(jsontext.BeginObject)
	if i := choose(r.languages, tags); i >= 0 {
		r.keep(tags[i], values[i])
	}
	r.token(jsontext.EndObject)
}

func choose(ranges, tags []string) int {
	if len(tags) < 2 {
		return len(tags) - 1
	}
	for _, r := range ranges {
		for r != "" {
			if i := slices.IndexFunc(tags, func(tag string) bool { return within(tag, r) }); i >= 0 {
				return i
			}
			r = r[:max(0, strings.LastIndexByte(r, '-'))]
		}
	}
	return 0
}

// within says whether a tag is the range or one of its kind.
func within(tag, r string) bool {
	return len(tag) >= len(r) && strings.EqualFold(tag[:len(r)], r) && (len(tag) == len(r) || tag[len(r)] == '-')
}
