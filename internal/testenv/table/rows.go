package main

import "brume/internal/testenv/measure"

// row is one line of the table: where its figures come from and what they must
// reach.
type row struct {
	bench      string // the benchmark, without "BenchmarkRow"
	what, unit string
	atLeast    float64 // 0: atMost counts
	atMost     float64
	references []reference
	conditions string // {metric} stands for another metric of the benchmark
}

// reference is what was measured beside a row. One whose metric is missing was
// left out of this run, and the table says so.
type reference struct {
	metric, what string
	conditions   string // beside those of the row
}

// peer is the LRS of deploy/dev/peer/requirements.txt.
var peer = reference{metric: "peer", what: "Ralph 5.1.0, a peer LRS",
	conditions: "Ralph: one worker, plain HTTP, Basic, 4 connections; writes statements as they are to an embedded ClickHouse, " +
		"whose CPU is not counted, nor the broker's; {peer-taken} taken, {peer-refused} refused, {peer-wall}/s"}

var rows = []row{
	{bench: "IngestSingle", what: "ingest, 1 statement a request", unit: "statements/CPU-s", atLeast: 20_000,
		references: []reference{{metric: "dropped", what: "same server, body discarded"}, {metric: "walk", what: "strict token walk of the same bytes"}, peer},
		conditions: "TLS 1.3, Basic, 256 connections, {bytes} bytes a statement, acks=all on the embedded broker; {allocs} allocations a statement; {wall}/s beside its clients and broker"},
	{bench: "IngestBatch", what: "ingest, 50 statements a request", unit: "statements/CPU-s", atLeast: 120_000,
		references: []reference{{metric: "dropped", what: "same server, body discarded"}, {metric: "walk", what: "strict token walk of the same bytes"}, peer},
		conditions: "as above; {allocs} allocations a statement; {wall}/s"},
	{bench: "Latency", what: "acknowledgement under half load, p99", unit: "ms", atMost: 50,
		references: []reference{{metric: "p50", what: "p50"}},
		conditions: "1 statement a request, {offered}/s offered, timed from when each was due; clients and broker on the same cores"},
	{bench: "Fold", what: "anonymize: open, pseudonymise, fold", unit: "statements/CPU-s", atLeast: 250_000,
		references: []reference{{metric: "parts", what: "sum of AES-GCM {open-ns} ns, decode {decode-ns} ns, HMAC {hmac-ns} ns, probe {probe-ns} ns"}},
		conditions: "500,000 statements of 50,000 pupils, {record-bytes} bytes each sealed, over 72 h of log"},
	{bench: "Memory", what: "cohort state per active pupil", unit: "bytes", atMost: 160,
		conditions: "all families; 1 M pupils active in two open weeks and their half-term, two subjects a week, slack of growing included; {one-subject} with one subject, {four-subjects} with four"},
	{bench: "Duplicates", what: "duplicates index per statement", unit: "bytes", atMost: 10,
		conditions: "3 M statements over 72 h; {probe-ns} ns to ask and record one"},
	{bench: "Snapshot", what: "snapshot of 200,000 pupils", unit: "s", atMost: 1,
		references: []reference{{metric: "disk", what: "as many bytes to a file, synced"}},
		conditions: "{mb} MB, sealed, acknowledged by the embedded broker"},
	{bench: "Restore", what: "restore of 200,000 pupils", unit: "s", atMost: 1,
		references: []reference{{metric: "disk", what: "as many bytes from a file, cached"}},
		conditions: "{mb} MB, read from the embedded broker, verified"},
	{bench: "Close", what: "closing a week, 1 M active pupils, all families", unit: "s", atMost: 5,
		references: []reference{{metric: "pass", what: "one pass over the state"}},
		conditions: "60,000 schools, one partition, two subjects a pupil; {half-term-s} s for the half-term"},
	{bench: "Release", what: "releasing 90,000 cells", unit: "s", atMost: 1,
		references: []reference{{metric: "library", what: "noise library alone"}},
		conditions: "{cells} cells, {mb} MB encoded; ledger in memory"},
	{bench: "HalfTerm", what: "releasing a half-term of 60,000 schools", unit: "s", atMost: 15,
		references: []reference{{metric: "library", what: "noise library alone"}},
		conditions: "{cells} cells, {mb} MB encoded, {cpu-s} CPU-s, heap {heap-mb} MB; ledger in memory"},
	{bench: "Load", what: "loading a release into ClickHouse", unit: "s", atMost: 2,
		references: []reference{{metric: "insert", what: "clickhouse-go alone"}},
		conditions: "{cells} cells, verified twice, rolled up; embedded ClickHouse"},
	{bench: "Block", what: "dashboard block, a year of 60,000 schools, p95", unit: "ms", atMost: 50,
		references: []reference{{metric: "sql", what: "the same SQL alone"}, {metric: "page", what: "the whole page"}},
		conditions: "trend of an area beside two others, 200 calls; first week loaded, the others copied; embedded ClickHouse"},
	{bench: "Sigma", what: "measured error from the planned σ", unit: "%", atMost: 1,
		conditions: "measured/planned {over-planned}; 20,000 draws for each family, so ± 0.14"},
	{bench: "EqualSplit", what: "error at equal (ε, δ), equal split: RMSE ratio", unit: "", atMost: 1,
		conditions: "worst family; against basic composition with the library's Laplace or Gaussian, the better, same caps"},
	{bench: "Shipped", what: "error of the default policy as shipped: RMSE ratio", unit: "", atMost: 1,
		conditions: "worst family; schools {school_week_active}, levels {department_week_active_by_level}, outcomes {department_week_outcomes_by_subject}, half-term scores {school_period_scores}, stream {school_stream_ever_active}; the policy spends {spent} % of μ², basic composition all of (ε, δ)"},
	{bench: "Library", what: "error beside the library's aggregates, worst of three", unit: "times", atMost: 0.9,
		conditions: "whole plan, ε = 4, a school of 300 pupils; count {count}, mean score {mean}, median score {median}; the library's user splits ε and δ equally over a pupil's releases, with the better of its noises"},
}

// reached says whether a figure is good enough.
func (r row) reached(metrics map[string]float64) bool {
	v := metrics[measure.Result]
	if r.atLeast > 0 {
		return v >= r.atLeast
	}
	return v <= r.atMost
}
