package intake_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json/v2"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"runtime/metrics"
	"runtime/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"brume/cmd/internal/intake"
	"brume/ingest"
	"brume/internal/httpserver"
	"brume/internal/kafka"
	"brume/internal/testenv/measure"
	"brume/schemas/registry"
)

// childEnv carries the settings of the process under measure.
const childEnv = "BRUME_BENCH_INGEST"

// profileEnv names a file for the CPU profile of the process under measure.
const profileEnv = "BRUME_BENCH_PROFILE"

type settings struct {
	Keys, Broker, Prefix string
	Partitions           int
}

// child is ingest alone, behind TLS, with two more addresses: /used tells what
// it has used, and /discard does everything but look at the body. It ends with
// its standard input.
func child() int {
	err := serve()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func serve() error {
	intake.Collector()
	if path := os.Getenv(profileEnv); path != "" {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var s settings
	if err := json.Unmarshal([]byte(os.Getenv(childEnv)), &s); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in, client, err := newIntake(s)
	if err != nil {
		return err
	}
	defer client.Close()
	go func() { _ = in.Run(ctx) }() // it ends with ctx, and what it counts is not looked at
	for in.Ready() != nil {
		time.Sleep(10 * time.Millisecond)
	}
	listener, err := listen()
	if err != nil {
		return err
	}
	server := &http.Server{Handler: httpserver.Harden(handler(in)), ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	fmt.Println(listener.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return server.Close()
}

func newIntake(s settings) (*intake.Intake, *kafka.Client, error) {
	log := slog.New(slog.DiscardHandler)
	cfg := kafka.DefaultConfig()
	cfg.Brokers, cfg.Prefix = []string{s.Broker}, s.Prefix
	client := kafka.New(cfg, log)
	limits := ingest.DefaultConfig()
	limits.Clock = ingest.DataClock
	in, err := intake.New(intake.Parts{Config: limits, Keys: s.Keys, Kafka: client,
		Registry: registry.Demonstration(0), Partitions: s.Partitions, Log: log, Metrics: prometheus.NewRegistry()})
	return in, client, err
}

// used is what the process under measure has used so far.
type used struct {
	Nanoseconds int64  // of CPU
	Objects     uint64 // allocated on the heap
}

// allocated is how many objects this process has allocated.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func handler(in *intake.Intake) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/xapi/", in.Handler())
	mux.HandleFunc("/used", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.MarshalWrite(w, used{measure.CPU().Nanoseconds(), allocated()}) // the test sees what is missing
	})
	mux.HandleFunc("/discard", func(w http.ResponseWriter, r *http.Request) {
		_, _, _ = r.BasicAuth()
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// listen takes a port and speaks TLS there, with a certificate of its own.
func listen() (net.Listener, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return tls.Listen("tcp", "127.0.0.1:0", &tls.Config{MinVersion: tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
}
