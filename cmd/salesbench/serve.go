package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/web"
	"github.com/salesbench/salesbench/survey/wire"
)

// patience is how long requests and submissions that are under way may take once the
// service was told to end.
const patience = 20 * time.Second

// serveCommand is the real thing.
type serveCommand struct {
	serveFlags
}

// Help is the manual page.
func (serveCommand) Help() string {
	return `Serves the questionnaire to respondents and results to whoever may read them, until Ctrl-C or a termination signal; requests and submissions that are under way are finished.

Without --database everything is kept in the SQLite file salesbench.db in the --data folder: right for one machine. With --database postgres://... any number of replicas may serve the same database; they share nothing else.

Waves, organizations and links are made with "salesbench wave" and "salesbench invite", on the same --data or --database, also while the service runs.

Behind a proxy set --base-url to the address that respondents type and --trusted-proxies to the addresses of the proxy. GET /healthz answers 200 while the process serves. GET /readyz answers 200 when requests should be sent here, else 503 with the reasons as JSON: the database does not answer, the responses of the waves with results are still being read or their first figures computed, or the process is ending.

A termination signal ends it without a failed request behind a balancer: /readyz answers 503 first, requests are served for --drain-wait longer, then those under way and the submissions that wait are finished.

Mail is written to files in the folder outbox of --data until --smtp names a mail server. A message that was perhaps sent when a process died is never sent again by itself: "salesbench mail uncertain" shows it. Links in mails are made from the key in installation.key, which is not in the database: keep a copy of it, and give every replica the same one.

People sign in at a provider of identities as well with --oidc-issuer, --oidc-client-id and the secret in SALESBENCH_OIDC_CLIENT_SECRET. At the provider the address to come back to is BASE-URL/sign-in/service/back. Who signs in there for the first time gets the account with the same address, if the provider has verified it, and keeps it when the address changes.

With --admin 127.0.0.1:9090 there are /metrics for Prometheus and /debug/pprof on a listener of their own.

The log never holds answers, names, addresses or tokens.`
}

// Run serves until the context ends.
func (c *serveCommand) Run(ctx context.Context, p *program) error {
	if err := c.check().orNil(); err != nil {
		return err
	}
	s, err := openService(ctx, p, c.serveFlags)
	if err != nil {
		return err
	}
	line, err := s.setUpLink(ctx, p)
	if err != nil {
		s.abandon()
		return err
	}
	fmt.Fprintf(p.Out, "salesbench %s serves %s on %s (%s)\n%s", version, s.base, c.Listen, s.store.Database(), line)
	if s.admin != nil {
		fmt.Fprintf(p.Out, "metrics and profiles are on http://%s\n", s.admin.listener.Addr())
	}
	return s.run(ctx)
}

// longestDrain bounds how long a process that was told to end goes on.
const longestDrain = 5 * time.Minute

// service is a running salesbench.
type service struct {
	store    *store.Store
	intake   *intake.Intake
	jobs     *jobs.Runner
	pages    *web.Server
	server   *http.Server
	listener net.Listener
	quick    *wire.Listener // the same, once the service is put together
	admin    *adminListener
	log      *slog.Logger
	lines    *logBuffer
	drain    time.Duration
	base     string // address to show to people
}

// openService takes the address first: a port that is in use must not cost a look
// into the database.
func openService(ctx context.Context, p *program, f serveFlags) (*service, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", f.Listen)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w; choose another address or port", err)
	}
	s := &service{listener: listener, drain: f.DrainWait, base: f.BaseURL}
	s.log, s.lines = f.logger(p)
	if s.admin, err = openAdmin(ctx, f.Admin); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	if s.base == "" {
		s.base = "http://" + reachable(listener.Addr())
	}
	if err := s.assemble(ctx, p, f); err != nil {
		return nil, errors.Join(err, listener.Close(), s.admin.close(), s.lines.Flush())
	}
	return s, nil
}

// assemble puts store, intake and pages together.
func (s *service) assemble(ctx context.Context, p *program, f serveFlags) error {
	if f.Database == "" {
		if err := f.folder(); err != nil {
			return err
		}
	}
	config := f.config(p, s.log)
	config.Migrate, config.Serves = f.Migrate, true
	var err error
	if s.store, err = store.Open(ctx, config); err != nil {
		return err
	}
	s.intake = intake.New(s.store, intake.Options{Logger: s.log})
	s.jobs = s.runner(ctx, p, f)
	proxies, _ := parseProxies(f.TrustedProxies) // checked with the settings
	signIn, err := f.OpenID.signIn(p)
	if err == nil {
		s.pages, err = web.New(web.Options{
			Store: s.store, Intake: s.intake, BaseURL: f.BaseURL, TrustedProxies: proxies, Log: s.log, Now: p.now,
			Ready: s.store.Ping, OpenResults: f.Results == "open", Version: version, SignIn: signIn, MailBase: f.mailBase(s.base), Development: f.Development, MailFrom: f.sendsFrom(), Outbox: outboxIn(f.Data),
		})
	}
	if err != nil {
		return errors.Join(err, s.intake.Drain(ctx), s.store.Close())
	}
	s.intake.OnCommitted(s.pages.Committed)
	s.server = s.pages.HTTPServer(f.Listen)
	s.quick = s.pages.Quick(s.pages.LimitConnections(s.listener))
	s.listener = s.quick
	return nil
}

// run serves until the context ends, then finishes what is under way: requests first,
// because some of them wait for the intake, then the intake, then the database.
func (s *service) run(ctx context.Context) error {
	failed := make(chan error, 1)
	paceGarbage()
	s.pages.WarmUp() // no probe is told that all is ready before it
	go func() { failed <- s.server.Serve(s.listener) }()
	s.admin.serve(s.pages)
	s.jobs.Start()
	s.log.Info("serving", "database", s.store.Database())
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		s.leave(ctx)
	}
	return errors.Join(err, s.end())
}

// leave goes on serving for a while after a termination signal, with the probes
// saying that this process is ending.
func (s *service) leave(ctx context.Context) {
	s.pages.Drain()
	if !errors.Is(context.Cause(ctx), errTerminated) {
		s.log.Info("ending: finishing what is under way")
		return
	}
	s.log.Info("ending: serving a little longer, so that a balancer takes this process out", "wait", s.drain)
	timer := time.NewTimer(s.drain)
	defer timer.Stop()
	<-timer.C
}

func (s *service) end() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests were cut off: %w", err), s.server.Close())
	}
	if e := s.quick.Drain(ctx); e != nil {
		err = errors.Join(err, fmt.Errorf("requests were cut off: %w", e))
	}
	err = errors.Join(err, s.intake.Drain(ctx))
	if e := s.jobs.Drain(ctx); e != nil {
		err = errors.Join(err, fmt.Errorf("work was broken off, another process takes it up: %w", e))
	}
	s.pages.Close()
	return errors.Join(err, s.store.Close(), s.admin.close(), s.lines.Flush())
}

// abandon gives up a service that never served.
func (s *service) abandon() {
	_ = s.listener.Close() // the error that led here is the one worth telling
	_ = s.end()
}

// reachable is an address of this machine that a browser can open.
func reachable(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok {
		return address.String()
	}
	if tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return tcp.String()
}

// parseProxies reads a list of addresses or networks.
func parseProxies(list string) ([]netip.Prefix, error) {
	var proxies []netip.Prefix
	for entry := range strings.SplitSeq(list, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		if address, err := netip.ParseAddr(entry); err == nil {
			proxies = append(proxies, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(entry)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies: %q is neither an address nor a network such as 10.0.0.0/8", entry)
		}
		proxies = append(proxies, prefix)
	}
	return proxies, nil
}
