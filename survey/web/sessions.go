package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// sessionLife is how long a sign-in lasts: a working day.
const sessionLife = 12 * time.Hour

// sessionCookie is the only cookie of somebody with an account.
const sessionCookie = "session"

// What a session remembers.
const (
	sessionUser    = "user"
	sessionOrigin  = "origin"
	sessionAgent   = "agent"
	sessionNotice  = "notice"
	sessionHalf    = "half"    // a sign-in that waits for a code
	sessionService = "service" // a sign-in that goes on at a provider
	sessionFactor  = "factor"  // an authenticator that is being set up
	sessionChosen  = "chosen"  // the address of an account that has just got a password
)

// longestAgent bounds what is kept of a browser's name for itself.
const longestAgent = 200

func newSessions(s *store.Store, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Lifetime = sessionLife
	m.HashTokenInStore = true
	m.Store = sessionStore{s}
	m.Cookie.Name, m.Cookie.HttpOnly, m.Cookie.Secure, m.Cookie.SameSite, m.Cookie.Persist = sessionCookie, true, secure, http.SameSiteLaxMode, false
	return m
}

// sessionStore keeps sessions in the database, beside the account that they belong
// to, so that they can be listed and ended.
type sessionStore struct{ store *store.Store }

func tokenHash(hashed string) (hash [32]byte) {
	// The library has made it: it is well-formed.
	_, _ = base64.RawURLEncoding.Decode(hash[:], []byte(hashed))
	return hash
}

func (k sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	n, err := k.store.SessionByToken(ctx, tokenHash(token))
	if survey.KindOf(err) == survey.NotFound {
		return nil, false, nil
	}
	return n.Data, err == nil, err
}

func (k sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, values, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		return err
	}
	text := func(key string) string { v, _ := values[key].(string); return v }
	return k.store.PutSession(ctx, store.Session{TokenHash: tokenHash(token), UserID: survey.UserID(text(sessionUser)), Data: data,
		Origin: text(sessionOrigin), Agent: text(sessionAgent), ExpiresAt: expiry})
}

func (k sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return k.store.EndSession(ctx, tokenHash(token))
}

// The library asks for these; it calls the ones above.

func (k sessionStore) Find(token string) ([]byte, bool, error) {
	return k.FindCtx(context.Background(), token)
}

func (k sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return k.CommitCtx(context.Background(), token, data, expiry)
}

func (k sessionStore) Delete(token string) error { return k.DeleteCtx(context.Background(), token) }

// session loads what is remembered of this browser into the context of the request.
func (s *Server) session(c echo.Context) (context.Context, error) {
	ctx := c.Request().Context()
	token := ""
	if cookie, err := c.Cookie(sessionCookie); err == nil && len(cookie.Value) == 43 {
		token = cookie.Value
	}
	ctx, err := s.sessions.Load(ctx, token)
	if err != nil {
		return nil, err
	}
	c.SetRequest(c.Request().WithContext(ctx))
	return ctx, nil
}

// keepSession writes what is to be remembered, and the cookie. Before the answer begins.
func (s *Server) keepSession(c echo.Context) error {
	ctx := c.Request().Context()
	token, expiry, err := s.sessions.Commit(ctx)
	if err != nil {
		return err
	}
	s.sessions.WriteSessionCookie(ctx, c.Response(), token, expiry)
	return nil
}

// signedInUser is who is signed in; a zero user: nobody.
func (s *Server) signedInUser(c echo.Context) (survey.User, error) {
	if s.sessions == nil {
		return survey.User{}, nil
	}
	ctx, err := s.session(c)
	if err != nil {
		return survey.User{}, err
	}
	id := s.sessions.GetString(ctx, sessionUser)
	if id == "" {
		return survey.User{}, nil
	}
	user, err := s.Store.UserByID(ctx, survey.UserID(id))
	if survey.KindOf(err) == survey.NotFound || err == nil && !user.DisabledAt.IsZero() {
		return survey.User{}, nil
	}
	return user, err
}

// beginSession signs the user in on this browser, under a new token. How says what
// proved who it is, for the audit log.
func (s *Server) beginSession(c echo.Context, user survey.User, how string) error {
	ctx, err := s.session(c)
	if err != nil {
		return err
	}
	deed := store.Deed{Action: "session.begin", Object: "user " + user.Email, Detail: how}
	if err := s.Store.Record(ctx, staff{user: user}.actor(c), deed); err != nil {
		return err
	}
	if err := s.learnZone(c, user, one(c.Request().PostForm, "zone")); err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	agent := strings.ToValidUTF8(c.Request().UserAgent(), "")
	if len(agent) > longestAgent {
		agent = strings.ToValidUTF8(agent[:longestAgent], "")
	}
	s.sessions.Put(ctx, sessionUser, string(user.ID))
	s.sessions.Put(ctx, sessionOrigin, c.RealIP())
	s.sessions.Put(ctx, sessionAgent, agent)
	return s.keepSession(c)
}

// endSession signs out on this browser.
func (s *Server) endSession(c echo.Context) error {
	ctx, err := s.session(c)
	if err != nil {
		return err
	}
	if err := s.sessions.Destroy(ctx); err != nil {
		return err
	}
	s.sessions.WriteSessionCookie(ctx, c.Response(), "", time.Time{})
	return nil
}

// seeNotice sends the browser on, where it is told what was done.
func (s *Server) seeNotice(c echo.Context, address, notice string) error {
	s.sessions.Put(c.Request().Context(), sessionNotice, notice)
	if err := s.keepSession(c); err != nil {
		return err
	}
	return see(c, address)
}

// takeNotice is what the request before has done, once.
func (s *Server) takeNotice(c echo.Context) string {
	if s.sessions == nil || staffOf(c).user.ID == "" {
		return ""
	}
	notice := s.sessions.PopString(c.Request().Context(), sessionNotice)
	if notice != "" {
		// Being told twice does no harm.
		_ = s.keepSession(c)
	}
	return notice
}

// remember keeps something in the session until it is recalled. What is kept is the
// program's own, so it has a JSON form.
func (s *Server) remember(ctx context.Context, key string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	s.sessions.Put(ctx, key, string(text))
}

// recall reads what was remembered; a zero value where there is nothing.
func recall[T any](ctx context.Context, s *Server, key string) (value T) {
	if text := s.sessions.GetString(ctx, key); text != "" {
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			var none T
			return none // of another release
		}
	}
	return value
}

// sessionHash names the session of this browser in the store.
func (s *Server) sessionHash(c echo.Context) [32]byte {
	return sha256.Sum256([]byte(s.sessions.Token(c.Request().Context())))
}
