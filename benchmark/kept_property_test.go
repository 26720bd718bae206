package benchmark

import (
	"context"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
)

// drawnResponse is anybody's answers to a small study.
func drawnResponse(t *rapid.T, m made, id int) survey.Response {
	o := m.organizations[rapid.IntRange(0, len(m.organizations)-1).Draw(t, "organization")]
	codes := make([]int, 4)
	for k := range codes {
		codes[k] = rapid.IntRange(0, 7).Draw(t, "answer")
	}
	r := person(m.inst, o.ID, id, rapid.SampledFrom(comparedRoles[:]).Draw(t, "role"), codes...)
	if rapid.IntRange(0, 400).Draw(t, "weighs otherwise") == 0 {
		r.Weight = 2.5
	}
	return r
}

// followedWave is a drawn wave in a panel; one of its organizations has no answers yet.
func followedWave(t *rapid.T, stream uint64, fewest, most int) (made, *panel.Panel) {
	m := randomWave(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "wave"), stream)), rapid.IntRange(fewest, most).Draw(t, "organizations"))
	m.organizations = append(m.organizations, survey.Organization{ID: "late", Key: "o000", Name: "Late", Industry: "i0"})
	p, err := panel.New(m.inst)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Add(m.responses); err != nil {
		t.Fatal(err)
	}
	return m, p
}

// addDrawn adds one drawn answer or many, of people from a number on, and returns the next number.
func addDrawn(t *rapid.T, m made, p *panel.Panel, id int) int {
	batch := make([]survey.Response, rapid.SampledFrom([]int{1, 1, 1, 2, 40}).Draw(t, "responses"))
	for i := range batch {
		batch[i] = drawnResponse(t, m, id)
		id++
	}
	if _, err := p.Add(batch); err != nil {
		t.Fatal(err)
	}
	return id
}

// TestAnySequenceOfSubmissionsGivesTheBytesOfAResultFromScratch lets anything
// happen to a wave: single answers and many, of organizations large and new, and
// looks at any of its results in between.
func TestAnySequenceOfSubmissionsGivesTheBytesOfAResultFromScratch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, p := followedWave(t, 1, 12, 30)
		in, kept, id := m.small(), &Kept{}, len(m.responses)
		in.Wave.MinimumGroup, in.Drawn = 5, NothingDrawn()
		for range rapid.IntRange(2, 8).Draw(t, "editions") {
			id = addDrawn(t, m, p, id)
			compareKept(t, p.Snapshot(), in, kept, rapid.SampledFrom([]string{"wave", "group", "organization"}).Draw(t, "result"))
		}
	})
}

// compareKept makes a result with what is kept and without.
func compareKept(t *rapid.T, snapshot *panel.Snapshot, in Input, kept *Kept, what string) {
	make := func(in Input) string {
		ctx := context.Background()
		var v any
		var err error
		switch what {
		case "wave":
			v, err = Compute(ctx, snapshot, in)
		case "group":
			v, err = ComputeGroup(ctx, snapshot, in, Group{Industries: []string{"i1"}, Role: "manager"})
		default:
			v, err = ComputeOrganization(ctx, snapshot, in, in.Organizations[0].Key)
		}
		return asJSON(t, v, err)
	}
	cold, warm := in, in
	warm.Kept = kept
	cold.Language = snapshot.Instrument().Languages[0] // named, it makes an engine of its own
	sameBytes(t, what, make(warm), make(cold))
}
