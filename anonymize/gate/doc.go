// Package gate is the single door between exact sums and the public.
//
// For each release the gate waits for the partials of every partition,
// reserves the release's cost in the ledger, draws the noise once, rests the
// encrypted draft, and commits its hash. It then acts only on the commitment
// that it reads back as valid: whichever gate's draft won, that plaintext and
// no other is copied to the public topic. Every step may be cut by a crash and
// taken up by any gate; one value of a release is ever readable, and it is
// charged once.
package gate
