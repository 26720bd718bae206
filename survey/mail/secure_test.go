package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/salesbench/salesbench/survey/mail"
)

// certificate is one for this machine, with the authority that made it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	pool := x509.NewCertPool()
	pool.AddCert(must(x509.ParseCertificate(der)))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// door is a session that wants a name and a password.
type door struct{ smtp.Session }

func (door) AuthMechanisms() []string { return []string{sasl.Plain} }

func (door) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "ada" || password != "p@ss" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (door) Logout() error { return nil }

func TestAServerIsSpokenToEncryptedAndSignedInto(t *testing.T) {
	cert, pool := certificate(t)
	for _, security := range []mail.Security{mail.StartTLS, mail.TLS} {
		server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return door{}, nil }))
		server.ErrorLog = log.New(io.Discard, "", 0)
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		listener := must(net.Listen("tcp", "127.0.0.1:0"))
		port := listener.Addr().(*net.TCPAddr).Port
		if security == mail.TLS {
			listener = tls.NewListener(listener, server.TLSConfig)
		}
		go func() { _ = server.Serve(listener) }() // ends with the test
		t.Cleanup(func() { _ = server.Close() })
		right := mail.SMTP{Host: "127.0.0.1", Port: port, Security: security, User: "ada", Password: "p@ss", Roots: &tls.Config{RootCAs: pool}}
		open(t, right)
		wrong := right
		wrong.Password = "guess"
		_, err := wrong.Open(t.Context())
		if e := mail.AsError(err); err == nil || e.Phase != mail.SigningIn || !e.Permanent || e.Code != 535 {
			t.Errorf("%s with a wrong password: %v", security, err)
		}
		stranger := right
		stranger.Roots = nil
		_, err = stranger.Open(t.Context())
		if e := mail.AsError(err); err == nil || e.Phase != mail.Securing {
			t.Errorf("%s with an unknown authority: %v", security, err)
		}
	}
}
