package parts

import (
	"strconv"

	"brume/schemas/xapi"
)

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

// TooLarge says whether a code is that of a limit of size.
func TooLarge(code xapi.Code) bool {
	return code == TooManyParts || code == PartTooLarge || code == HeaderTooLarge || code == SignatureLarge
}

// place is where a rule is broken: a part by its number, counted from 1, or a
// member of the statements by its pointer. It holds no value of the request.
type place struct {
	part    int
	pointer string
}

// fault is a broken rule.
func fault(code xapi.Code, at place, v2 bool) xapi.Fault {
	r := rules[code]
	f := xapi.Fault{Code: code, Pointer: at.pointer, Rule: r.v1, Message: r.en, MessageFR: r.fr}
	if v2 {
		f.Rule = r.v2
	}
	if at.part > 0 {
		number := strconv.Itoa(at.part)
		f.Message += ": part " + number
		f.MessageFR += " : partie " + number
	}
	return f
}
