package intake_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// lasting is a store that remembers places for the whole test and can have
// look-ups wait after they have read.
type lasting struct {
	*store.Store
	place   *store.Place
	read    chan struct{} // nil: nothing waits
	release chan struct{}
}

func (l *lasting) RememberedPlace(survey.WaveID, survey.OrganizationID) *store.Place { return l.place }

func (l *lasting) PresentPlace(*store.Place) *store.Place { return l.place }

func (l *lasting) Entrances(ctx context.Context, links []auth.Hash) ([]store.Entrance, error) {
	found, err := l.Store.Entrances(ctx, links)
	if l.read != nil {
		l.read <- struct{}{}
		<-l.release
	}
	return found, err
}

// remembering is an intake that remembers for the whole test.
func remembering(t *testing.T, s *store.Store, options intake.Options) (*lasting, *intake.Intake, storetest.Fieldwork) {
	t.Helper()
	f := storetest.OpenWave(t, s)
	place, err := s.Place(t.Context(), f.Wave.ID, f.Organization.ID)
	if err != nil {
		t.Fatal(err)
	}
	k := &lasting{Store: s, place: place}
	if options.Memory == 0 {
		options.Memory = time.Hour
	}
	options.Logger = quiet
	in := intake.New(k, options)
	t.Cleanup(func() { drain(t, in) })
	return k, in, f
}

func recalled(t *testing.T, in *intake.Intake, link auth.Hash, version int) {
	t.Helper()
	e, ok := in.Recall(link)
	if !ok || !e.Started || e.Draft.Version != version || e.Place == nil {
		t.Errorf("recalled %+v %t, want version %d", e, ok, version)
	}
}

func forgotten(t *testing.T, in *intake.Intake, link auth.Hash) {
	t.Helper()
	if e, ok := in.Recall(link); ok {
		t.Errorf("recalled %+v", e)
	}
}

func TestALinkIsRecalledWithWhatWasKeptSince(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		_, in, f := remembering(t, s, intake.Options{})
		invitation, token := f.Invite(t, s, "anna")
		link := auth.HashToken(token)
		forgotten(t, in, link)
		if _, err := in.Enter(t.Context(), link); err != nil {
			t.Fatal(err)
		}
		if e, ok := in.Recall(link); !ok || e.Started || e.Invitation != invitation {
			t.Errorf("before the start: %+v %t", e, ok)
		}
		draft, err := in.StartDraft(t.Context(), link, survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, InvitationID: invitation.ID})
		if err != nil {
			t.Fatal(err)
		}
		recalled(t, in, link, 1)
		draft.Answers = f.Answers(3)
		saved, err := in.SaveDraft(t.Context(), link, draft)
		if err != nil {
			t.Fatal(err)
		}
		recalled(t, in, link, 2)
		if e, _ := in.Recall(link); e.Draft.Answers[0] != saved.Answers[0] || e.Invitation != invitation {
			t.Errorf("after the save: %+v", e)
		}
		if n := in.Stats().Entrances.Rows; n != 1 {
			t.Errorf("%d look-ups", n)
		}
		if _, err := in.SaveDraft(t.Context(), link, draft); survey.KindOf(err) != survey.Conflict {
			t.Errorf("an older tab: %v", err)
		}
		forgotten(t, in, link)
		if _, err := in.Enter(t.Context(), link); err != nil {
			t.Fatal(err)
		}
		recalled(t, in, link, 2)
		submission := f.Submission(3)
		submission.InvitationID, submission.DraftID = invitation.ID, saved.ID
		receipt, err := in.Submit(t.Context(), submission)
		if err != nil {
			t.Fatal(err)
		}
		in.Submitted(link, store.Kept{Receipt: receipt})
		told, ok := in.Recall(link)
		if !ok || !told.Submitted || told.Started || told.Draft.Answers != nil || !told.Invitation.UsedAt.Equal(receipt.SubmittedAt) {
			t.Errorf("after the end: %+v %t", told, ok)
		}
		if now, err := in.Enter(t.Context(), link); err != nil || now.Submitted != told.Submitted || now.Started != told.Started || !now.Invitation.UsedAt.Equal(told.Invitation.UsedAt) {
			t.Errorf("the database says %+v, %v", now, err)
		}
		in.Forget(link)
		forgotten(t, in, link)
	})
}

func TestUnknownLinksAreNotRemembered(t *testing.T) {
	_, in, _ := remembering(t, storetest.Open(t, storetest.SQLite(t)), intake.Options{})
	link := auth.HashToken(auth.NewToken())
	for range 2 {
		if _, err := in.Enter(t.Context(), link); survey.KindOf(err) != survey.NotFound {
			t.Errorf("an unknown link: %v", err)
		}
		forgotten(t, in, link)
	}
}

func TestAnOldMemoryIsNotTold(t *testing.T) {
	_, in, f := remembering(t, storetest.Open(t, storetest.SQLite(t)), intake.Options{Memory: -1})
	link := auth.HashToken(auth.NewToken())
	if _, err := in.StartDraft(t.Context(), link, survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}); err != nil {
		t.Fatal(err)
	}
	forgotten(t, in, link)
}

// TestALateLookUpDoesNotBringBackWhatIsOver has a look-up read, and then wait
// until the draft is saved, or submitted.
func TestALateLookUpDoesNotBringBackWhatIsOver(t *testing.T) {
	for name, over := range map[string]bool{"saved": false, "submitted": true} {
		t.Run(name, func(t *testing.T) {
			k, in, f := remembering(t, storetest.Open(t, storetest.SQLite(t)), intake.Options{})
			link := auth.HashToken(auth.NewToken())
			draft, err := in.StartDraft(t.Context(), link, survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID})
			if err != nil {
				t.Fatal(err)
			}
			k.read, k.release = make(chan struct{}), make(chan struct{})
			var late sync.WaitGroup
			late.Go(func() {
				if e, err := in.Enter(t.Context(), link); err != nil || e.Draft.Version != 1 {
					t.Errorf("the late look-up: %+v, %v", e.Draft, err)
				}
			})
			<-k.read
			if _, err = in.SaveDraft(t.Context(), link, draft); err != nil {
				t.Error(err)
			}
			if over {
				in.Forget(link)
			}
			close(k.release)
			late.Wait()
			if over {
				forgotten(t, in, link)
				return
			}
			recalled(t, in, link, 2)
		})
	}
}

func TestTheMemoryIsBounded(t *testing.T) {
	const most = 128
	_, in, f := remembering(t, storetest.Open(t, storetest.SQLite(t)), intake.Options{Links: most})
	var links []auth.Hash
	var starting sync.WaitGroup
	for n := range 8 * most {
		link := auth.HashToken(strconv.Itoa(n))
		links = append(links, link)
		starting.Go(func() {
			if _, err := in.StartDraft(t.Context(), link, survey.Draft{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}); err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	known := 0
	for _, link := range links {
		if _, ok := in.Recall(link); ok {
			known++
		}
	}
	if known == 0 || known > most {
		t.Errorf("%d links are remembered, want at most %d", known, most)
	}
	last := links[len(links)-1]
	if _, err := in.Enter(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	recalled(t, in, last, 1)
}
