package main

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"path/filepath"

	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/web"
)

// mailFlags say how mail leaves.
type mailFlags struct {
	keyFlags
	SMTP     string `name:"smtp" setting:"SALESBENCH_SMTP" secret:"password" help:"Mail server: smtp://user:password@host:587 (STARTTLS), smtps://... (TLS) or, on this machine, smtp://localhost:25?tls=none. Default: mail is written to files in the folder outbox beside the embedded database, and nothing leaves."`
	MailFrom string `name:"mail-from" setting:"SALESBENCH_MAIL_FROM" help:"Sender of mail, such as \"Research team <research@example.org>\". Needed with --smtp. A study that has a name for its sender comes by that name from this address; without a name here it is the title of the study."`
}

// check says what is wrong with the settings of mail.
func (f mailFlags) check() problems {
	var wrong problems
	if f.SMTP != "" {
		if _, err := mail.ParseSMTP(f.SMTP); err != nil {
			wrong = append(wrong, fmt.Errorf("--smtp: the address %w", err))
		}
		if f.MailFrom == "" {
			wrong = append(wrong, errors.New("--mail-from: is missing; with --smtp mail needs a sender, such as \"Research team <research@example.org>\""))
		}
	}
	if _, err := f.from(); err != nil {
		wrong = append(wrong, err)
	}
	return wrong
}

// from is the sender of mail; into files it may be anybody.
func (f mailFlags) from() (mail.Address, error) {
	if f.MailFrom == "" {
		return mail.Address{Email: "salesbench@localhost"}, nil
	}
	parsed, err := netmail.ParseAddress(f.MailFrom)
	if err != nil {
		return mail.Address{}, fmt.Errorf("--mail-from: %q is not of the form \"Research team <research@example.org>\"", f.MailFrom)
	}
	a := mail.Address{Name: parsed.Name, Email: parsed.Address}
	if err := mail.CheckAddress(a); err != nil {
		return mail.Address{}, fmt.Errorf("--mail-from: %w", err)
	}
	return a, nil
}

// sendsFrom is from, of settings that were checked.
func (f mailFlags) sendsFrom() mail.Address {
	from, _ := f.from()
	return from
}

// outboxIn is the folder of mail where no server is named.
func outboxIn(data string) mail.Folder { return mail.Folder{Path: filepath.Join(data, "outbox")} }

// sender is where mail goes.
func (f mailFlags) sender(data string) mail.Sender {
	if f.SMTP == "" {
		return outboxIn(data)
	}
	server, _ := mail.ParseSMTP(f.SMTP) // checked with the settings
	server.Hello = mail.Domain(f.sendsFrom().Email)
	return server
}

// runner makes what works beside the pages. Without the key of the installation
// the service runs, and mail waits.
func (s *service) runner(ctx context.Context, p *program, f serveFlags) *jobs.Runner {
	o := jobs.Options{Store: s.store, BaseURL: s.base, Log: s.log, Now: p.now, Handlers: map[string]jobs.Handler{
		web.ForgottenJob: func(ctx context.Context, w *jobs.Work) (string, error) { return s.pages.MailForgotten(ctx, w) }}}
	o.From, o.Outbox = f.sendsFrom(), outboxIn(f.Data)
	if err := f.use(ctx, s.store, f.storeFlags); err != nil {
		s.log.Warn("no mail leaves from this process", "reason", err.Error())
		return jobs.New(o)
	}
	o.Sender = f.sender(f.Data)
	s.log.Info("mail", "goes to", o.Sender.Destination())
	return jobs.New(o)
}

// mailBase is what links to choose a password begin with; empty: mail stays here, so
// that pages show such links instead.
func (f mailFlags) mailBase(base string) string {
	if f.SMTP == "" {
		return ""
	}
	return base
}
