package panel

import (
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
)

var stepsMade = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func stepped(t *testing.T) *Steps {
	t.Helper()
	s, err := NewSteps(newPanel(t).Snapshot().Instrument(), 10, stepsMade)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func given(id int, organization string, at time.Time) survey.Response {
	r := response(id, organization, code(1), code(4), code(1), number(1), silent(survey.Skipped))
	r.SubmittedAt = at
	return r
}

// shown is how many responses of each organization are in a snapshot.
func shown(s *Snapshot) map[survey.OrganizationID]int {
	counts := map[survey.OrganizationID]int{}
	for o, id := range s.Organizations() {
		counts[id] = s.Counts(o).Responses
	}
	return counts
}

// TestNoTwoLooksAtAWaveDifferByAHandfulOfAnOrganization compares every look at
// two organizations that fill up with every other, and with the closed wave.
func TestNoTwoLooksAtAWaveDifferByAHandfulOfAnOrganization(t *testing.T) {
	for total := range 64 {
		s := stepped(t)
		looks := []map[survey.OrganizationID]int{shown(s.Snapshot())}
		for i := range total {
			if err := s.Add([]survey.Response{given(2*i, "x", stepsMade), given(2*i+1, []string{"x", "y", "z"}[i%3], stepsMade)}); err != nil {
				t.Fatal(err)
			}
			looks = append(looks, shown(s.Snapshot()))
		}
		if err := s.Release(); err != nil {
			t.Fatal(err)
		}
		looks = append(looks, shown(s.Snapshot()))
		if s.Snapshot().Len() != 2*total {
			t.Fatalf("the closed wave shows %d of %d", s.Snapshot().Len(), 2*total)
		}
		for _, earlier := range looks[:len(looks)-1] {
			for id, n := range looks[len(looks)-1] {
				before := earlier[id]
				if d := n - before; d > 0 && d < 10 && before > 0 {
					t.Fatalf("%d responses: %s went from %d to %d when the wave closed", total, id, before, n)
				}
			}
			for _, later := range looks[:len(looks)-1] {
				for id, n := range later {
					if d := n - earlier[id]; d%10 != 0 {
						t.Fatalf("%s differs by %d between two looks", id, d)
					}
				}
			}
		}
	}
}

func TestStepsDoNotDependOnHowResponsesAreRead(t *testing.T) {
	var all []survey.Response
	for i := range 95 {
		all = append(all, given(i, []string{"x", "y"}[i%7%2], stepsMade))
	}
	whole, single := stepped(t), stepped(t)
	if err := whole.Add(all); err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if err := single.Add(all[i : i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := whole.Snapshot().Edition(), single.Snapshot().Edition(); a != b || a.Count == 0 {
		t.Errorf("editions %v and %v", a, b)
	}
	if whole.Snapshot() != whole.Snapshot() {
		t.Error("two looks at the same step are two snapshots, so nothing can be kept with them")
	}
}

func TestResponsesFromBeforeTheWaveWasMadeComeAtOnceAndAreSettled(t *testing.T) {
	s := stepped(t)
	var batch []survey.Response
	for i := range 13 {
		batch = append(batch, given(i, "x", stepsMade.Add(-time.Hour)))
	}
	for i := range 25 {
		batch = append(batch, given(100+i, "x", stepsMade.Add(time.Hour)))
	}
	if err := s.Add(batch); err != nil {
		t.Fatal(err)
	}
	open := s.Snapshot()
	if open.Len() != 23 || !open.Moving() || !open.Settled(12) || open.Settled(13) {
		t.Errorf("%d rows, moving %v, want 23 of which 13 are settled", open.Len(), open.Moving())
	}
	if err := s.Release(); err != nil {
		t.Fatal(err)
	}
	if closed := s.Snapshot(); closed.Len() != 38 || closed.Moving() || !closed.Settled(37) || !s.Released() {
		t.Errorf("%d rows in the closed wave, moving %v", closed.Len(), closed.Moving())
	}
}

func TestABatchThatDoesNotFitLeavesTheStepsAsTheyWere(t *testing.T) {
	s := stepped(t)
	bad := given(1, "x", stepsMade.Add(-time.Hour))
	bad.Answers = bad.Answers[:1]
	batch := []survey.Response{bad}
	for i := range 20 {
		batch = append(batch, given(10+i, "y", stepsMade))
	}
	if err := s.Add(batch); err == nil {
		t.Fatal("took a response with one answer")
	}
	if err := s.Add(batch[1:]); err != nil || s.Snapshot().Len() != 10 {
		t.Errorf("%d rows after the good ones alone: %v", s.Snapshot().Len(), err)
	}
}
