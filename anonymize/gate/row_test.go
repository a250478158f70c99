package gate

import (
	"context"
	"crypto/ed25519"
	"errors"
	"runtime"
	"testing"
	"time"

	dp "github.com/google/differential-privacy/go/v3/noise"

	"brume/anonymize/budget"
	"brume/anonymize/exact"
	"brume/internal/testenv/measure"
	"brume/schemas/ledger"
	"brume/schemas/policy"
)

// signer signs a ledger that lives in memory.
type signer struct{ ed25519.PrivateKey }

func (s signer) Sign(data []byte) ([]byte, error) { return ed25519.Sign(s.PrivateKey, data), nil }

func (s signer) Verify(signature, data []byte) error {
	if !ed25519.Verify(s.Public().(ed25519.PublicKey), data, signature) {
		return errors.New("forged")
	}
	return nil
}

type nowhere struct{}

func (nowhere) Load() (ledger.Pin, error) { return ledger.Pin{}, nil }
func (nowhere) Store(ledger.Pin) error    { return nil }

// reserve pays for a release in a new ledger.
func reserve(b *testing.B, y Year, id string, w policy.Window) *budget.Token {
	b.Helper()
	var values [][]byte
	read := func(_ context.Context, from int64, fn func([]byte) error) (int64, error) {
		for _, v := range values[from:] {
			if err := fn(v); err != nil {
				return from, err
			}
		}
		return int64(len(values)), nil
	}
	write := func(_ context.Context, value []byte) error { values = append(values, value); return nil }
	key := signer{ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
	book := budget.NewBook(ledger.NewFollower(read, key, nowhere{}), write, key, time.Now)
	p := y.Plan.Policy
	err := book.OpenYear(b.Context(), ledger.Year{Name: p.SchoolYear, Plan: y.Plan.PolicyHash, Epsilon: p.Epsilon, Delta: p.Delta,
		LimitNano: y.Plan.LimitNano, Facts: ledger.Facts{Partitions: 1}})
	if err != nil {
		b.Fatal(err)
	}
	token, err := book.Reserve(b.Context(), ledger.Reserved{Release: id, Year: p.SchoolYear, Window: w.Label,
		Plan: y.Plan.PolicyHash, Costs: budget.Costs(y.Plan, w), Inputs: make([]ledger.Hash, 1)})
	if err != nil {
		b.Fatal(err)
	}
	return token
}

// BenchmarkRowRelease noises and encodes a week of the default policy; the
// reference draws as much noise with the library and nothing around it.
func BenchmarkRowRelease(b *testing.B) { benchmarkRelease(b, policy.Weekly, 87_373) }

// BenchmarkRowHalfTerm does the same for a half-term of a nation's schools, and
// tells the largest heap.
func BenchmarkRowHalfTerm(b *testing.B) { benchmarkRelease(b, policy.Periodic, 60_000) }

func benchmarkRelease(b *testing.B, cadence policy.Cadence, schools int) {
	p, err := policy.Default("2026-2027")
	if err != nil {
		b.Fatal(err)
	}
	plan, err := p.Plan()
	if err != nil {
		b.Fatal(err)
	}
	y := Year{Plan: plan, Registry: measure.Nation(schools)}
	w := p.Windows(cadence)[1]
	layout := plan.Layout(y.Registry, w)
	id := string(policy.ReleaseID(w))
	for b.Loop() {
		token := reserve(b, y, id, w)
		var v value
		began, cpu := time.Now(), measure.CPU()
		heap := peak(func() {
			v, err = draw(token, inputs{sums: exact.New(layout.Len())}, id, y, w, layout.Cells(), nil)
		})
		if err != nil {
			b.Fatal(err)
		}
		took, cpu := time.Since(began), measure.CPU()-cpu
		began = time.Now()
		g := dp.Gaussian()
		for range layout.Len() {
			if _, err := g.AddNoiseFloat64(0, 1, 1, 1, 1e-5); err != nil {
				b.Fatal(err)
			}
		}
		alone := time.Since(began)
		measure.Report(b, map[string]float64{
			measure.Result: took.Seconds(), "library": alone.Seconds(), "cells": float64(layout.Len()), "mb": float64(len(v.payload)) / 1e6,
			"heap-mb": heap / 1e6, "cpu-s": cpu.Seconds(),
		})
	}
}

// peak is the largest heap while something is done, seen now and then.
func peak(do func()) (largest float64) {
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	for {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		largest = max(largest, float64(m.HeapInuse))
		select {
		case <-done:
			return largest
		case <-time.After(50 * time.Millisecond):
		}
	}
}
