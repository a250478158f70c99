package profile

import _ "embed"

// ID names the profile; the ids of its concepts and templates begin with it.
const ID = "https://brume.example/xapi"

// ContentType is the document's media type.
const ContentType = "application/ld+json"

//go:embed profile.jsonld
var document string

// Document returns the profile: UTF-8 JSON-LD, the same bytes every time.
func Document() []byte { return []byte(document) }
