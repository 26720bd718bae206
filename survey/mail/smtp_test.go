package mail_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/mail/mailtest"
)

func message(n string) mail.Message {
	return mail.Message{ID: n + "@example.org", From: mail.Address{Name: "Research", Email: "research@example.org"},
		To: mail.Address{Name: "Zoë Ünal", Email: "zoe@example.com"}, ReplyTo: mail.Address{Email: "contact@example.org"},
		Subject: "Einladung: „Wie wir verkaufen“ دعوة", Text: "Guten Tag,\n\n.ein Punkt am Anfang\nhttps://example.org/r/abc\n", HTML: "<p>Guten Tag</p>",
		Language: "de", Unsubscribe: "https://example.org/optout/xyz", Date: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
}

func nothing(context.Context) error { return nil }

func open(t *testing.T, sender mail.Sender) mail.Session {
	t.Helper()
	session, err := sender.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	server := mailtest.Start(t)
	session := open(t, server.SMTP())
	for _, id := range []string{"first", "second"} {
		if err := session.Send(t.Context(), message(id), nothing); err != nil {
			t.Fatal(err)
		}
	}
	got := server.To(t, "zoe@example.com")
	if len(got) != 2 {
		t.Fatalf("%d messages arrived", len(got))
	}
	checkHeaders(t, got[0].Header)
	if text := plainPart(t, got[0]); text != strings.ReplaceAll(message("").Text, "\n", "\r\n") {
		t.Errorf("the text is %q", text)
	}
}

func checkHeaders(t *testing.T, h netmail.Header) {
	t.Helper()
	decode := func(name string) string {
		text, err := new(mime.WordDecoder).DecodeHeader(h.Get(name))
		if err != nil {
			t.Error(err)
		}
		return text
	}
	for name, want := range map[string]string{"Subject": message("").Subject, "Message-Id": "<first@example.org>", "Content-Language": "de",
		"List-Unsubscribe": "<https://example.org/optout/xyz>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Reply-To": "<contact@example.org>", "From": `"Research" <research@example.org>`, "To": "Zoë Ünal <zoe@example.com>"} {
		if got := decode(name); got != want {
			t.Errorf("%s is %q, expected %q", name, got, want)
		}
	}
}

// plainPart is the first part of a multipart message, decoded.
func plainPart(t *testing.T, m *netmail.Message) string {
	t.Helper()
	_, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	part, err := multipart.NewReader(m.Body, parameters["boundary"]).NextRawPart()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAServerThatGoesSilentIsGivenUpAtEveryStep(t *testing.T) {
	for _, step := range mailtest.Silences {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			server := mailtest.Silent(t, step)
			const patience = 150 * time.Millisecond
			server.Timeouts = mail.Timeouts{Connect: patience, Command: patience, Body: patience, Accept: patience}
			held := false
			err := func() error {
				session, err := server.Open(t.Context())
				if err != nil {
					return err
				}
				defer func() { _ = session.Close() }()
				err = session.Send(t.Context(), message("m"), func(context.Context) error { held = true; return nil })
				if session.Alive() {
					t.Error("the session counts as alive")
				}
				return err
			}()
			var e *mail.Error
			if !errors.As(err, &e) || e.Permanent || e.Reason != "the mail server went silent" {
				t.Fatalf("%#v", err)
			}
			if e.Uncertain != (step == "end") {
				t.Errorf("uncertain: %v", e.Uncertain)
			}
			if held != (step == "DATA" || step == "end") {
				t.Errorf("marked as leaving: %v", held)
			}
		})
	}
}

func TestARefusalSaysWhetherItIsForGoodAndWhoIsMeant(t *testing.T) {
	cases := map[string]struct {
		answer         smtp.SMTPError
		permanent, bad bool
		says           string
	}{
		"unknown":   {smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<zoe@example.com>: no such user"}, true, true, "550 5.1.1 (address) no such user"},
		"policy":    {smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "relay access denied"}, true, false, "relay access denied"},
		"greylist":  {smtp.SMTPError{Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 0}, Message: "come back later"}, false, false, "come back later"},
		"no status": {smtp.SMTPError{Code: 550, EnhancedCode: smtp.NoEnhancedCode, Message: "mailbox unavailable"}, true, true, "550 mailbox unavailable"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t)
			server.Refuse = func(string) error { return &c.answer }
			session := open(t, server.SMTP())
			e := mail.AsError(session.Send(t.Context(), message("m"), nothing))
			if e.Permanent != c.permanent || e.AddressIsBad() != c.bad || e.Uncertain || strings.Contains(e.Error(), "zoe@") {
				t.Errorf("%+v", e)
			}
			if !strings.Contains(strings.ReplaceAll(e.Error(), "(address): ", "(address) "), c.says) {
				t.Errorf("%q does not say %q", e.Error(), c.says)
			}
			server.Refuse = nil
			if err := session.Send(t.Context(), message("next"), nothing); err != nil {
				t.Errorf("the next message: %v", err)
			}
		})
	}
}

func TestWhoeverMayNotSendHasNotSent(t *testing.T) {
	stop := errors.New("it must not leave")
	server := mailtest.Start(t)
	folder := t.TempDir()
	for name, sender := range map[string]mail.Sender{"SMTP": server.SMTP(), "folder": mail.Folder{Path: folder}, "memory": &mail.Memory{}} {
		session := open(t, sender)
		if err := session.Send(t.Context(), message("m"), func(context.Context) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("%s: %v", name, err)
		}
		if err := session.Send(t.Context(), message("n"), nothing); err != nil {
			t.Errorf("%s: the next one: %v", name, err)
		}
	}
	if ledger := server.Ledger(); len(ledger) != 1 || ledger["n@example.org"] != 1 {
		t.Errorf("the server has %v", ledger)
	}
	if files := must(filepath.Glob(filepath.Join(folder, "*"))); len(files) != 1 {
		t.Errorf("the folder has %v", files)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestAFolderGetsAMessageOnceAndForItsOwnerOnly(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "outbox")
	session := open(t, mail.Folder{Path: folder})
	for range 2 {
		if err := session.Send(t.Context(), message("../m"), nothing); err != nil {
			t.Fatal(err)
		}
	}
	files := must(os.ReadDir(folder))
	if len(files) != 1 || files[0].Name() != "_m.eml" {
		t.Fatalf("the folder has %v", files)
	}
	if info := must(files[0].Info()); info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v", info.Mode())
	}
}

func TestWhatWouldBecomeAnotherHeaderIsRefused(t *testing.T) {
	for name, change := range map[string]func(*mail.Message){
		"subject":        func(m *mail.Message) { m.Subject = "Hello\r\nBcc: all@example.org" },
		"name":           func(m *mail.Message) { m.To.Name = "Ada\nBcc: all@example.org" },
		"receiver":       func(m *mail.Message) { m.To.Email = "ada@example.org>\r\nRCPT TO:<all@example.org" },
		"two receivers":  func(m *mail.Message) { m.To.Email = "ada@example.org,all@example.org" },
		"sender":         func(m *mail.Message) { m.From.Email = "a@b.org SIZE=1" },
		"id":             func(m *mail.Message) { m.ID = "a@b>\r\nX: y" },
		"unsubscribe":    func(m *mail.Message) { m.Unsubscribe = "https://x\r\nX: y" },
		"no text":        func(m *mail.Message) { m.Text = " " },
		"no subject":     func(m *mail.Message) { m.Subject = "" },
		"beyond ASCII":   func(m *mail.Message) { m.To.Email = "zoë@example.org" },
		"too long":       func(m *mail.Message) { m.Text = strings.Repeat("x", 2<<20) },
		"no reply":       func(m *mail.Message) { m.ReplyTo = mail.Address{Email: "nobody"} },
		"null character": func(m *mail.Message) { m.Language = "de\x00" },
	} {
		m := message("m")
		change(&m)
		sender := &mail.Memory{}
		e := mail.AsError(open(t, sender).Send(t.Context(), m, nothing))
		if !e.Permanent || e.Phase != mail.Checking || len(sender.Messages()) != 0 {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestAnAddressOfAServerIsReadOrRefusedWithoutRepeatingIt(t *testing.T) {
	good := map[string]mail.SMTP{
		"smtp://mail.example.org":                    {Host: "mail.example.org", Port: 587, Security: mail.StartTLS},
		"smtps://ada:p%40ss@mail.example.org":        {Host: "mail.example.org", Port: 465, Security: mail.TLS, User: "ada", Password: "p@ss"},
		"smtp://localhost:25?tls=none":               {Host: "localhost", Port: 25, Security: mail.NoTLS},
		"smtp://ada:secret@[::1]:2525?tls=none":      {Host: "::1", Port: 2525, Security: mail.NoTLS, User: "ada", Password: "secret"},
		"smtp://ada:secret@mail.example.org?tls=tls": {Host: "mail.example.org", Port: 587, Security: mail.TLS, User: "ada", Password: "secret"},
		"smtp://mail.example.org:2525/?tls=starttls": {Host: "mail.example.org", Port: 2525, Security: mail.StartTLS},
	}
	for address, want := range good {
		if got, err := mail.ParseSMTP(address); err != nil || got != want {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
	for _, address := range []string{"", "mail.example.org:25", "http://secret@mail.example.org", "smtp://", "smtp://host:0", "smtp://host:99999", "smtp://host?tls=maybe",
		"smtp://host/folder", "smtp://host?timeout=1", "smtp://ada:secret@mail.example.org?tls=none", "smtp://ada:sec%ret@host"} {
		if _, err := mail.ParseSMTP(address); err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sec%ret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestNothingIsSaidToAServerWithoutEncryptionUnlessAllowed(t *testing.T) {
	server := mailtest.Start(t).SMTP()
	server.Security = mail.StartTLS
	_, err := server.Open(t.Context())
	if e := mail.AsError(err); err == nil || e.Phase != mail.Securing || !e.Permanent {
		t.Errorf("%v", err)
	}
}
