package xapi

import "strings"

// prop is a property name of the specification. Zero is any other name.
type prop uint8

// The property names, each once, whatever the objects that use it.
const (
	unknown prop = iota
	pID
	pActor
	pVerb
	pObject
	pResult
	pContext
	pTimestamp
	pStored
	pAuthority
	pVersion
	pAttachments
	pObjectType
	pName
	pMbox
	pMboxSHA1
	pOpenID
	pAccount
	pMember
	pHomePage
	pDisplay
	pDefinition
	pDescription
	pType
	pMoreInfo
	pExtensions
	pInteractionType
	pCorrectResponses
	pChoices
	pScale
	pSource
	pTarget
	pSteps
	pScore
	pSuccess
	pCompletion
	pResponse
	pDuration
	pScaled
	pRaw
	pMin
	pMax
	pRegistration
	pInstructor
	pTeam
	pContextActivities
	pRevision
	pPlatform
	pLanguage
	pStatement
	pContextAgents
	pContextGroups
	pParent
	pGrouping
	pCategory
	pOther
	pAgent
	pGroup
	pRelevantTypes
	pUsageType
	pContentType
	pLength
	pSHA2
	pFileURL
	props // how many there are: at most 64, for propSet
)

var names = [props]string{
	"", "id", "actor", "verb", "object", "result", "context", "timestamp", "stored", "authority", "version",
	"attachments", "objectType", "name", "mbox", "mbox_sha1sum", "openid", "account", "member", "homePage",
	"display", "definition", "description", "type", "moreInfo", "extensions", "interactionType",
	"correctResponsesPattern", "choices", "scale", "source", "target", "steps", "score", "success",
	"completion", "response", "duration", "scaled", "raw", "min", "max", "registration", "instructor",
	"team", "contextActivities", "revision", "platform", "language", "statement", "contextAgents",
	"contextGroups", "parent", "grouping", "category", "other", "agent", "group", "relevantTypes",
	"usageType", "contentType", "length", "sha2", "fileUrl",
}

var byName = func() map[string]prop {
	m := make(map[string]prop, props)
	for p := unknown + 1; p < props; p++ {
		m[names[p]] = p
	}
	return m
}()

func (p prop) String() string { return names[p] }

// caseVariant finds the property that the name would be in another case.
func caseVariant(name string) prop {
	for p := unknown + 1; p < props; p++ {
		if strings.EqualFold(names[p], name) {
			return p
		}
	}
	return unknown
}

// propSet is a set of properties.
type propSet uint64

func setOf(list ...prop) propSet {
	var s propSet
	for _, p := range list {
		s |= 1 << p
	}
	return s
}

func (s *propSet) add(p prop)     { *s |= 1 << p }
func (s propSet) has(p prop) bool { return s&(1<<p) != 0 }

// isArray says that the property may hold an array, so that a number after it
// in a pointer is a position and not a name that the sender chose.
func (p prop) isArray() bool {
	switch p {
	case pAttachments, pMember, pCorrectResponses, pChoices, pScale, pSource, pTarget, pSteps,
		pContextAgents, pContextGroups, pParent, pGrouping, pCategory, pOther, pRelevantTypes:
		return true
	}
	return false
}
