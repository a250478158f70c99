package xapi

// Attachment is the metadata of an attachment. Contents are never kept.
type Attachment struct {
	UsageType   string
	ContentType string
	SHA2        string // lower case
	FileURL     string // "" when the content must follow in the request
	Length      int64
}

func (d *decoder) attachments() []Attachment {
	if !d.array() {
		return nil
	}
	var list []Attachment
	for d.element() {
		list = append(list, d.attachment())
	}
	return list
}

func (d *decoder) attachment() (a Attachment) {
	if !d.object() {
		return a
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pUsageType:
			a.UsageType = d.iri()
		case pDisplay, pDescription:
			d.languageMap()
		case pContentType:
			a.ContentType = d.checked(validMediaType, BadMediaType)
		case pLength:
			a.Length = d.length()
		case pSHA2:
			a.SHA2 = lowerASCII(d.checked(validSHA2, BadSHA2))
		case pFileURL:
			a.FileURL = d.iri()
		default:
			d.unexpected()
		}
	}
	d.require(seen, pUsageType, pDisplay, pContentType, pLength, pSHA2)
	if !seen.has(pFileURL) && !d.options.Multipart {
		d.fault(AttachmentAbsent, phrase{})
	}
	return a
}

func (d *decoder) length() int64 {
	n, ok := d.number()
	if ok && (n < 0 || n >= 1<<53 || n != float64(int64(n))) {
		d.fault(WrongType, wantBytes)
		return 0
	}
	return int64(n)
}
