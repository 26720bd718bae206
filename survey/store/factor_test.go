package store_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// atOnce does something many times at the same moment and counts how often it succeeds.
func atOnce(times int, do func() error) int64 {
	var all sync.WaitGroup
	var done atomic.Int64
	for range times {
		all.Go(func() {
			if do() == nil {
				done.Add(1)
			}
		})
	}
	all.Wait()
	return done.Load()
}

func TestCodesAndRecoveryCodesCountOnceWhereverTheyAreTyped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ada := must[survey.User](t)(s.CreateUser(t.Context(), shell, survey.User{Email: "ada@example.org", Name: "Ada"}))
		_, err := s.SecondFactorOf(t.Context(), ada.ID)
		wantKind(t, err, survey.NotFound)
		wantKind(t, s.UseFactorStep(t.Context(), ada.ID, 50), survey.Conflict)
		wantKind(t, s.NewRecoveryCodes(t.Context(), shell, store.SecondFactor{UserID: ada.ID}), survey.NotFound)

		first, second := auth.HashToken("first"), auth.HashToken("second")
		factor := store.SecondFactor{UserID: ada.ID, Secret: "GEZDGNBVGY3TQOJQ", Step: 100, Recovery: []auth.Hash{first, second}}
		if err := s.SetSecondFactor(t.Context(), shell, factor, [32]byte{}); err != nil {
			t.Fatal(err)
		}
		wantKind(t, s.SetSecondFactor(t.Context(), shell, factor, [32]byte{}), survey.Conflict)
		kept := must[store.SecondFactor](t)(s.SecondFactorOf(t.Context(), ada.ID))
		if kept.Secret != factor.Secret || kept.Step != 100 || len(kept.Recovery) != 2 {
			t.Errorf("kept as %+v", kept)
		}
		if u := must[survey.User](t)(s.UserByID(t.Context(), ada.ID)); !u.SecondFactor {
			t.Error("the account does not say that codes are asked for")
		}
		wantKind(t, s.UseFactorStep(t.Context(), ada.ID, 100), survey.Conflict)
		if n := atOnce(8, func() error { return s.UseFactorStep(t.Context(), ada.ID, 101) }); n != 1 {
			t.Errorf("one code counted %d times", n)
		}
		wantKind(t, s.UseFactorStep(t.Context(), ada.ID, 99), survey.Conflict)
		if n := atOnce(8, func() error { return s.UseRecoveryCode(t.Context(), shell, ada.ID, first) }); n != 1 {
			t.Errorf("one recovery code counted %d times", n)
		}
		if err := s.NewRecoveryCodes(t.Context(), shell, store.SecondFactor{UserID: ada.ID, Recovery: []auth.Hash{first}}); err != nil {
			t.Fatal(err)
		}
		wantKind(t, s.UseRecoveryCode(t.Context(), shell, ada.ID, second), survey.NotFound)
		if err := s.RemoveSecondFactor(t.Context(), shell, ada.ID); err != nil {
			t.Fatal(err)
		}
		wantKind(t, s.UseRecoveryCode(t.Context(), shell, ada.ID, first), survey.NotFound)
		wantKind(t, s.UseFactorStep(t.Context(), ada.ID, 200), survey.Conflict)
	})
}

func TestTheSecretOfAnAuthenticatorIsSealedWhereThereIsAKey(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		if err := s.UseKey(t.Context(), auth.NewKey()); err != nil {
			t.Fatal(err)
		}
		ada := must[survey.User](t)(s.CreateUser(t.Context(), shell, survey.User{Email: "ada@example.org", Name: "Ada"}))
		if err := s.SetSecondFactor(t.Context(), shell, store.SecondFactor{UserID: ada.ID, Secret: "GEZDGNBVGY3TQOJQ"}, [32]byte{}); err != nil {
			t.Fatal(err)
		}
		if f := must[store.SecondFactor](t)(s.SecondFactorOf(t.Context(), ada.ID)); f.Secret != "GEZDGNBVGY3TQOJQ" {
			t.Errorf("opened as %q", f.Secret)
		}
		config.Serves = false
		other := must[*store.Store](t)(store.Open(t.Context(), config))
		t.Cleanup(func() { _ = other.Close() })
		_, err := other.SecondFactorOf(t.Context(), ada.ID)
		wantKind(t, err, survey.Unavailable)
	})
}

func TestTurningCodesOnEndsOtherSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ada := must[survey.User](t)(s.CreateUser(t.Context(), shell, survey.User{Email: "ada@example.org", Name: "Ada"}))
		keep, end := auth.HashToken("keep"), auth.HashToken("end")
		for _, token := range []auth.Hash{keep, end} {
			if err := s.PutSession(t.Context(), store.Session{TokenHash: token, UserID: ada.ID, Data: []byte("x"), ExpiresAt: storetest.Now.AddDate(0, 0, 1)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.SetSecondFactor(t.Context(), shell, store.SecondFactor{UserID: ada.ID, Secret: "GEZDGNBVGY3TQOJQ"}, keep); err != nil {
			t.Fatal(err)
		}
		must[store.Session](t)(s.SessionByToken(t.Context(), keep))
		_, err := s.SessionByToken(t.Context(), end)
		wantKind(t, err, survey.NotFound)
	})
}
