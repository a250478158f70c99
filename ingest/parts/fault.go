package parts

import "brume/schemas/xapi"

// The codes of what this package refuses. Codes are stable: publishers may rely
// on them.
const (
	BadBoundary      xapi.Code = "multipart.boundary"
	NotMultipart     xapi.Code = "multipart.syntax"
	StatementsFirst  xapi.Code = "multipart.statements"
	PartType         xapi.Code = "multipart.content_type"
	TransferEncoding xapi.Code = "multipart.transfer_encoding"
	HashMissing      xapi.Code = "multipart.hash_missing"
	HashWrong        xapi.Code = "multipart.hash"
	PartLength       xapi.Code = "multipart.length"
	Surplus          xapi.Code = "multipart.surplus"
	TooManyParts     xapi.Code = "limit.parts"
	PartTooLarge     xapi.Code = "limit.part"
	HeaderTooLarge   xapi.Code = "limit.part_header"
	ContentAbsent              = xapi.AttachmentAbsent
	TypeDiffers      xapi.Code = "attachment.content_type"
	LengthDiffers    xapi.Code = "attachment.length"
	SignatureType    xapi.Code = "signature.content_type"
	SignatureAbsent  xapi.Code = "signature.absent"
	SignatureLarge   xapi.Code = "limit.signature"
	BadJWS           xapi.Code = "signature.jws"
	BadAlgorithm     xapi.Code = "signature.algorithm"
	BadPayload       xapi.Code = "signature.payload"
	PayloadDiffers   xapi.Code = "signature.statement"
	BadCertificate   xapi.Code = "signature.certificate"
	NotVerified      xapi.Code = "signature.verification"
)

type rule struct{ source, text string }

var rules = map[xapi.Code]rule{
	BadBoundary:      {"RFC 2046 section 5.1.1", "multipart/mixed needs a valid boundary parameter"},
	NotMultipart:     {"RFC 2046 section 5.1", "the body must consist of parts between boundaries and end with the last"},
	StatementsFirst:  {"xAPI Communication 1.5.2", "the first part must hold the statements as application/json"},
	PartType:         {"xAPI Communication 1.5.2", "each part must have one valid Content-Type"},
	TransferEncoding: {"xAPI Communication 1.5.2", "Content-Transfer-Encoding must be binary"},
	HashMissing:      {"xAPI Communication 1.5.2", "each part after the first must have one X-Experience-API-Hash"},
	HashWrong:        {"xAPI Communication 1.5.2", "X-Experience-API-Hash must be the SHA-2 of the part's bytes"},
	PartLength:       {"xAPI Data 2.4.11", "Content-Length must be the number of the part's bytes"},
	Surplus:          {"xAPI Communication 1.5.2", "each part after the first must be the content of an attachment, sent once"},
	TooManyParts:     {"Brume limits", "a request must not hold more parts than the limit"},
	PartTooLarge:     {"Brume limits", "a part must not be larger than the limit"},
	HeaderTooLarge:   {"Brume limits", "the header of a part must not be larger than the limit"},
	ContentAbsent:    {"xAPI Communication 1.5.2", "an attachment without fileUrl must have its part"},
	TypeDiffers:      {"xAPI Communication 1.5.2", "the part's Content-Type must be the attachment's contentType"},
	LengthDiffers:    {"xAPI Communication 1.5.2", "the part's Content-Length must be the attachment's length"},
	SignatureType:    {"xAPI Data 2.6", "the contentType of a signature must be application/octet-stream"},
	SignatureAbsent:  {"xAPI Data 2.6", "a signature must be sent with its statement"},
	SignatureLarge:   {"Brume limits", "a signature must not be larger than its limit"},
	BadJWS:           {"RFC 7515", "a signature must be a JWS in compact serialization"},
	BadAlgorithm:     {"xAPI Data 2.6", "the algorithm must be RS256, RS384 or RS512"},
	BadPayload:       {"xAPI Data 2.6", "the payload must be a valid statement"},
	PayloadDiffers:   {"xAPI Data 2.6", "the payload must be the statement as it was before it was signed"},
	BadCertificate:   {"RFC 7515 section 4.1.6", "x5c must begin with the certificate of an RSA key of 8192 bits at most"},
	NotVerified:      {"xAPI Data 2.6", "the key of the first certificate of x5c does not verify the signature"},
}

// TooLarge says whether a code is that of a limit of size.
func TooLarge(code xapi.Code) bool {
	return code == TooManyParts || code == PartTooLarge || code == HeaderTooLarge || code == SignatureLarge
}

// refuse is a broken rule of the body as a whole.
func refuse(code xapi.Code, where string) xapi.Faults {
	return xapi.Faults{fault(code, "", where)}
}

// fault holds no value of the request: where is a place.
func fault(code xapi.Code, pointer, where string) xapi.Fault {
	r := rules[code]
	message := r.text
	if where != "" {
		message += ": " + where
	}
	return xapi.Fault{Code: code, Pointer: pointer, Rule: r.source, Message: message}
}
