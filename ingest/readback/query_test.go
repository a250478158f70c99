package readback

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestBadQueries(t *testing.T) {
	rows := []struct {
		line  int
		query string
		code  string
	}{
		{line(), "statementid=" + id("1"), BadParameter},
		{line(), "StatementId=" + id("1"), BadParameter},
		{line(), "foo=1", BadParameter},
		{line(), "limit=1&limit=1", BadParameter},
		{line(), "statementId=12", BadValue},
		{line(), "statementId=", BadValue},
		{line(), "statementId=" + id("1") + "&voidedStatementId=" + id("1"), BadCombination},
		{line(), "statementId=" + id("1") + "&verb=a:b", BadCombination},
		{line(), "voidedStatementId=" + id("1") + "&ascending=true", BadCombination},
		{line(), "more=x&limit=1", BadCombination},
		{line(), "more=", BadValue},
		{line(), "verb=answered", BadValue},
		{line(), "activity=x%20y", BadValue},
		{line(), "registration=1", BadValue},
		{line(), "limit=-1", BadValue},
		{line(), "limit=1.5", BadValue},
		{line(), "limit=%2B1", BadValue},
		{line(), "limit=99999999999999999999", BadValue},
		{line(), "since=yesterday", BadValue},
		{line(), "until=2026-09-14", BadValue},
		{line(), "ascending=TRUE", BadValue},
		{line(), "attachments=1", BadValue},
		{line(), "related_agents=", BadValue},
		{line(), "format=IDS", BadValue},
		{line(), "agent=x", BadAgent},
		{line(), "agent=[]", BadAgent},
		{line(), "agent={}", BadAgent},
		{line(), `agent={"name":"x"}`, BadAgent},
		{line(), `agent={"Mbox":"mailto:a@b.example"}`, BadAgent},
		{line(), `agent={"mbox":"a@b.example"}`, BadAgent},
		{line(), `agent={"mbox":"mailto:a@b.example","openid":"a:b"}`, BadAgent},
		{line(), `agent={"mbox":"mailto:a@b.example","mbox":"mailto:a@b.example"}`, BadAgent},
		{line(), `agent={"objectType":"Group","member":[{"mbox":"mailto:a@b.example"}]}`, BadAgent},
		{line(), `agent={"mbox":"mailto:a@b.example"},"id":"` + id("1") + `","result":{}`, BadAgent},
		{line(), "verb=a:" + strings.Repeat("b", maxQuery), TooLong},
	}
	for _, row := range rows {
		values, err := url.ParseQuery(row.query)
		if err != nil {
			t.Fatal(err)
		}
		switch _, fault := ParseQuery(values); {
		case fault == nil || fault.Code != row.code:
			t.Errorf("line %d: got %v, want %s", row.line, fault, row.code)
		case fault.Parameter != "" && parameters[fault.Parameter] == nil:
			t.Errorf("line %d: the fault quotes the request: %s", row.line, fault.Parameter)
		}
	}
}

func TestGoodQueries(t *testing.T) {
	for _, query := range []string{
		"", "limit=2147483647", "statementId=" + strings.ToUpper(id("1")), "statementId=" + id("1") + "&format=ids&attachments=true",
		"voidedStatementId=" + id("1") + "&format=canonical&attachments=false", "related_agents=true", "since=2026-09-14T12:00:00%2B02:00",
		`agent={"objectType":"Group","mbox":"mailto:a@b.example","member":[{"openid":"a:b"}]}`, "more=abc",
	} {
		if q := parse(t, query); q.ID != strings.ToLower(q.ID) {
			t.Errorf("%s: id %s", query, q.ID)
		}
	}
}
