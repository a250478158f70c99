// Package keys is the key directory of a deployment.
//
//	dir/ingest/     routing.json               PRF: actor → partition, fixed for the year
//	                fingerprint.json           PRF: statement id → fingerprint
//	                certificates-verify.json   who may certify sealing keys
//	dir/public/     sealing-<hour>.json        public half, with signed not-after
//	                control-verify.json        checks control records
//	                ledger-verify.json         checks ledger records
//	                routing.id                 names the routing key
//	dir/anonymize/  pseudonym-<year>.json      PRF: actor → pseudonym; HMAC over exact sums
//	                cohort-<year>.json         AEAD of the year's snapshots
//	                stream-<year>.json         AEAD of the noise of the year's streams
//	                gate-wrap.json             AEAD between gates
//	                sealing-<hour>.json        private half, dies 72 h after its hour
//	                certificates-sign.json     certifies sealing keys
//	                year-<year>.destroyed      tombstone
//	dir/operator/   control-sign.json          signs control records
//	dir/gate/       ledger-sign.json           signs ledger records
//	                release-<id>.json          AEAD of a release's partials and drafts
//	                release-<id>.destroyed     tombstone
//
// Init makes all of it in one place; a deployment in several places copies to
// each host the parts of its role (ingest: ingest and public; readers of the
// ledger: public; the operator: operator and public; anonymize: the others).
// Ingest reads its parts through schemas/event/keyring.
//
// Files are Tink keysets in JSON, 0600 in directories of 0700; looser modes
// are refused. A key file is complete or absent, never overwritten but to be
// destroyed, and what is destroyed MUST NOT come back: keep no backup of
// dir/anonymize/sealing-* and dir/gate/release-*, and every other backup only
// as long as the key may live. No key type prints or marshals.
package keys
