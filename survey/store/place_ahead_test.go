package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// openLinks makes open links of the organization of the fieldwork.
func openLinks(t *testing.T, s *store.Store, f storetest.Fieldwork, n int) []auth.Hash {
	t.Helper()
	links, tokens := make([]survey.OpenLink, n), make([]auth.Hash, n)
	for i := range links {
		links[i] = survey.OpenLink{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID}
		tokens[i] = auth.HashToken(fmt.Sprint("door ", i))
	}
	if err := s.CreateOpenLinks(t.Context(), f.Wave.ID, links, tokens); err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestLinksInUseAreReadAnewTogetherBeforeTheyAreTooOld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		tokens := openLinks(t, s, f, 20)
		look := func(i int) *store.Place {
			link, place, err := s.OpenEntrance(t.Context(), tokens[i])
			if err != nil || link.WaveID != f.Wave.ID {
				t.Fatalf("%+v, %v", link, err)
			}
			return place
		}
		first := make([]*store.Place, len(tokens))
		for i := range tokens {
			first[i] = look(i)
		}
		s.AgePlaces(store.AheadAfter)
		aged, used := time.Now(), len(tokens)-1 // the last is not asked for any more
		for i := range used {
			if look(i) != first[i] {
				t.Error("what is young enough was read again by whoever asked")
			}
		}
		for range 3 { // those that were asked for while the first were read come later
			s.AwaitAhead()
			for i := range used {
				look(i)
			}
		}
		s.AwaitAhead()
		if n := s.LinksReadSince(aged); n != used {
			t.Errorf("%d of %d links were read anew, want all but the one that nobody asked for", n, len(tokens))
		}
		if place := look(0); place == first[0] || place.Organization.ID != f.Organization.ID || place.Wave.ID != f.Wave.ID || place.Instrument == nil {
			t.Errorf("%+v", place)
		}
	})
}

func TestALinkThatWasWithdrawnIsNotReadAhead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		tokens := openLinks(t, s, f, 2)
		for _, token := range tokens {
			if _, _, err := s.OpenEntrance(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.WithdrawElsewhere(tokens[0]); err != nil {
			t.Fatal(err)
		}
		s.AgePlaces(store.AheadAfter)
		aged := time.Now()
		for range 3 {
			for _, token := range tokens {
				if _, _, err := s.OpenEntrance(t.Context(), token); err != nil && time.Since(aged) < time.Second/4 {
					t.Fatalf("within the second in which it is believed: %v", err)
				}
			}
			s.AwaitAhead()
		}
		if n := s.LinksReadSince(aged); n != 1 {
			t.Errorf("%d links were read anew, want the other one", n)
		}
		s.AgePlaces(store.PlaceLife)
		_, _, err := s.OpenEntrance(t.Context(), tokens[0])
		wantKind(t, err, survey.Closed)
		if _, _, err := s.OpenEntrance(t.Context(), tokens[1]); err != nil {
			t.Error(err)
		}
	})
}
