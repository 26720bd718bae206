// Package web is the only room that knows HTTP: the route table, the pages of
// the respondent's journey and of the results, and one place that turns an error
// into an answer. It keeps nothing that another replica would need.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/wire"
	"github.com/salesbench/salesbench/survey/words"
)

// Limits of one connection and one request. A page of answers is a few
// kilobytes; the largest open answers stay well below the body limit.
const (
	ReadHeaderTimeout = 5 * time.Second
	ReadTimeout       = 30 * time.Second
	WriteTimeout      = 60 * time.Second
	IdleTimeout       = 2 * time.Minute
	MaxHeaderBytes    = 16 << 10
	MaxBodyBytes      = 128 << 10
	MaxUploadBytes    = 32 << 20 // of a file that somebody with an account sends
)

// Options are what a server stands on. Log and Now have defaults.
type Options struct {
	Store          *store.Store
	Intake         Intake
	BaseURL        string         // address that respondents use; empty: taken from each request
	TrustedProxies []netip.Prefix // whose word about the client's address is believed
	Log            *slog.Logger
	Now            func() time.Time
	Ready          func(context.Context) error // says whether requests can be served; nil: always
	OpenResults    bool                        // whoever reaches the service may read results; otherwise by link only
	Version        string                      // of salesbench, named by results
	Pace           Pace                        // of results
	Words          *words.Catalogue            // what pages of respondents say; nil: that of the program
	KioskIdle      time.Duration               // after which a shared tablet goes back to its first page; 3 minutes
	SignIn         *SignInService              // besides passwords; nil: none
	MailBase       string                      // address that links in mails begin with; empty: no mail leaves
	Development    bool                        // shows the page with all parts of the design
	MailFrom       mail.Address                // whom mail comes from
	Outbox         mail.Folder                 // files of mail that this process has written; without a path: none
}

// Intake looks up the links of respondents and keeps what they answer: an
// *intake.Intake, which does so for many at once.
type Intake interface {
	Enter(ctx context.Context, link auth.Hash) (store.Entrance, error)
	Recall(link auth.Hash) (*store.Entrance, bool) // Enter as of a moment ago
	Forget(link auth.Hash)
	StartDraft(ctx context.Context, link auth.Hash, draft survey.Draft) (survey.Draft, error)
	SaveDraft(ctx context.Context, link auth.Hash, draft survey.Draft) (survey.Draft, error)
	Submitted(link auth.Hash, kept store.Kept)
	Submit(ctx context.Context, submission survey.Submission) (survey.Receipt, error) // returns once the answers are durable
	SubmitPacked(ctx context.Context, place *store.Place, submission survey.Submission, form survey.Packed) (survey.Receipt, error)
	Stats() intake.Stats
}

// Server answers all requests.
type Server struct {
	Options
	echo       *echo.Echo
	protection *http.CrossOriginProtection
	results    *resultSource
	metrics    *measures
	draining   atomic.Bool
	lastProbe  atomic.Pointer[string] // what the last probe was told
	guesses    *guesses
	lastResort map[*words.Language][]byte // the page for an error inside the error page
	booklets   booklets
	shelf      *shelf
	sessions   *scs.SessionManager // nil where there is no store
	passwords  chan struct{}       // a place for each that is being hashed
}

// New checks the options and builds the route table.
func New(o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.KioskIdle <= 0 {
		o.KioskIdle = kioskIdle
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Words == nil {
		o.Words = words.Embedded()
	}
	s := &Server{Options: o, booklets: booklets{catalogue: o.Words}, echo: echo.New(), protection: http.NewCrossOriginProtection(),
		guesses: newGuesses(o.Now), shelf: newShelf(shelfLimit), passwords: make(chan struct{}, passwordsAtOnce)}
	if o.Store != nil {
		s.sessions = newSessions(o.Store, strings.HasPrefix(o.BaseURL, "https:"))
	}
	s.results = newResultSource(o)
	s.metrics = newMeasures(s)
	s.results.observe = s.metrics.computed
	if err := s.trustOrigin(); err != nil {
		return nil, err
	}
	if err := s.prepareLastResort(); err != nil {
		return nil, err
	}
	s.echo.HTTPErrorHandler = s.answerError
	s.echo.IPExtractor = ipExtractor(o.TrustedProxies)
	s.echo.SchemeExtractor = schemeExtractor()
	s.echo.Use(s.attend)
	table := s.routes()
	if err := allowed(table); err != nil {
		return nil, err
	}
	s.install(table)
	return s, nil
}

// Committed is the sign that this replica has kept responses: what may be shown of
// them is shown at once.
func (s *Server) Committed(wave survey.WaveID, kept int) { s.results.live.committed(wave, kept) }

// Close ends what the server does beside answering requests.
func (s *Server) Close() {
	s.results.live.close()
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// HTTPServer returns a server for the address with every limit set. The caller
// starts it and shuts it down.
func (s *Server) HTTPServer(address string) *http.Server {
	return &http.Server{
		Addr:              address,
		Handler:           s,
		ReadHeaderTimeout: ReadHeaderTimeout,
		ReadTimeout:       ReadTimeout,
		WriteTimeout:      WriteTimeout,
		IdleTimeout:       IdleTimeout,
		MaxHeaderBytes:    MaxHeaderBytes,
		ConnState:         noteState,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
}

// Quick puts a listener in front of the HTTP server that answers plain requests of
// respondents by itself, and leaves everything else to it. Both have the same
// limits and the same handler.
func (s *Server) Quick(l net.Listener) *wire.Listener {
	return wire.New(l, wire.Options{Handler: s, Takes: ofRespondents, MaxBody: MaxBodyBytes, ReadHeaderTimeout: ReadHeaderTimeout,
		ReadTimeout: ReadTimeout, WriteTimeout: WriteTimeout, IdleTimeout: IdleTimeout, ConnState: noteState,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelError)})
}

// ofRespondents says whether a path is one of the pages of respondents, or of what
// these pages load. None of them asks whether the client is still there.
func ofRespondents(path string) bool {
	return strings.HasPrefix(path, "/r/") || strings.HasPrefix(path, "/o/") || strings.HasPrefix(path, "/static/")
}

// trustOrigin lets forms be posted from the address that respondents use even
// where a proxy changes the Host header on the way.
func (s *Server) trustOrigin() error {
	if s.BaseURL == "" {
		return nil
	}
	u, err := url.Parse(s.BaseURL)
	if err != nil || u.Host == "" {
		return errors.New("web: base url is not an address such as https://survey.example.org")
	}
	return s.protection.AddTrustedOrigin(u.Scheme + "://" + u.Host)
}

// address is the public address of this service, without a slash at its end.
func (s *Server) address(c echo.Context) string {
	if s.BaseURL != "" {
		u, err := url.Parse(s.BaseURL)
		if err == nil {
			return u.Scheme + "://" + u.Host
		}
	}
	return c.Scheme() + "://" + c.Request().Host
}

// ipExtractor believes a forwarded address only from a proxy that was named.
func ipExtractor(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, prefix := range trusted {
		options = append(options, echo.TrustIPRange(ipNet(prefix)))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// schemeExtractor is Echo's own, asked only where somebody on the way has said
// something.
func schemeExtractor() echo.SchemeExtractor {
	ask := echo.ExtractSchemeFromHeaders()
	return func(r *http.Request) string {
		if r.TLS != nil {
			return "https"
		}
		for _, name := range [...]string{"X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Forwarded-Ssl", "X-Url-Scheme"} {
			if len(r.Header[name]) > 0 {
				return ask(r)
			}
		}
		return "http"
	}
}
