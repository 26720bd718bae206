package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// Security says how the connection to a server is encrypted.
type Security string

// The kinds of encryption. Without one nobody signs in, but to this machine.
const (
	StartTLS Security = "starttls" // plain at first, encrypted before anything is said; refused where the server can not
	TLS      Security = "tls"      // from the first byte
	NoTLS    Security = "none"
)

// Timeouts bound each phase of a session, so that a server that takes a
// connection and then says nothing is given up. Zero values get defaults.
type Timeouts struct {
	Connect time.Duration // until the connection stands, its encryption included: 10 s
	Command time.Duration // for the answer to each command, the greeting included: 30 s
	Body    time.Duration // for all bytes of a message: 60 s
	Accept  time.Duration // for the answer after the last byte, when a server may be looking for viruses: 120 s
}

func (t Timeouts) orDefault() Timeouts {
	return Timeouts{cmp.Or(t.Connect, 10*time.Second), cmp.Or(t.Command, 30*time.Second), cmp.Or(t.Body, time.Minute), cmp.Or(t.Accept, 2*time.Minute)}
}

// Longest is how long one message may take once its session is open.
func (t Timeouts) Longest() time.Duration {
	t = t.orDefault()
	return 4*t.Command + t.Body + t.Accept
}

// SMTP is a mail server that takes messages for others.
type SMTP struct {
	Host     string
	Port     int
	Security Security
	User     string // empty: without signing in
	Password string
	Hello    string // name by which this machine introduces itself; empty: localhost
	Timeouts Timeouts
	Roots    *tls.Config // a test's own authorities; nil: those of the system
}

// ParseSMTP reads smtp://user:password@host:port (encrypted by STARTTLS) or
// smtps://... (encrypted from the first byte). With ?tls=none nothing is
// encrypted: for a server on the same machine. The error never repeats the address.
func ParseSMTP(address string) (SMTP, error) {
	u, err := url.Parse(address)
	if err != nil {
		return SMTP{}, errors.New("is not a URL; write smtp://user:password@host:587 and escape special characters of the password")
	}
	s := SMTP{Host: u.Hostname(), Security: StartTLS, Port: 587, User: u.User.Username()}
	s.Password, _ = u.User.Password()
	switch u.Scheme {
	case "smtp":
	case "smtps":
		s.Security, s.Port = TLS, 465
	default:
		return SMTP{}, errors.New("begins neither with smtp:// nor with smtps://")
	}
	query := u.Query()
	if mode := query.Get("tls"); mode != "" && u.Scheme == "smtp" {
		s.Security = Security(mode)
		query.Del("tls")
	}
	if port := u.Port(); port != "" {
		if s.Port, err = strconv.Atoi(port); err != nil || s.Port < 1 || s.Port > 65535 {
			return SMTP{}, errors.New("has no port between 1 and 65535")
		}
	}
	switch {
	case s.Host == "":
		return SMTP{}, errors.New("names no host; write smtp://user:password@host:587")
	case s.Security != StartTLS && s.Security != TLS && s.Security != NoTLS:
		return SMTP{}, errors.New("has a kind of encryption that is none of tls=starttls, tls=tls, tls=none")
	case len(query) > 0 || strings.Trim(u.Path, "/") != "" || u.Fragment != "":
		return SMTP{}, errors.New("has more than host, port and ?tls=")
	case s.User != "" && s.Security == NoTLS && !loopback(s.Host):
		return SMTP{}, errors.New("would send the password in clear over the network; leave out ?tls=none")
	}
	return s, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Destination names the server, without user and password.
func (s SMTP) Destination() string {
	return fmt.Sprintf("the mail server %s (encryption: %s)", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)), s.Security)
}

// Open connects, encrypts and signs in.
func (s SMTP) Open(ctx context.Context) (Session, error) {
	limits := s.Timeouts.orDefault()
	dialer := net.Dialer{Timeout: limits.Connect}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return nil, &Error{Phase: Connecting, Reason: "the mail server can not be reached", Err: err}
	}
	if s.Security == TLS {
		secure := tls.Client(conn, s.tls())
		bounded, cancel := context.WithTimeout(ctx, limits.Connect)
		err := secure.HandshakeContext(bounded)
		cancel()
		if err != nil {
			return nil, &Error{Phase: Securing, Reason: "the mail server does not agree on encryption", Err: errors.Join(err, conn.Close())}
		}
		conn = secure
	}
	session := &smtpSession{conn: conn, limits: limits, alive: true}
	if err := session.begin(ctx, s); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return session, nil
}

func (s SMTP) tls() *tls.Config {
	config := &tls.Config{}
	if s.Roots != nil {
		config = s.Roots.Clone()
	}
	config.ServerName, config.MinVersion = s.Host, tls.VersionTLS12
	return config
}

type smtpSession struct {
	conn   net.Conn
	client *smtp.Client
	limits Timeouts
	alive  bool
}

// within gives a step its time, and ends it when the context ends.
func (c *smtpSession) within(ctx context.Context, limit time.Duration, step func() error) error {
	if err := c.conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) }) // fails only where the connection is gone anyway
	defer stop()
	return step()
}

func (c *smtpSession) begin(ctx context.Context, s SMTP) error {
	err := c.within(ctx, c.limits.Command, func() (err error) {
		c.client, err = smtp.NewClient(c.conn, s.Host)
		return err
	})
	if err != nil {
		return answer(Greeting, err)
	}
	// Addresses are ASCII, so that servers without SMTPUTF8 behind this one take them.
	c.client.SkipSMTPUTF8(true)
	if err := c.within(ctx, c.limits.Command, func() error { return c.client.Hello(cmp.Or(s.Hello, "localhost")) }); err != nil {
		return answer(Greeting, err)
	}
	if s.Security == StartTLS {
		if err := c.secure(ctx, s); err != nil {
			return err
		}
	}
	if s.User == "" {
		return nil
	}
	return c.signIn(ctx, s)
}

func (c *smtpSession) secure(ctx context.Context, s SMTP) error {
	if offered, _ := c.client.Extension("STARTTLS"); !offered {
		return &Error{Phase: Securing, Permanent: true, Reason: "the mail server offers no encryption (STARTTLS); use smtps:// or, on the same machine, ?tls=none"}
	}
	if err := c.within(ctx, c.limits.Connect, func() error { return c.client.StartTLS(s.tls()) }); err != nil {
		return answer(Securing, err)
	}
	return nil
}

func (c *smtpSession) signIn(ctx context.Context, s SMTP) error {
	_, offered := c.client.Extension("AUTH")
	var way smtp.Auth
	for _, mechanism := range strings.Fields(strings.ToUpper(offered)) {
		switch {
		case mechanism == "PLAIN":
			way = smtp.PlainAuth("", s.User, s.Password, s.Host, loopback(s.Host))
		case mechanism == "LOGIN" && way == nil:
			way = smtp.LoginAuth(s.User, s.Password, s.Host, loopback(s.Host))
		}
	}
	if way == nil {
		return &Error{Phase: SigningIn, Permanent: true, Reason: "the mail server offers neither PLAIN nor LOGIN to sign in with"}
	}
	if err := c.within(ctx, c.limits.Command, func() error { return c.client.Auth(way) }); err != nil {
		return answer(SigningIn, err)
	}
	return nil
}

// Send is a transaction of RFC 5321.
func (c *smtpSession) Send(ctx context.Context, m Message, hold func(context.Context) error) error {
	data, err := m.bytes()
	if err != nil {
		return err
	}
	if err := c.within(ctx, c.limits.Command, func() error { return c.client.Mail("<" + m.From.Email + ">") }); err != nil {
		return c.failed(ctx, From, err)
	}
	if err := c.within(ctx, c.limits.Command, func() error { return c.client.Rcpt("<" + m.To.Email + ">") }); err != nil {
		return c.failed(ctx, To, err)
	}
	if err := hold(ctx); err != nil {
		c.reset(ctx)
		return err
	}
	return c.body(ctx, data)
}

// body sends the message itself. Until its last byte has left the server can not
// have taken it; from then on only its answer tells.
func (c *smtpSession) body(ctx context.Context, data []byte) error {
	var write func() error
	var accept func() error
	err := c.within(ctx, c.limits.Command, func() error {
		w, err := c.client.Data()
		if err == nil {
			write = func() error { _, err := w.Write(data); return err }
			accept = w.Close
		}
		return err
	})
	if err != nil {
		return c.failed(ctx, Body, err)
	}
	if err := c.within(ctx, c.limits.Body, write); err != nil {
		return c.failed(ctx, Body, err)
	}
	if err := c.within(ctx, c.limits.Accept, accept); err != nil {
		return c.failed(ctx, Accepting, err)
	}
	return nil
}

// failed brings the session back to where the next message can begin, or ends it.
func (c *smtpSession) failed(ctx context.Context, phase Phase, err error) error {
	e := answer(phase, err)
	e.Uncertain = phase == Accepting && e.Code == 0
	if e.Code == 0 || e.Code == 421 {
		c.alive = false
		return e
	}
	c.reset(ctx)
	return e
}

func (c *smtpSession) reset(ctx context.Context) {
	if err := c.within(ctx, c.limits.Command, c.client.Reset); err != nil {
		c.alive = false
	}
}

// answer tells what the server said, or that it said nothing.
func answer(phase Phase, err error) *Error {
	var said *textproto.Error
	if !errors.As(err, &said) {
		e := &Error{Phase: phase, Reason: "the connection to the mail server broke off", Err: err}
		var silent net.Error
		if errors.As(err, &silent) && silent.Timeout() {
			e.Reason = "the mail server went silent"
		}
		return e
	}
	e := &Error{Phase: phase, Code: said.Code, Permanent: said.Code >= 500, Err: err}
	e.Status, e.Reason = PlainReason(said.Msg)
	return e
}

func (c *smtpSession) Alive() bool { return c.alive }

// Close takes leave where somebody listens.
func (c *smtpSession) Close() error {
	if c.alive {
		c.alive = false
		// What was accepted stays accepted, whether or not the server says goodbye.
		_ = c.within(context.Background(), min(c.limits.Command, 2*time.Second), c.client.Quit)
	}
	if err := c.conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
