package ingest

import (
	"fmt"
	"strings"
)

// dear are statements of nearly the largest size, each made to load one part of
// the way of a body: all are valid unless their name says so.
func dear() map[string]string {
	const most = 250 << 10
	fill := func(unit string) string { return strings.Repeat(unit+",", most/(len(unit)+1)-1) + unit }
	count := func(format string) string { // distinct
		var b strings.Builder
		for i := 0; b.Len() < most-len(format)-10; i++ {
			fmt.Fprintf(&b, format+",", i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	list := map[string]string{}
	for name, value := range map[string]string{
		"numbers of one digit": "[" + fill("0") + "]", "numbers 1e5": "[" + fill("1e5") + "]", "long exponents": "[" + fill("1e000000000000000000000000000009") + "]",
		"arrays": "[" + fill(strings.Repeat("[", 20)+strings.Repeat("]", 20)) + "]", "empty arrays": "[" + fill("[]") + "]", "empty objects": "[" + fill("{}") + "]",
		"objects of one name": "[" + fill(`{"a":0}`) + "]", "objects of nine names": "[" + fill(`{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0}`) + "]",
		"objects of 17 names": "[" + fill(`{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0,"k":0,"l":0,"m":0,"n":0,"o":0,"p":0,"q":0}`) + "]",
		"names":               "{" + count(`"%x":0`) + "}", "escaped names": "{" + count(`"\u006b%x":0`) + "}", "names in short": "{" + count(`"%x":""`) + "}",
		"empty strings": "[" + fill(`""`) + "]", "escapes": "[" + fill(`"\n"`) + "]", "letters beyond ASCII": "[" + fill(`"é"`) + "]", "one string of escapes": `"` + strings.ReplaceAll(fill(`\n`), ",", "") + `"`,
		"one string of é": `"` + strings.ReplaceAll(fill(`é`), ",", "") + `"`, "literals": "[" + fill("true") + "]", "spaces": "[" + strings.Repeat(" ", most) + "]", "objects in objects": "[" + fill(strings.Repeat(`{"":`, 20)+"0"+strings.Repeat("}", 20)) + "]",
	} {
		list["extension of "+name] = with("context", `{"extensions":{"a:b":`+value+`}}`)
	}
	object := func(definition string) string {
		return strings.Replace(statement("1", ""), `exercise/12"`, `exercise/12","definition":{`+definition+`}`, 1)
	}
	activity := `{"id":"a:b","definition":{"type":"a:b","extensions":{"a:b":0}}}`
	for name, st := range map[string]string{
		"extensions":           with("context", `{"extensions":{`+count(`"a:%x":0`)+`}}`),
		"result extensions":    with("result", `{"extensions":{`+count(`"a:%x":0`)+`}}`),
		"object extensions":    object(`"extensions":{` + count(`"a:%x":0`) + `}`),
		"languages":            object(`"name":{` + count(`"en-%05d":""`) + `}`),
		"long languages":       object(`"name":{` + count(`"en-abcdefgh-bcdefghi-cdefghij-%08d":""`) + `}`),
		"upper-case languages": object(`"name":{` + count(`"EN-ABCDEFGH-BCDEFGHI-CDEFGHIJ-%08d":""`) + `}`),
		"one long language":    object(`"name":{"x-` + strings.ReplaceAll(fill("a"), ",", "-") + `":""}`),
		"choices":              object(`"interactionType":"choice","choices":[` + count(`{"id":"%x"}`) + `]`),
		"choices described":    object(`"interactionType":"choice","choices":[` + count(`{"id":"%x","description":{"fr":""}}`) + `]`),
		"patterns":             object(`"interactionType":"choice","correctResponsesPattern":[` + fill(`""`) + `]`),
		"activities":           with("context", `{"contextActivities":{"other":[`+fill(`{"id":"a:b"}`)+`]}}`),
		"defined activities":   with("context", `{"contextActivities":{"other":[`+fill(activity)+`]}}`),
		"members":              with("context", `{"team":{"objectType":"Group","member":[`+fill(`{"mbox":"mailto:a@b"}`)+`]}}`),
		"account members":      with("context", `{"team":{"objectType":"Group","member":[`+fill(`{"account":{"name":"","homePage":"a:b"}}`)+`]}}`),
		"openid members":       with("context", `{"team":{"objectType":"Group","member":[`+fill(`{"openid":"a:b"}`)+`]}}`),
		"attachments":          with("attachments", `[`+fill(`{"usageType":"a:b","display":{},"contentType":"a/b","length":0,"fileUrl":"a:b","sha2":"`+strings.Repeat("0", 56)+`"}`)+`]`),
		"media type":           with("attachments", `[{"usageType":"a:b","display":{},"contentType":"a/b`+strings.ReplaceAll(count(`;a%x=b`), ",", "")+`","length":0,"fileUrl":"a:b","sha2":"`+strings.Repeat("0", 56)+`"}]`),
		"long IRIs":            with("context", `{"extensions":{"a:`+strings.Repeat("b", most)+`":0}}`),
		"escaped IRIs":         with("context", `{"extensions":{"a:`+strings.Repeat("%00", most/3)+`":0}}`),
		"score":                with("result", `{"score":{"raw":0.`+strings.Repeat("9", most)+`}}`),
		"score of zeros":       with("result", `{"score":{"raw":0.`+strings.Repeat("0", most)+`1}}`),
		"duration":             with("result", `{"duration":"PT0.`+strings.Repeat("9", most)+`S"}`),
		"stored":               with("stored", `"2026-09-14T09:59:59.`+strings.Repeat("9", most)+`Z"`),
		"small":                statement("1", ""),
		"an actor's name":      strings.Replace(statement("1", ""), `"actor":{`, `"actor":{"name":"`+strings.Repeat("é", most/2)+`",`, 1),
		"a pupil's name":       statement(strings.Repeat("é", 400), ""),
		"8 KiB each":           with("context", `{"extensions":{"a:b":[`+strings.Repeat("0,", 4000)+`0]}}`),
	} {
		list[name] = st
	}
	return list
}
