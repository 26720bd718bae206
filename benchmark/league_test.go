package benchmark

import (
	"context"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
)

// leagueOf makes a league.
func leagueOf(t failer, snapshot *panel.Snapshot, in Input) *League {
	t.Helper()
	l, err := ComputeLeague(context.Background(), snapshot, in)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// sameTiers compares a league with the result of the same responses that is made
// from nothing.
func sameTiers(t failer, l *League, snapshot *panel.Snapshot, in Input) {
	t.Helper()
	in.Kept, in.Drawn = nil, NothingDrawn()
	in.Language = snapshot.Instrument().Languages[0] // named, it makes an engine of its own
	b, err := Compute(context.Background(), snapshot, in)
	if err != nil {
		t.Fatal(err)
	}
	table := l.Table()
	if len(table.Organizations) != len(b.Organizations) || table.Provenance.Edition != b.Provenance.Edition {
		t.Fatal("league of", len(table.Organizations), table.Provenance.Edition, "want", len(b.Organizations), b.Provenance.Edition)
	}
	for i, want := range b.Organizations {
		got, c := table.Organizations[i], want.Classification
		if got.Key != want.Key || got.Name != want.Name || got.Status != want.Status || got.Tier != c.Tier || got.TierP != c.TierP || got.Call != c.Call ||
			got.PWC != c.PWC || got.PHP != c.PHP || got.PAvg != c.PAvg || got.PUnder != c.PUnder || got.Index.Value != c.Index.Value || got.Index.Status != c.Index.Status {
			t.Errorf("%s: %+v\nwant %+v", want.Key, got, c)
		}
	}
	units := 0
	for _, row := range table.Organizations {
		if row.Status != Withheld {
			if key, tier, call := l.Place(units); key != row.Key || tier != row.Tier || call != row.Call {
				t.Errorf("place %d is %s, %s, %s; the table has %s, %s, %s", units, key, tier, call, row.Key, row.Tier, row.Call)
			}
			units++
		}
	}
	if units != l.Len() {
		t.Errorf("%d places, %d organizations are shown", l.Len(), units)
	}
}

// TestAnySequenceOfSubmissionsGivesTheTiersOfAResultFromScratch lets anything happen
// to a wave that is followed: organizations that appear or reach the least number of
// people, many answers at once, a look back, other names, another least number.
func TestAnySequenceOfSubmissionsGivesTheTiersOfAResultFromScratch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, p := followedWave(t, 2, 3, 40)
		in, id := m.small(), len(m.responses)
		in.Wave.MinimumGroup, in.Kept = 5, &Kept{}
		if rapid.Bool().Draw(t, "frozen") {
			in.Criteria.Cuts, in.Criteria.RoleMix = &FrozenCuts{WorldClass: .6, HighPerforming: .5, Average: .2}, []float64{.5, .3, .2}
		}
		first := p.Snapshot()
		for range rapid.IntRange(2, 8).Draw(t, "editions") {
			id = addDrawn(t, m, p, id)
			snapshot := p.Snapshot()
			switch rapid.IntRange(0, 9).Draw(t, "besides") {
			case 0:
				snapshot = first
			case 1:
				in.Organizations = slices.Clone(in.Organizations)
				in.Organizations[0].Name, in.Organizations[1].Key = "Other", "zz"
			case 2:
				in.Wave.MinimumGroup = 12
			case 3:
				warm := in
				warm.Drawn = NothingDrawn()
				if _, err := Compute(context.Background(), snapshot, warm); err != nil {
					t.Fatal(err)
				}
			}
			sameTiers(t, leagueOf(t, snapshot, in), snapshot, in)
		}
	})
}

func TestALargeLeagueIsThatOfAResultFromScratch(t *testing.T) {
	s := shape{1400, func(j int) int { return 4 + j%40 }, survey.Builtin()}.build(t)
	in := s.input
	in.Kept = &Kept{}
	leagueOf(t, s.panel.Snapshot(), in)
	for i := range 40 {
		s.more(t, i*i%len(s.effects))
		l := leagueOf(t, s.panel.Snapshot(), in)
		if i%13 == 0 {
			sameTiers(t, l, s.panel.Snapshot(), in)
		}
	}
	if tiers := tiersIn(leagueOf(t, s.panel.Snapshot(), in)); len(tiers) != 5 {
		t.Errorf("the league has the tiers %v, want all of them", tiers)
	}
}

func tiersIn(l *League) map[Tier]int {
	tiers := map[Tier]int{}
	for j := range l.Len() {
		_, tier, _ := l.Place(j)
		tiers[tier]++
	}
	return tiers
}

func TestALeagueIsTheSameOnAnyNumberOfCores(t *testing.T) {
	s := shape{1200, func(j int) int { return 16 + j%9 }, survey.Builtin()}.build(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := asJSON(t, leagueOf(t, s.panel.Snapshot(), s.input), nil)
	for _, cores := range []int{2, 3, 7} {
		runtime.GOMAXPROCS(cores)
		sameBytes(t, "league", asJSON(t, leagueOf(t, s.panel.Snapshot(), s.input), nil), want)
	}
}

func TestALeagueMovesInStepsWhileItsWaveIsOpen(t *testing.T) {
	m := ordinary(21)
	steps, in, live := m.opened(t, 20)
	in.Kept = &Kept{}
	before, shown := asJSON(t, leagueOf(t, steps.Snapshot(), in), nil), steps.Snapshot().Len()
	for i, r := range live {
		if err := steps.Add([]survey.Response{r}); err != nil {
			t.Fatal(err)
		}
		l := leagueOf(t, steps.Snapshot(), in)
		now, n := asJSON(t, l, nil), steps.Snapshot().Len()
		if (now != before) != (n != shown) || (n-shown)%in.Wave.MinimumGroup != 0 {
			t.Fatalf("after %d responses the league is of %d after %d; another one: %t", i+1, n, shown, now != before)
		}
		if n != shown {
			sameTiers(t, l, steps.Snapshot(), in)
		}
		before, shown = now, n
	}
}

func TestWithoutCriteriaAboutOrganizationsThereIsNoLeague(t *testing.T) {
	m := ordinary(22)
	in := m.input()
	for _, criteria := range []*Criteria{nil, StudyStyleCriteria()} {
		in.Criteria = criteria
		if _, err := ComputeLeague(context.Background(), m.snapshot(t), in); survey.KindOf(err) != survey.NotFound {
			t.Errorf("criteria %v: %v, want not found", criteria, err)
		}
	}
	in.Criteria, in.Organizations = OrganizationCriteria(), in.Organizations[1:]
	if _, err := ComputeLeague(context.Background(), m.snapshot(t), in); err == nil {
		t.Error("responses of an organization that the study does not have vanish")
	}
}
