package store_test

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// source hands out n responses, then the error if there is one.
func source(f storetest.Fieldwork, n int, err error) iter.Seq2[store.ImportedResponse, error] {
	return func(yield func(store.ImportedResponse, error) bool) {
		for i := range n {
			r := f.Submission(i).Response
			if !yield(store.ImportedResponse{Key: fmt.Sprintf("row %d", i+1), Response: &r}, nil) {
				return
			}
		}
		if err != nil {
			yield(store.ImportedResponse{}, err)
		}
	}
}

func TestImportedResponsesJoinTheWaveAllTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{f.Submission(0)}))
		must[survey.Wave](t)(s.CloseWave(t.Context(), f.Wave.ID))
		var heard []int
		n := must[int](t)(s.ImportResponses(t.Context(), f.Wave.ID, source(f, 1234, nil), func(done int) { heard = append(heard, done) }))
		if want := []int{500, 1000, 1234}; n != 1234 || !reflect.DeepEqual(heard, want) {
			t.Errorf("imported %d, progress %v, expected %v", n, heard, want)
		}
		responses := collect(t, s, f.Wave.ID)
		if len(responses) != 1235 || !reflect.DeepEqual(responses[1234].Answers, f.Answers(1233)) {
			t.Errorf("%d responses, the last answers %v", len(responses), responses[len(responses)-1].Answers)
		}
		if e := must[store.Edition](t)(s.CountResponses(t.Context(), f.Wave.ID)); e.Responses != 1235 {
			t.Errorf("edition %+v", e)
		}
	})
}

func TestAnImportThatFailsLeavesNothing(t *testing.T) {
	broken := errors.New("row 3 has no role")
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		_, err := s.ImportResponses(t.Context(), f.Wave.ID, source(f, 1100, broken), nil)
		if err != broken {
			t.Errorf("the error of the source came out as %v", err)
		}
		harmed := func(yield func(store.ImportedResponse, error) bool) {
			for row, err := range source(f, 700, nil) {
				if row.Key == "row 700" {
					row.Response.Answers[0].Code = 1000
				}
				if !yield(row, err) {
					return
				}
			}
		}
		_, err = s.ImportResponses(t.Context(), f.Wave.ID, harmed, nil)
		wantKind(t, err, survey.Invalid)
		if err == nil || !strings.Contains(err.Error(), "response 700:") {
			t.Errorf("the sentence does not name the row: %v", err)
		}
		if n := len(collect(t, s, f.Wave.ID)); n != 0 {
			t.Errorf("%d responses are left", n)
		}
		must[int](t)(s.ImportResponses(t.Context(), f.Wave.ID, source(f, 3, nil), nil))
		_, err = s.ImportResponses(t.Context(), f.Wave.ID, source(f, 3, nil), nil)
		wantKind(t, err, survey.Conflict)
		_, err = s.ImportResponses(t.Context(), "nowhere", source(f, 3, nil), nil)
		wantKind(t, err, survey.NotFound)
		if n := len(collect(t, s, f.Wave.ID)); n != 3 {
			t.Errorf("%d responses, expected 3", n)
		}
	})
}

func aggregates(list ...survey.Aggregate) iter.Seq2[survey.Aggregate, error] {
	return func(yield func(survey.Aggregate, error) bool) {
		for _, a := range list {
			if !yield(a, nil) {
				return
			}
		}
	}
}

func TestAggregatesAreKeptAllOrNone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		good := survey.Aggregate{WaveID: f.Wave.ID, OrganizationID: f.Organization.ID, Measure: "b01", Share: 0.5, N: 12}
		for name, c := range map[string]struct {
			kind survey.ErrorKind
			harm func(*survey.Aggregate)
		}{
			"a share above one": {survey.Invalid, func(a *survey.Aggregate) { a.Share = 1.01 }},
			"no measure":        {survey.Invalid, func(a *survey.Aggregate) { a.Measure = " " }},
			"a negative count":  {survey.Invalid, func(a *survey.Aggregate) { a.N = -1 }},
			"no organization":   {survey.Invalid, func(a *survey.Aggregate) { a.OrganizationID = "acme" }},
			"the same twice":    {survey.Conflict, func(*survey.Aggregate) {}},
		} {
			bad := good
			c.harm(&bad)
			_, err := s.ImportAggregates(t.Context(), f.Wave.ID, aggregates(good, bad), nil)
			if survey.KindOf(err) != c.kind || err == nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		second := good
		second.Measure, second.Share = "b02", 0
		if n := must[int](t)(s.ImportAggregates(t.Context(), f.Wave.ID, aggregates(second, good), nil)); n != 2 {
			t.Errorf("imported %d", n)
		}
		published := survey.Aggregate{WaveID: f.Wave.ID, Measure: "b01", Share: .5}
		if _, err := s.ImportAggregates(t.Context(), f.Wave.ID, aggregates(published, published), nil); survey.KindOf(err) != survey.Conflict {
			t.Errorf("a published share twice: %v", err)
		}
		must[int](t)(s.ImportAggregates(t.Context(), f.Wave.ID, aggregates(published), nil))
		if got := must[map[string]float64](t)(s.PublishedShares(t.Context(), f.Wave.ID)); !reflect.DeepEqual(got, map[string]float64{"b01": .5}) {
			t.Errorf("published shares are %v", got)
		}
		if got := must[[]survey.Aggregate](t)(s.Aggregates(t.Context(), f.Wave.ID)); !reflect.DeepEqual(got, []survey.Aggregate{good, second}) {
			t.Errorf("aggregates are %+v", got)
		}
	})
}
