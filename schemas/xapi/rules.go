package xapi

// phrase is what a publisher reads, in both languages.
type phrase struct{ en, fr string }

// named is the name of a property, the same in every language.
func named(p prop) phrase { return phrase{p.String(), p.String()} }

var (
	wantObject   = phrase{"expected an object", "un objet était attendu"}
	wantArray    = phrase{"expected an array", "un tableau était attendu"}
	wantString   = phrase{"expected a string", "une chaîne était attendue"}
	wantNumber   = phrase{"expected a number", "un nombre était attendu"}
	wantBoolean  = phrase{"expected a boolean", "un booléen était attendu"}
	wantBytes    = phrase{"expected a whole number of bytes", "un nombre entier d'octets était attendu"}
	outOfRange   = phrase{"number out of range", "nombre hors limites"}
	extensionKey = phrase{"key of an extension", "clé d'une extension"}
)

// rule is what is asked and where: in Parts Two and Three (Data and
// Communication) of xAPI 1.0.3, and in xAPI 2.0 (IEEE 9274.1.1).
type rule struct {
	v1, v2 string
	text   phrase
}

var rules = map[Code]rule{
	BadJSON: {"RFC 8259", "RFC 8259", phrase{
		"the body must be well-formed JSON",
		"le corps doit être du JSON bien formé"}},
	BadUnicode: {"RFC 8259 section 8", "RFC 8259 section 8", phrase{
		"text must be valid UTF-8 without lone surrogates",
		"le texte doit être de l'UTF-8 valide, sans demi-codet isolé"}},
	DuplicateKey: {"xAPI Data 2.2", "xAPI 2.0 4.2.1", phrase{
		"a property must not occur twice in an object",
		"une propriété ne doit pas figurer deux fois dans un objet"}},
	TooDeep: {"Brume limits", "Brume limits", phrase{
		"values must not be nested deeper than the limit",
		"les valeurs ne doivent pas être imbriquées au-delà de la limite"}},
	TooLarge: {"Brume limits", "Brume limits", phrase{
		"a statement must not be larger than the limit",
		"une déclaration ne doit pas dépasser la taille limite"}},
	TooMany: {"Brume limits", "Brume limits", phrase{
		"a batch must not hold more statements than the limit",
		"un lot ne doit pas compter plus de déclarations que la limite"}},
	NullValue: {"xAPI Data 2.2", "xAPI 2.0 4.2.1", phrase{
		"null is allowed inside extensions only",
		"null n'est permis que dans les extensions"}},
	WrongType: {"xAPI Data 2.2", "xAPI 2.0 4.2.1", phrase{
		"the value has the wrong data type",
		"la valeur n'est pas du bon type"}},
	BadEnum: {"xAPI Data 2.2", "xAPI 2.0 4.2.1", phrase{
		"the value is not one of the enumerated values",
		"la valeur n'est pas l'une des valeurs énumérées"}},
	EmptyArray: {"xAPI 2.0 4.2.2.5", "xAPI 2.0 4.2.2.5", phrase{
		"the array must not be empty",
		"le tableau ne doit pas être vide"}},
	UnknownProperty: {"xAPI Data 2.2", "xAPI 2.0 4.2.1", phrase{
		"the specification does not allow this property here",
		"la spécification ne permet pas cette propriété ici"}},
	KeyCase: {"xAPI Data 2.2", "xAPI 2.0 4.2.1", phrase{
		"the case of a property must match the specification",
		"la casse d'une propriété doit être celle de la spécification"}},
	Missing: {"xAPI Data 2.4", "xAPI 2.0 4.2.2", phrase{
		"a required property is missing",
		"une propriété obligatoire manque"}},
	BadIRI: {"xAPI Data 4.3", "xAPI 2.0 4.2.7", phrase{
		"the value must be an absolute IRI",
		"la valeur doit être un IRI absolu"}},
	BadUUID: {"xAPI Data 4.4", "xAPI 2.0 4.2.7", phrase{
		"the value must be a UUID in its standard form",
		"la valeur doit être un UUID sous sa forme usuelle"}},
	BadLanguage: {"xAPI Data 4.2", "xAPI 2.0 4.2.7", phrase{
		"language tags must follow RFC 5646",
		"les étiquettes de langue doivent suivre la RFC 5646"}},
	BadTimestamp: {"xAPI Data 4.5", "xAPI 2.0 4.2.7", phrase{
		"the timestamp must be a date and time of ISO 8601, in xAPI 2.0 of RFC 3339, and -00:00 is not an offset",
		"l'horodatage doit être une date et une heure selon l'ISO 8601, en xAPI 2.0 selon la RFC 3339, et -00:00 n'est pas un décalage"}},
	BadDuration: {"xAPI Data 4.6", "xAPI 2.0 4.2.7", phrase{
		"the duration must follow ISO 8601, 4.4.3.2",
		"la durée doit suivre l'ISO 8601, 4.4.3.2"}},
	BadMbox: {"xAPI Data 2.4.2.3", "xAPI 2.0 4.2.2.1", phrase{
		"mbox must be a mailto IRI with one e-mail address",
		"mbox doit être un IRI mailto avec une seule adresse électronique"}},
	BadSHA1: {"xAPI Data 2.4.2.3", "xAPI 2.0 4.2.2.1", phrase{
		"mbox_sha1sum must be 40 hexadecimal digits",
		"mbox_sha1sum doit compter 40 chiffres hexadécimaux"}},
	BadSHA2: {"xAPI Data 2.4.11", "xAPI 2.0 4.2.2.6", phrase{
		"sha2 must be a SHA-2 hash in hexadecimal digits",
		"sha2 doit être une empreinte SHA-2 en chiffres hexadécimaux"}},
	BadMediaType: {"xAPI Data 2.4.11", "xAPI 2.0 4.2.2.6", phrase{
		"contentType must be an Internet media type",
		"contentType doit être un type de média d'Internet"}},
	BadVersion: {"xAPI Data 2.4.10", "xAPI 2.0 4.2.4.3", phrase{
		"version must be 1.0.x, or 2.0.x with version 2.0 of the API",
		"version doit être 1.0.x, ou 2.0.x avec la version 2.0 de l'API"}},
	ActorIdentifier: {"xAPI Data 2.4.2.3", "xAPI 2.0 4.2.2.1", phrase{
		"exactly one of mbox, mbox_sha1sum, openid and account must identify the actor",
		"une seule des propriétés mbox, mbox_sha1sum, openid et account doit identifier l'acteur"}},
	GroupMembers: {"xAPI Data 2.4.2.2", "xAPI 2.0 4.2.2.1", phrase{
		"an anonymous group must list its members",
		"un groupe anonyme doit énumérer ses membres"}},
	AuthorityGroup: {"xAPI Data 2.4.9", "xAPI 2.0 4.2.4.2", phrase{
		"a group as authority must be anonymous with exactly two agents",
		"un groupe pris comme autorité doit être anonyme, avec deux agents exactement"}},
	InteractionKind: {"xAPI Data 2.4.4.1", "xAPI 2.0 4.2.2.3", phrase{
		"the interaction property does not fit the interactionType",
		"la propriété d'interaction ne convient pas à l'interactionType"}},
	ComponentRepeat: {"xAPI Data 2.4.4.1", "xAPI 2.0 4.2.2.3", phrase{
		"ids of interaction components must be distinct",
		"les identifiants des composants d'une interaction doivent être distincts"}},
	NestedStatement: {"xAPI Data 2.4.4.3", "xAPI 2.0 4.2.2.3", phrase{
		"a SubStatement must not contain a SubStatement",
		"un SubStatement ne doit pas contenir de SubStatement"}},
	VoidingTarget: {"xAPI Data 2.3.2", "xAPI 2.0 4.2.5", phrase{
		"the object of a voiding statement must be a StatementRef",
		"l'objet d'une déclaration d'annulation doit être un StatementRef"}},
	ScoreRange: {"xAPI Data 2.4.5.1", "xAPI 2.0 4.2.2.4", phrase{
		"scaled must lie in -1..1, min below max, raw within min..max",
		"scaled doit être compris entre -1 et 1, min inférieur à max, raw entre min et max"}},
	ActivityOnly: {"xAPI Data 2.4.6", "xAPI 2.0 4.2.2.5", phrase{
		"revision and platform are allowed only when the object is an Activity",
		"revision et platform ne sont permises que si l'objet est une Activity"}},
	AttachmentAbsent: {"xAPI Communication 1.5.2", "xAPI 2.0 4.1.3", phrase{
		"an attachment without fileUrl must be sent as multipart/mixed",
		"une pièce jointe sans fileUrl doit être envoyée en multipart/mixed"}},
	RepeatedID: {"xAPI Communication 2.1.2", "xAPI 2.0 4.1.6.1", phrase{
		"two statements of a batch must not share an id",
		"deux déclarations d'un lot ne doivent pas avoir le même id"}},
}
