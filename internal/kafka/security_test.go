package kafka_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"brume/internal/kafka"
	"brume/internal/testenv"
)

const password = "CANARY-password"

// passwordFile holds the password as an editor leaves it.
func passwordFile(t *testing.T, password string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// secured is a broker that speaks TLS to clients with a certificate only, and
// wants a password.
func secured(t *testing.T, mechanism string) kafka.Config {
	t.Helper()
	certFile, keyFile := testenv.Certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(pair.Leaf)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(),
		kfake.Superuser(strings.ToUpper(mechanism), "anonymize", password),
		kfake.TLS(&tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	cfg := kafka.DefaultConfig()
	cfg.Brokers = cluster.ListenAddrs()
	cfg.Security = kafka.Security{TLS: true, CAFile: certFile, CertFile: certFile, KeyFile: keyFile,
		SASL: kafka.SASL{Mechanism: mechanism, User: "anonymize", PasswordFile: passwordFile(t, password)}}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// Everything that speaks to brokers does so by TLS and as the user: requests,
// reading, and the group.
func TestSecuredBroker(t *testing.T) {
	for _, mechanism := range []string{kafka.ScramSHA512, kafka.Plain} {
		t.Run(mechanism, func(t *testing.T) {
			c := clientWith(t, secured(t, mechanism), kafka.Topic{Name: "log", Partitions: 1})
			produce(t, c, "log", 0, 0, 10)
			if got := numbers(t, c, "log", 0); len(got) != 10 {
				t.Errorf("read %v", got)
			}
			during(t, c, "group", "log", func(a kafka.Assignment) {
				if err := a.Commit(t.Context(), 10); err != nil {
					t.Error(err)
				}
			})
			if got := committed(t, c, "group", "log"); got[0] != 10 {
				t.Errorf("committed %v", got)
			}
		})
	}
}

// A client that lacks one thing gets nowhere, and its error quotes no secret.
func TestSecuredBrokerRefuses(t *testing.T) {
	other, _ := testenv.Certificate(t)
	for name, edit := range map[string]func(*kafka.Config){
		"no TLS":            func(c *kafka.Config) { c.Security = kafka.Security{SASL: c.SASL} },
		"another authority": func(c *kafka.Config) { c.CAFile = other },
		"no certificate":    func(c *kafka.Config) { c.CertFile, c.KeyFile = "", "" },
		"nobody":            func(c *kafka.Config) { c.SASL = kafka.SASL{} },
		"another password":  func(c *kafka.Config) { c.SASL.PasswordFile = passwordFile(t, password+"2") },
		"password file gone": func(c *kafka.Config) {
			c.SASL.PasswordFile = filepath.Join(t.TempDir(), "nowhere")
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := secured(t, kafka.ScramSHA512)
			cfg.RetryFor = 300 * time.Millisecond
			edit(&cfg)
			err := client(t, cfg).EnsureTopics(context.Background(), []kafka.Topic{{Name: "log", Partitions: 1}})
			if err == nil || strings.Contains(err.Error(), password) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSecurityFaults(t *testing.T) {
	cert, key := testenv.Certificate(t)
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		security kafka.Security
		want     []string // "": none
	}{
		"clear":         {kafka.Security{}, nil},
		"TLS":           {kafka.Security{TLS: true, CAFile: cert, CertFile: cert, KeyFile: key}, nil},
		"files, no TLS": {kafka.Security{CAFile: cert}, []string{"need kafka.tls"}},
		"half a pair":   {kafka.Security{TLS: true, CertFile: cert}, []string{"go together"}},
		"not a pair":    {kafka.Security{TLS: true, CertFile: cert, KeyFile: cert}, []string{"kafka.cert_file, key_file"}},
		"CA gone":       {kafka.Security{TLS: true, CAFile: nowhere}, []string{"kafka.ca_file"}},
		"CA empty":      {kafka.Security{TLS: true, CAFile: empty}, []string{"no certificate"}},
		"no user":       {kafka.Security{SASL: kafka.SASL{Mechanism: kafka.ScramSHA512}}, []string{"sasl.user", "password_file"}},
		"empty password": {kafka.Security{SASL: kafka.SASL{Mechanism: kafka.ScramSHA512, User: "u", PasswordFile: empty}},
			[]string{"is empty"}},
		"plain in the clear": {kafka.Security{SASL: kafka.SASL{Mechanism: kafka.Plain, User: "u", PasswordFile: key}}, []string{"needs kafka.tls"}},
		"all at once":        {kafka.Security{CAFile: nowhere, SASL: kafka.SASL{Mechanism: "md5"}}, []string{"need kafka.tls", "ca_file", "mechanism", "user", "password_file"}},
		"no mechanism":       {kafka.Security{SASL: kafka.SASL{User: "u"}}, []string{"need kafka.sasl.mechanism"}},
	} {
		cfg := kafka.DefaultConfig()
		cfg.Brokers, cfg.Security = []string{"127.0.0.1:9092"}, c.security
		text := fmt.Sprint(cfg.Validate())
		if (text == "<nil>") != (c.want == nil) {
			t.Errorf("%s: %s", name, text)
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: does not say %s: %s", name, want, text)
			}
		}
	}
}
