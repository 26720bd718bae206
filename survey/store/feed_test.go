package store_test

import (
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestThePositionsOfManyWavesComeByOneStatement(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		other := f.Wave
		other.ID, other.Key = "", "autumn"
		other, err := s.PutWave(t.Context(), other)
		if err != nil {
			t.Fatal(err)
		}
		keep(t, s, f, 3)
		nowhere := survey.WaveID("00000000-0000-7000-8000-000000000000")
		got, err := s.Standings(t.Context(), []survey.WaveID{f.Wave.ID, other.ID, nowhere})
		if err != nil || len(got) != 2 || got[f.Wave.ID].Position != 3 || got[other.ID].Position != 0 {
			t.Errorf("%v, %v; want 3 and 0, and nothing of a wave that does not exist", got, err)
		}
		if got, err := s.Standings(t.Context(), nil); err != nil || len(got) != 0 {
			t.Errorf("of no waves: %v, %v", got, err)
		}
	})
}

func TestADigestNamesTheResponsesUpToAPosition(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		keep(t, s, f, 5)
		var first, all store.Digest
		n := 0
		err := s.EachResponse(t.Context(), f.Wave.ID, func(r *survey.Response) error {
			id, _ := survey.ParseUID(string(r.ID))
			if n++; n <= 3 {
				first.Add(id)
			}
			all.Add(id)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for upTo, want := range map[int64]store.Digest{0: {}, 3: first, 5: all, 9: all} {
			if got, err := s.DigestResponses(t.Context(), f.Wave.ID, upTo); err != nil || got != want {
				t.Errorf("up to %d: %+v, %v; want %+v", upTo, got, err, want)
			}
		}
		if first.Sum == all.Sum || first == (store.Digest{}) {
			t.Error("the digest does not tell three responses from five")
		}
		_, err = s.DigestResponses(t.Context(), "nowhere", 3)
		if survey.KindOf(err) != survey.NotFound {
			t.Errorf("of no wave: %v, want not found", err)
		}
	})
}

// keep submits n responses.
func keep(t *testing.T, s *store.Store, f storetest.Fieldwork, n int) {
	t.Helper()
	for i := range n {
		if _, err := s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(i)}); err != nil {
			t.Fatal(err)
		}
	}
}
