// Package mailtest gives tests real mail servers: one that keeps a ledger of what
// it has accepted, and one that takes connections and goes silent.
package mailtest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/salesbench/salesbench/survey/mail"
)

// Server is an SMTP server that accepts everything, unless Refuse says otherwise.
// What it has answered 250 to stands in its ledger, whatever the client heard of it.
type Server struct {
	// Refuse, where it is set, may give an Answer to a receiver.
	Refuse func(to string) error
	// Accepted, where it is set, is called between taking a message and saying so.
	Accepted func(id string)

	address  string
	listener net.Listener
	server   *smtp.Server
	mutex    sync.Mutex
	ledger   map[string]int // Message-ID -> how often
	bodies   map[string][]byte
	to       map[string][]string // receiver -> Message-IDs
}

// Start starts a server on a free port of this machine. It ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{address: "127.0.0.1:0", ledger: map[string]int{}, bodies: map[string][]byte{}, to: map[string][]string{}}
	s.Up(t)
	t.Cleanup(func() { s.Down(t) })
	return s
}

// Answer is a refusal with its code, enhanced status and words.
func Answer(code int, status [3]int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode(status), Message: words}
}

// Up starts the server again on its port.
func (s *Server) Up(t testing.TB) {
	t.Helper()
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	s.address, s.listener = listener.Addr().String(), listener
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }))
	s.server.Domain, s.server.ErrorLog = "mailtest", quiet{}
	server := s.server
	go func() { _ = server.Serve(listener) }() // ends with Down
}

// Down ends the server and every connection.
func (s *Server) Down(t testing.TB) {
	t.Helper()
	if s.server == nil {
		return
	}
	// The server knows its listener only once it serves; closed twice is what is wanted.
	_, _ = s.listener.Close(), s.server.Close()
	s.server = nil
}

// SMTP is how to reach the server.
func (s *Server) SMTP() mail.SMTP {
	host, port, _ := net.SplitHostPort(s.address)
	n, _ := strconv.Atoi(port)
	return mail.SMTP{Host: host, Port: n, Security: mail.NoTLS}
}

// URL is the server's address as a setting.
func (s *Server) URL() string { return "smtp://" + s.address + "?tls=none" }

// Ledger returns how often each Message-ID was accepted.
func (s *Server) Ledger() map[string]int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	out := make(map[string]int, len(s.ledger))
	for id, n := range s.ledger {
		out[id] = n
	}
	return out
}

// To returns the messages that a receiver got, parsed.
func (s *Server) To(t testing.TB, receiver string) []*netmail.Message {
	t.Helper()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var out []*netmail.Message
	for _, id := range s.to[receiver] {
		m, err := netmail.ReadMessage(bytes.NewReader(s.bodies[id]))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

type session struct {
	server *Server
	to     string
}

func (s *session) Reset()                               { s.to = "" }
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if s.server.Refuse != nil {
		return s.server.Refuse(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := netmail.ReadMessage(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("a message that can not be read: %w", err)
	}
	id := strings.Trim(m.Header.Get("Message-Id"), "<>")
	s.server.mutex.Lock()
	s.server.ledger[id]++
	s.server.bodies[id] = body
	s.server.to[s.to] = append(s.server.to[s.to], id)
	s.server.mutex.Unlock()
	if s.server.Accepted != nil {
		s.server.Accepted(id)
	}
	return nil
}
