package ingest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// A secret in the address is refused at every address, in whatever case, and no
// parameter of the specification is taken for one.
func TestSecretsInAddresses(t *testing.T) {
	e := newEndpoint(t, nil)
	for _, name := range []string{"authorization", "auth", "access_token", "token", "id_token", "assertion", "client_assertion",
		"key", "api_key", "apikey", "secret", "client_secret", "password", "Client_Assertion", "KEY"} {
		for _, path := range []string{"/xapi/statements", "/xapi/about", "/xapi/validate", "/ingest/ndjson", "/publishers/quality.json", "/publishers/"} {
			if w := e.send(http.MethodGet, path+"?"+name+"=x", "", nil); w.Code != http.StatusBadRequest || code(w) != "request.credentials_in_url" {
				t.Errorf("%s?%s: %d %s", path, name, w.Code, code(w))
			}
		}
	}
	specified := []string{"statementId", "voidedStatementId", "agent", "verb", "activity", "registration", "related_activities", "related_agents",
		"since", "until", "limit", "format", "attachments", "ascending", "more", "activityId", "stateId", "profileId", "method", "content", "lang"}
	for _, name := range specified {
		if slices.Contains(secretive, strings.ToLower(name)) {
			t.Errorf("%s is taken for a secret", name)
		}
		if w := e.send(http.MethodGet, "/xapi/statements?"+name+"=x", "", nil); code(w) == "request.credentials_in_url" {
			t.Errorf("%s is taken for a secret", name)
		}
	}
}
