package keyring

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/signature"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/schemas/control"
	"brume/schemas/event"
)

// The files that ingest and the readers of the logs load.
const (
	RoutingFile           = "routing.json"             // ingest: PRF
	FingerprintFile       = "fingerprint.json"         // ingest: PRF
	CertificateVerifyFile = "certificates-verify.json" // ingest: pins who may certify sealing keys
	RoutingIDFile         = "routing.id"               // public
	ControlVerifyFile     = "control-verify.json"      // public
	LedgerVerifyFile      = "ledger-verify.json"       // public
)

// Ingest is what ingest may hold: it can route, recognise and seal, and open
// nothing.
type Ingest struct {
	// Routing returns the partition of a canonical actor, for the whole year.
	Routing func(actor string, partitions int) int
	// Fingerprint returns the keyed digest of a publisher's statement id.
	Fingerprint func(publisher uint16, statementID string) uint64
	// Sealing gives the hourly public keys as they appear in dir/public.
	Sealing event.PublicKeys
	// RoutingID names the routing key, for the ledger's YEAR record.
	RoutingID [32]byte
}

// OpenIngest loads dir/ingest and dir/public; it touches nothing else of the
// key directory.
func OpenIngest(dir string) (*Ingest, error) {
	ingest, public := filepath.Join(dir, IngestDir), filepath.Join(dir, PublicDir)
	for _, d := range []string{dir, ingest, public} {
		if err := CheckDir(d); err != nil {
			return nil, err
		}
	}
	routing, err := ReadPRF(filepath.Join(ingest, RoutingFile))
	if err != nil {
		return nil, err
	}
	fingerprint, err := ReadPRF(filepath.Join(ingest, FingerprintFile))
	if err != nil {
		return nil, err
	}
	authority, err := readVerifier(filepath.Join(ingest, CertificateVerifyFile))
	if err != nil {
		return nil, err
	}
	if id, err := ReadRoutingID(dir); err != nil || id != routing.ID() {
		return nil, errors.Join(errors.New("the routing key is not the one that dir/public names"), err)
	}
	return &Ingest{
		Routing:     func(actor string, partitions int) int { return route(routing, actor, partitions) },
		Fingerprint: func(publisher uint16, id string) uint64 { return digest(fingerprint, publisher, id) },
		Sealing:     &sealing{dir: public, authority: authority},
		RoutingID:   routing.ID(),
	}, nil
}

func route(key *PRF, actor string, partitions int) int {
	sum := key.Sum(DomainValue, "", actor)
	return int(binary.BigEndian.Uint64(sum[:]) % uint64(partitions))
}

func digest(key *PRF, publisher uint16, id string) uint64 {
	sum := key.Sum(DomainValue, string([]byte{byte(publisher >> 8), byte(publisher)}), id)
	return binary.BigEndian.Uint64(sum[:])
}

// ReadRoutingID returns the public name of the routing key.
func ReadRoutingID(dir string) (id [32]byte, err error) {
	path := filepath.Join(dir, PublicDir, RoutingIDFile)
	data, err := ReadFile(path)
	if err != nil {
		return id, err
	}
	if n, err := hex.Decode(id[:], data[:min(len(data), 2*len(id))]); err != nil || n != len(id) || len(data) != 2*len(id) {
		return id, fmt.Errorf("key file %s: not an identifier", path)
	}
	return id, nil
}

// ControlVerifier loads the key that checks control records, from dir/public.
func ControlVerifier(dir string) (*control.Verifier, error) {
	v, err := readVerifier(filepath.Join(dir, PublicDir, ControlVerifyFile))
	if err != nil {
		return nil, err
	}
	return control.NewVerifier(v), nil
}

// LedgerVerifier loads the key that checks ledger records, from dir/public.
func LedgerVerifier(dir string) (tink.Verifier, error) {
	return readVerifier(filepath.Join(dir, PublicDir, LedgerVerifyFile))
}

func readVerifier(path string) (tink.Verifier, error) {
	handle, err := ReadPublic(path)
	if err != nil {
		return nil, err
	}
	v, err := signature.NewVerifier(handle)
	if err != nil {
		return nil, fmt.Errorf("key file %s: not a verifying key", path)
	}
	return v, nil
}
