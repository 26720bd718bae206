package web

import (
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// some are the ids of n responses of an organization.
func (r *replica) some(organization, n int) []survey.ResponseID {
	var ids []survey.ResponseID
	c := r.cluster
	err := r.store.EachResponse(c.t.Context(), c.Wave.ID, func(response *survey.Response) error {
		if response.OrganizationID == c.organizations[organization].ID && len(ids) < n {
			ids = append(ids, response.ID)
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return ids
}

func (r *replica) exclude(ids ...survey.ResponseID) []survey.Exclusion {
	exclusions := make([]survey.Exclusion, len(ids))
	for i, id := range ids {
		exclusions[i] = survey.Exclusion{ResponseID: id, Reason: survey.Careless}
	}
	made, err := r.store.Exclude(r.cluster.t.Context(), survey.Actor{Name: "ada@example.org"}, r.cluster.Wave.ID, exclusions)
	if err != nil {
		r.cluster.t.Fatal(err)
	}
	return made
}

// TestAnExclusionTakesEffectWhenResultsBecomeFinal follows what readers see on two
// replicas, who must not be able to subtract one look from another.
func TestAnExclusionTakesEffectWhenResultsBecomeFinal(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		c := newCluster(t, config)
		a, b := c.replica(testPace), c.replica(testPace)
		a.submit(0, 35)
		open := a.until("/waves/spring.json", "in steps", people(20))
		a.exclude(a.some(0, 3)...)
		if err := a.server.results.live.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := a.get("/waves/spring.json"); got.body != open.body {
			t.Errorf("an exclusion moved the figures of an open wave to edition %s", got.edition())
		}
		c.now.Store(c.Wave.ClosesAt.Add(1).UnixNano())
		final := a.until("/waves/spring.json", "final without three", people(32))
		if got := b.until("/waves/spring.json", "final without three", people(32)); got.body != final.body {
			t.Error("two replicas show two results")
		}
		if late := a.exclude(a.some(0, 5)[4]); !late[0].Late {
			t.Error("an exclusion of final results is not late")
		}
		for _, r := range []*replica{a, b} {
			if err := r.server.results.live.catchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := r.get("/waves/spring.json"); got.body != final.body {
				t.Errorf("a late exclusion moved figures that people have seen to edition %s", got.edition())
			}
		}
	})
}

func TestAHeldWaveMovesInStepsUntilItsRelease(t *testing.T) {
	c := newCluster(t, storetest.Postgres(t))
	a, b := c.replica(testPace), c.replica(testPace)
	by := survey.Actor{Name: "ada@example.org"}
	if _, err := a.store.HoldWave(t.Context(), by, c.Wave.ID); err != nil {
		t.Fatal(err)
	}
	a.submit(0, 35)
	open := a.until("/waves/spring.json", "in steps", people(20))
	c.now.Store(c.Wave.ClosesAt.Add(time.Minute).UnixNano())
	for _, r := range []*replica{a, b} {
		held := r.until("/waves/spring.json", "still in steps", people(20))
		if held.edition() != open.edition() && r == a {
			t.Errorf("the wave closed and its figures moved from %s to %s", open.edition(), held.edition())
		}
	}
	if made := b.exclude(b.some(0, 4)...); made[0].Late {
		t.Error("an exclusion before the release is late")
	}
	if _, err := b.store.ReleaseWave(t.Context(), by, c.Wave.ID); err != nil {
		t.Fatal(err)
	}
	final := a.until("/waves/spring.json", "final without four", people(31))
	if got := b.until("/waves/spring.json", "final without four", people(31)); got.body != final.body {
		t.Error("two replicas show two results")
	}
}

// TestAnErasedPersonLeavesThePanelsOfAllReplicas asks for results, not for rows: the
// panels in memory are what is looked at.
func TestAnErasedPersonLeavesThePanelsOfAllReplicas(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		c := newCluster(t, config)
		a, b := c.replica(testPace), c.replica(testPace)
		a.submit(0, 35)
		one := c.Submission(9999)
		one.Response.OrganizationID = c.organizations[0].ID
		outcomes, err := a.store.SubmitBatch(t.Context(), []survey.Submission{one})
		if err != nil || outcomes[0].Err != nil {
			t.Fatal(err, outcomes)
		}
		c.now.Store(c.Wave.ClosesAt.Add(1).UnixNano())
		for _, r := range []*replica{a, b} {
			r.until("/waves/spring.json", "final", people(36))
		}
		if _, err := b.store.EraseByReceipt(t.Context(), survey.Actor{Name: "ada@example.org"}, c.Wave.ID, outcomes[0].Receipt.Code); err != nil {
			t.Fatal(err)
		}
		after := a.until("/waves/spring.json", "without the erased one", people(35))
		if got := b.until("/waves/spring.json", "without the erased one", people(35)); got.body != after.body {
			t.Error("two replicas show two results")
		}
	})
}
