package stat

import (
	"slices"
	"testing"
)

func moments(shares ...float64) Moments {
	var m Moments
	for _, s := range shares {
		m.Add(s)
	}
	return m
}

func TestIndexWithoutRolesIsThePlainMean(t *testing.T) {
	index, err := OrganizationIndex([][]Moments{{moments(.25, .75, .5)}, {moments(1, .5)}, {moments()}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "index", index.PerOrganization[0].Index, .5, 1e-15)
	// MSW by hand: (.125 + .125)/(5 - 2).
	wantNumber(t, "sigma2", index.Sigma2, .25/3, 1e-15)
	wantNumber(t, "variance", index.PerOrganization[1].SamplingVariance, .25/6, 1e-15)
	if index.LeftOut != 1 || !slices.Equal(index.PerOrganization[2].Reasons, []Reason{NoValidAnswers}) {
		t.Errorf("empty organization: %+v", index.PerOrganization[2])
	}
	wantNoNaN(t, "index", index)
}

func TestRoleWeightsStandardizeToTheMix(t *testing.T) {
	mix := []float64{.6, .3, .1}
	cells := [][]Moments{
		{moments(.2, .4), moments(.6, .8, .7, .7), moments(.9, 1)},
		{moments(slices.Repeat([]float64{.5}, 20)...), moments(.9), moments()},
		{moments(), moments(.3, .5), moments(.7)},
	}
	index, err := OrganizationIndex(cells, mix)
	if err != nil {
		t.Fatal(err)
	}
	first := index.PerOrganization[0]
	// a = .6*8/2 = 2.4, .3*8/4 = .6, .1*8/2 = .4: the index is the mix of role means.
	wantNumber(t, "index", first.Index, .6*.3+.3*.7+.1*.95, 1e-12)
	wantNumber(t, "n_star_role", first.NStarRole, 64/(2*2.4*2.4+4*.36+2*.16), 1e-12)
	second := index.PerOrganization[1]
	// executives absent: mix .6/.9 and .3/.9; a = .7 and 7, clipped to 3.
	wantNumber(t, "clipped index", second.Index, (20*.7*.5+3*.9)/(14+3), 1e-12)
	if !slices.Contains(second.Notes, "role_missing") || !second.TierAllowed {
		t.Errorf("without executives: %+v", second)
	}
	if third := index.PerOrganization[2]; third.TierAllowed || !third.Index.Valid {
		t.Errorf("without salespersons: %+v", third)
	}
}

func TestIndexSaysWhyThereIsNoVariance(t *testing.T) {
	alone, _ := OrganizationIndex([][]Moments{{moments(.1)}, {moments(.9)}}, nil)
	if !slices.Equal(alone.Reasons, []Reason{NoReplication}) || alone.Sigma2.Valid {
		t.Errorf("one respondent each: %+v", alone)
	}
	equal, _ := OrganizationIndex([][]Moments{{moments(.1, .1, .1)}, {moments(.7, .7)}}, nil)
	if !slices.Equal(equal.Reasons, []Reason{ZeroWithinVariance}) || equal.Sigma2 != Some(0) {
		t.Errorf("equal within: %+v", equal)
	}
	empty, _ := OrganizationIndex(nil, nil)
	if !slices.Equal(empty.Reasons, []Reason{NoValidAnswers}) {
		t.Errorf("no organization: %+v", empty)
	}
	for _, mix := range [][]float64{{1}, {0, 0}, {1, -1}} {
		if _, err := OrganizationIndex([][]Moments{{{}, {}}}, mix); err == nil {
			t.Errorf("mix %v was accepted", mix)
		}
	}
}

func TestKeyShareFollowsTheHalfRule(t *testing.T) {
	tests := []struct {
		agree, valid, items int
		share               float64
		ok                  bool
	}{{6, 12, 12, .5, true}, {3, 6, 12, .5, true}, {3, 5, 12, 0, false}, {2, 4, 7, .5, true}, {2, 3, 7, 0, false}, {0, 0, 0, 0, false}}
	for _, test := range tests {
		share, ok := KeyShare(test.agree, test.valid, test.items)
		if share != test.share || ok != test.ok {
			t.Errorf("%d of %d of %d: %v %v", test.agree, test.valid, test.items, share, ok)
		}
	}
}
