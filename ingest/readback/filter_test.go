package readback

import (
	"net/url"
	"testing"
	"time"
)

const (
	ent      = `"account":{"homePage":"https://ent.aix.example","name":"4711"}`
	teacher  = `{"mbox":"mailto:Prof@ac-aix.example"}`
	course   = "https://calcul.example/course/6e"
	exercise = "https://calcul.example/exercise/12"
	passed   = `"verb":{"id":"http://adlnet.gov/expapi/verbs/passed"}`
	classID  = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
)

// lesson is what a few tools sent within some minutes, one a minute.
func lesson(t *testing.T) *tested {
	w := newTested(t, 8<<20)
	for _, text := range []string{
		made(t, "1"),
		made(t, "2", `"actor":`+teacher, passed, `"context":{"registration":"F47AC10B-58CC-4372-a567-0e02b2c3d479"}`),
		made(t, "3", `"object":{"id":"`+course+`"}`, `"context":{"instructor":`+teacher+`,"contextActivities":{"parent":{"id":"`+exercise+`"}}}`),
		made(t, "4", `"actor":{"objectType":"Group","name":"6e B","member":[{`+ent+`},{"openid":"https://id.example/p/9"}]}`, `"object":{"id":"https:\/\/calcul.example\/exercise\/13"}`),
		made(t, "5", `"actor":{"mbox_sha1sum":"EBD31E95054C018B10727CCFFD2EF2EC3A016EE9"}`, `"object":{"objectType":"Agent","openid":"https://id.example/p/9"}`),
		made(t, "6", `"actor":`+teacher, `"object":{"objectType":"SubStatement","actor":{`+ent+`},"verb":{"id":"a:b"},"object":{"id":"`+course+`"},"context":{"contextActivities":{"category":[{"id":"https://calcul.example/profile"}]}}}`),
		made(t, "7", `"actor":`+teacher, `"verb":{"id":"a:confirmed"}`, `"object":{"objectType":"StatementRef","id":"`+id("2")+`"}`),
		made(t, "8", `"actor":{"openid":"https://id.example/p/8"}`, `"verb":{"id":"a:confirmed"}`, `"object":{"objectType":"StatementRef","id":"`+id("7")+`"}`),
		made(t, "9", `"context":{"team":{"objectType":"Group","mbox":"mailto:b6@ac-aix.example"},"contextAgents":[{"objectType":"contextAgent","agent":`+teacher+`}],"contextGroups":[{"objectType":"contextGroup","group":{"objectType":"Group","account":{"homePage":"https://ent.aix.example","name":"g9"}}}]}`),
	} {
		w.put(text)
		w.now = w.now.Add(time.Minute)
	}
	return w
}

func TestFilters(t *testing.T) {
	agent := func(json string) string { return "agent=" + url.QueryEscape(json) }
	at := func(minutes int) string {
		return url.QueryEscape(noon.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339Nano))
	}
	rows := []struct {
		line  int
		query string
		want  string
	}{
		{line(), "", "9 8 7 6 5 4 3 2 1"},
		{line(), "ascending=true", "1 2 3 4 5 6 7 8 9"},
		{line(), "ascending=false&limit=2", "9 8"},
		{line(), "limit=0", "9 8 7 6 5 4 3 2 1"},
		{line(), agent("{" + ent + "}"), "9 4 3 1"},
		{line(), agent(`{"objectType":"Agent","name":"x",` + ent + `}`), "9 4 3 1"},
		{line(), agent("{"+ent+"}") + "&related_agents=true", "9 6 4 3 1"},
		{line(), agent(`{"mbox":"mailto:Prof@AC-AIX.example"}`), "8 7 6 2"},
		{line(), agent(teacher) + "&related_agents=true", "9 8 7 6 3 2"},
		{line(), agent(teacher) + "&related_agents=false", "8 7 6 2"},
		{line(), agent(`{"mbox":"mailto:prof@ac-aix.example"}`), ""},
		{line(), agent(`{"mbox_sha1sum":"ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}`), "5"},
		{line(), agent(`{"openid":"https://id.example/p/9"}`), "5 4"},
		{line(), agent(`{"objectType":"Group","mbox":"mailto:b6@ac-aix.example"}`) + "&related_agents=true", "9"},
		{line(), agent(`{"objectType":"Group","account":{"homePage":"https://ent.aix.example","name":"g9"}}`) + "&related_agents=true", "9"},
		{line(), agent(`{"account":{"homePage":"https://brume.example/publishers","name":"calcul"}}`) + "&related_agents=true", "9 8 7 6 5 4 3 2 1"},
		{line(), agent(`{"account":{"homePage":"https://brume.example/publishers","name":"calcul"}}`), ""},
		{line(), "verb=http://adlnet.gov/expapi/verbs/passed", "8 7 2"},
		{line(), "verb=a:confirmed", "8 7"},
		{line(), "verb=a:b", ""},
		{line(), "activity=" + exercise, "9 8 7 2 1"},
		{line(), "activity=https://calcul.example/exercise/13", "4"},
		{line(), "activity=" + course, "3"},
		{line(), "activity=" + course + "&related_activities=true", "6 3"},
		{line(), "activity=" + exercise + "&related_activities=true", "9 8 7 3 2 1"},
		{line(), "activity=https://calcul.example/profile&related_activities=true", "6"},
		{line(), "activity=https://calcul.example/profile", ""},
		{line(), "registration=" + classID, "8 7 2"},
		{line(), "registration=" + classID + "&verb=a:confirmed", "8 7"},
		{line(), "activity=" + exercise + "&" + agent("{"+ent+"}"), "9 1"},
		{line(), "since=" + at(6), "9 8"},
		{line(), "until=" + at(2), "3 2 1"},
		{line(), "since=" + at(1) + "&until=" + at(2), "3"},
		{line(), "ascending=true&since=" + at(1) + "&until=" + at(3), "3 4"},
		{line(), "since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z&limit=1", "9"},
		{line(), "since=9999-12-31T23:59:59Z", ""},
		{line(), "verb=http://adlnet.gov/expapi/verbs/passed&until=" + at(6), "7 2"},
	}
	w := lesson(t)
	for _, row := range rows {
		if got := w.list(row.query); got.ids() != row.want {
			t.Errorf("line %d: %s\ngot  %s\nwant %s", row.line, row.query, got.ids(), row.want)
		}
	}
}

// References that go round and chains without end are followed a few steps.
func TestReferencesInCircles(t *testing.T) {
	w := newTested(t, 8<<20)
	ref := func(n string) string { return `"object":{"objectType":"StatementRef","id":"` + id(n) + `"}` }
	w.put(made(t, "1", ref("2")), made(t, "2", ref("1")), made(t, "3", ref("3")), made(t, "4", ref("99")))
	if got := w.list("activity=" + exercise); got.ids() != "" {
		t.Errorf("got %s", got.ids())
	}
	w.put(made(t, "5", passed))
	for i := 6; i < 20; i++ {
		w.put(made(t, itoa(i), ref(itoa(i-1))))
	}
	if got := w.list("activity=" + exercise); got.ids() != "12 11 10 9 8 7 6 5" {
		t.Errorf("chain: got %s", got.ids())
	}
}
