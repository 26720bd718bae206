package store_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

var shell = survey.Actor{Name: "tester", Origin: "command line"}

func ticket(t *testing.T, s *store.Store, n store.Ticket) auth.Hash {
	t.Helper()
	token := auth.HashToken(auth.NewToken())
	n.ExpiresAt = storetest.Now.Add(time.Hour)
	if err := s.CreateTicket(t.Context(), n, token); err != nil {
		t.Fatal(err)
	}
	return token
}

func TestOneOfManySetUpsMakesTheFirstAdministrator(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var all sync.WaitGroup
		results := make(chan error, 8)
		for i := range 8 {
			token := ticket(t, s, store.Ticket{Purpose: store.SetUp})
			all.Go(func() {
				_, err := s.CreateFirstUser(t.Context(), shell, survey.User{Email: string(rune('a'+i)) + "@example.org", Name: "Ada"}, "hash", token)
				results <- err
			})
		}
		all.Wait()
		close(results)
		made := 0
		for err := range results {
			if err == nil {
				made++
			} else if kind := survey.KindOf(err); kind != survey.Conflict && kind != survey.NotFound {
				t.Errorf("a lost set-up: %v", err)
			}
		}
		users, err := s.Users(t.Context())
		if err != nil || made != 1 || len(users) != 1 || !users[0].Administrator || !users[0].HasPassword {
			t.Errorf("%d set-ups made %+v, %v", made, users, err)
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ada := must[survey.User](t)(s.CreateUser(t.Context(), shell, survey.User{Email: " Ada@Example.org ", Name: "Ada", Administrator: true}))
		if ada.Email != "ada@example.org" {
			t.Errorf("address is kept as %q", ada.Email)
		}
		_, err := s.CreateUser(t.Context(), shell, survey.User{Email: "ADA@example.org", Name: "Another"})
		wantKind(t, err, survey.Conflict)
		_, err = s.CreateUser(t.Context(), shell, survey.User{Email: "not an address", Name: "X"})
		wantKind(t, err, survey.Invalid)

		ada.Administrator = false
		wantKind(t, s.ChangeUser(t.Context(), shell, ada), survey.Conflict)
		ada.Administrator, ada.DisabledAt = true, storetest.Now
		wantKind(t, s.ChangeUser(t.Context(), shell, ada), survey.Conflict)
		must[survey.User](t)(s.CreateUser(t.Context(), shell, survey.User{Email: "bob@example.org", Name: "Bob", Administrator: true}))
		if err := s.ChangeUser(t.Context(), shell, ada); err != nil {
			t.Errorf("with a second administrator: %v", err)
		}
	})
}

func TestATicketCountsOnceAndOnlyTheNewest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ada := must[survey.User](t)(s.CreateUser(t.Context(), shell, survey.User{Email: "ada@example.org", Name: "Ada"}))
		old := ticket(t, s, store.Ticket{Purpose: store.NewPassword, UserID: ada.ID})
		token := ticket(t, s, store.Ticket{Purpose: store.NewPassword, UserID: ada.ID})
		_, err := s.UsePasswordTicket(t.Context(), shell, old, "hash")
		wantKind(t, err, survey.NotFound)
		err = s.PutSession(t.Context(), store.Session{TokenHash: [32]byte{1}, UserID: ada.ID, Data: []byte("x"), ExpiresAt: storetest.Now.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.UsePasswordTicket(t.Context(), shell, token, "hash"); err != nil {
			t.Fatal(err)
		}
		_, err = s.UsePasswordTicket(t.Context(), shell, token, "other")
		wantKind(t, err, survey.NotFound)
		_, err = s.SessionByToken(t.Context(), [32]byte{1})
		wantKind(t, err, survey.NotFound)
		_, hash, err := s.Credentials(t.Context(), "ada@example.org")
		if err != nil || hash != "hash" {
			t.Errorf("password hash %q, %v", hash, err)
		}
	})
}

func TestARoleIsBoundToOrganizationsOfItsStudy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		ada := must[survey.User](t)(s.CreateUser(t.Context(), shell, survey.User{Email: "ada@example.org", Name: "Ada"}))
		put := func(role survey.StaffRole, organizations ...survey.OrganizationID) error {
			return s.PutMembership(t.Context(), shell, survey.Membership{UserID: ada.ID, StudyID: f.Study.ID, Role: role, Organizations: organizations})
		}
		wantKind(t, put("owner"), survey.Invalid)
		wantKind(t, put(survey.Executive), survey.Invalid)
		wantKind(t, put(survey.Viewer, f.Organization.ID), survey.Invalid)
		wantKind(t, put(survey.Executive, survey.OrganizationID(ada.ID)), survey.Invalid)
		for _, err := range []error{put(survey.Executive, f.Organization.ID), put(survey.Researcher), put(survey.Coordinator, f.Organization.ID)} {
			if err != nil {
				t.Error(err)
			}
		}
		members, err := s.Members(t.Context(), f.Study.ID)
		if err != nil || len(members) != 1 || members[0].Role != survey.Coordinator || !members[0].For(f.Organization.ID) {
			t.Errorf("%+v, %v", members, err)
		}
		if err := s.RemoveMembership(t.Context(), shell, ada.ID, f.Study.ID); err != nil {
			t.Error(err)
		}
		wantKind(t, s.RemoveMembership(t.Context(), shell, ada.ID, f.Study.ID), survey.NotFound)
	})
}

func TestAttemptsAreCountedBeforeTheyAreMade(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		now := storetest.Now
		config.Clock = func() time.Time { return now }
		s := storetest.Open(t, config)
		account, address := auth.HashToken("account"), auth.HashToken("address")
		wait := func(failures int) time.Duration {
			if failures < 5 {
				return 0
			}
			return time.Minute
		}
		taken := atOnce(12, func() error {
			if _, rest, err := s.TakeAttempt(t.Context(), account, wait); err != nil || rest > 0 {
				return survey.Errorf(survey.Conflict, "%v, %v", rest, err)
			}
			return nil
		})
		if taken != 5 {
			t.Errorf("%d of 12 attempts at once were allowed, want 5", taken)
		}
		now = now.Add(40 * time.Second)
		if n, rest, err := s.TakeAttempt(t.Context(), account, wait); n != 5 || rest != 20*time.Second || err != nil {
			t.Errorf("after 40 seconds: %d failures, %s to wait, %v", n, rest, err)
		}
		now = now.Add(20 * time.Second)
		if n, rest, err := s.TakeAttempt(t.Context(), account, wait); n != 6 || rest != 0 || err != nil {
			t.Errorf("after a minute: %d failures, %s to wait, %v", n, rest, err)
		}
		for range 2 { // an attempt that was right leaves no trace
			if n, _, err := s.TakeAttempt(t.Context(), address, wait); n != 1 || err != nil {
				t.Errorf("%d failures of another key, %v", n, err)
			}
			if err := s.ReturnAttempt(t.Context(), address); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.ForgetFailures(t.Context(), account); err != nil {
			t.Fatal(err)
		}
		if n, _, err := s.TakeAttempt(t.Context(), account, wait); n != 1 || err != nil {
			t.Errorf("after forgetting: %d failures, %v", n, err)
		}
		now = now.Add(2 * time.Hour)
		if n, _, err := s.TakeAttempt(t.Context(), account, wait); n != 1 || err != nil {
			t.Errorf("two hours later: %d failures, %v", n, err)
		}
	})
}

func TestTheAuditLogIsAChainThatNobodyChanges(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				if err := s.Record(t.Context(), shell, store.Deed{Action: "test.act", Object: "thing"}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		var previous [32]byte
		n := int64(0)
		err := s.AuditChain(t.Context(), func(e survey.AuditEntry) error {
			n++
			if e.Position != n || e.Previous != previous || e.Hash != store.HashAudit(e) {
				t.Errorf("entry %d does not continue the chain: %+v", n, e)
			}
			previous = e.Hash
			return nil
		})
		position, hash, headErr := s.AuditHead(t.Context())
		if err != nil || headErr != nil || n != 12 || position != 12 || hash != previous {
			t.Errorf("%d entries, head %d, %v, %v", n, position, err, headErr)
		}
		for _, change := range []string{"UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log", "DELETE FROM audit_log WHERE position = 12"} {
			if _, err := open(t, config).Exec(change); err == nil || !strings.Contains(err.Error(), "only added to") {
				t.Errorf("%s: %v", change, err)
			}
		}
	})
}
