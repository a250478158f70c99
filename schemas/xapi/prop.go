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

// byHash finds a property by the hash of its name: the factors are such that no
// two names share one.
var byHash = func() (table [256]prop) {
	for p := unknown + 1; p < props; p++ {
		table[nameHash(names[p])] = p
	}
	return table
}()

func nameHash(name string) uint8 {
	n := len(name)
	return 58*uint8(n) + 206*name[0] + 4*name[n*3/5] + 93*name[n-1]
}

func propOf(name string) prop {
	if name == "" {
		return unknown
	}
	if p := byHash[nameHash(name)]; names[p] == name {
		return p
	}
	return unknown
}

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
