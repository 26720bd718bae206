package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// Failed attempts that are free before each further one has to wait, twice as long
// as the one before. Behind one address a whole office may sign in.
const (
	freeAttemptsOfAccount = 5
	freeAttemptsOfAddress = 50
	longestWait           = 15 * time.Minute
)

func accountKey(email string) auth.Hash { return auth.Digest([]byte("account"), []byte(email)) }

func addressKey(c echo.Context) auth.Hash {
	return auth.Digest([]byte("address"), []byte(clientOf(c).String()))
}

// attempt is one try to prove who somebody is. It counts as failed from the start,
// so that a thousand at the same moment are no way round the limit.
type attempt struct{ account, address tally }

// tally is what counts against an account or an address.
type tally struct {
	key      auth.Hash
	free     int    // failures before there is a wait
	failures int    // this one included
	of       string // words for the audit log
}

// beginAttempt refuses what comes too soon after too many that failed.
func (s *Server) beginAttempt(c echo.Context, email string) (attempt, error) {
	try := attempt{account: tally{key: accountKey(email), free: freeAttemptsOfAccount, of: "for one account"},
		address: tally{key: addressKey(c), free: freeAttemptsOfAddress, of: "from one address"}}
	ctx := c.Request().Context()
	for _, n := range []*tally{&try.address, &try.account} {
		failures, rest, err := s.Store.TakeAttempt(ctx, n.key, func(failures int) time.Duration { return penalty(failures - n.free) })
		if err != nil {
			return try, err
		}
		if rest > 0 {
			if try.address.failures > 0 { // was counted, but nothing is tried
				err = s.Store.ReturnAttempt(ctx, try.address.key)
			}
			return try, errors.Join(err, tooManyAttempts(rest))
		}
		n.failures = failures
	}
	return try, nil
}

// attemptFailed leaves the count as it is. That a limit was reached stands in the
// audit log once, without what was typed.
func (s *Server) attemptFailed(c echo.Context, try attempt) error {
	for _, n := range []tally{try.account, try.address} {
		if n.failures != n.free {
			continue
		}
		by := survey.Actor{Name: "nobody signed in", Origin: c.RealIP()}
		if err := s.Store.Record(c.Request().Context(), by, store.Deed{Action: "session.throttle", Object: "sign-in", Detail: counted(n.failures, "failure ", "failures ") + n.of}); err != nil {
			return err
		}
	}
	return nil
}

// attemptRight takes the count back: for the address this attempt, for the account
// all of them.
func (s *Server) attemptRight(c echo.Context, try attempt) error {
	if err := s.Store.ReturnAttempt(c.Request().Context(), try.address.key); err != nil {
		return err
	}
	return s.Store.ForgetFailures(c.Request().Context(), try.account.key)
}

// penalty grows with each failure: 2, 4, 8 seconds, up to a quarter of an hour.
func penalty(over int) time.Duration {
	if over < 0 {
		return 0
	}
	return min(longestWait, 2*time.Second<<min(over, 20))
}

// waitWords says how long somebody has to wait, never too short.
func waitWords(wait time.Duration) string {
	if wait > 2*time.Minute {
		return counted(int((wait+time.Minute-1)/time.Minute), "minute", "minutes")
	}
	return counted(int(max(1, (wait+time.Second-1)/time.Second)), "second", "seconds")
}

func tooManyAttempts(wait time.Duration) error {
	return refused{failure{status: http.StatusTooManyRequests, kind: "too_many", heading: "Too many attempts",
		message: "Signing in failed too often for this account or from this address. Please wait " + waitWords(wait) + ".",
		advice:  []string{"Wait, then try again.", "If you have forgotten your password, ask the administrator of this installation for a new link."}, retryAfter: seconds(wait)}}
}
