package stat

import (
	"math"
	"slices"
	"testing"
)

type contrastOracle struct {
	Name       string
	Y, W       []float64
	G, Org     []int32
	Difference float64
	SE         float64
	SECR2      float64 `json:"se_cr2"`
	SECR1      float64 `json:"se_cr1"`
	SECR1S     float64 `json:"se_cr1s"`
	DF, P      float64
}

// split separates the values of the two groups; group 1 is g = 1.
func (o contrastOracle) split() (one, two []float64) {
	for i, g := range o.G {
		a, b := math.NaN(), o.Y[i]
		if g == 1 {
			a, b = b, a
		}
		one, two = append(one, a), append(two, b)
	}
	return one, two
}

func TestClusterContrastAgreesWithClubSandwichAndSandwich(t *testing.T) {
	var r struct{ Contrasts []contrastOracle }
	readOracle(t, "clusters", &r)
	for _, c := range r.Contrasts {
		a, b := c.split()
		one, err := ValueSummaries(a, c.Org)
		if err != nil {
			t.Fatal(err)
		}
		two, _ := ValueSummaries(b, c.Org)
		got, err := ClusterContrast(one, two, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		wantNumber(t, c.Name+" difference", got.Difference, c.Difference, 1e-9)
		wantNumber(t, c.Name+" se_cr2", got.SECR2, c.SECR2, 1e-9)
		wantNumber(t, c.Name+" se_cr1", got.SECR1, c.SECR1, 1e-9)
		wantNumber(t, c.Name+" se_cr1s", got.SECR1S, c.SECR1S, 1e-9)
		wantNumber(t, c.Name+" df", got.DF, c.DF, 1e-9)
		wantNumber(t, c.Name+" p", got.P, c.P, 1e-9)
	}
}

func TestWeightedContrastAgreesWithSvyglm(t *testing.T) {
	var r struct{ Weighted contrastOracle }
	readOracle(t, "clusters", &r)
	a, b := r.Weighted.split()
	one, err := ContributeRows(a, r.Weighted.W, r.Weighted.Org)
	if err != nil {
		t.Fatal(err)
	}
	two, _ := ContributeRows(b, r.Weighted.W, r.Weighted.Org)
	got, err := WeightedContrast(one, two, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "difference", got.Difference, r.Weighted.Difference, 1e-9)
	wantNumber(t, "se", got.SE, r.Weighted.SE, 1e-9)
	if !got.Limited {
		t.Error("nine organizations in a group are not marked limited")
	}
}

func TestWelchAgreesWithR(t *testing.T) {
	var r struct {
		Welch struct {
			A, B         []float64
			SE, DF, T, P float64
			CI           [2]float64
		}
	}
	readOracle(t, "clusters", &r)
	got, err := Welch(r.Welch.A, r.Welch.B, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "se", got.SE, r.Welch.SE, 1e-12)
	wantNumber(t, "df", got.DF, r.Welch.DF, 1e-9)
	wantNumber(t, "t", got.T, r.Welch.T, 1e-9)
	wantNumber(t, "p", got.P, r.Welch.P, 1e-12)
	wantInterval(t, "ci", got.CI, r.Welch.CI, 1e-10)
}

func TestContrastOfAllIsTheContrastOfTheRestTimesItsShare(t *testing.T) {
	var r struct{ Contrasts []contrastOracle }
	readOracle(t, "clusters", &r)
	c := r.Contrasts[0]
	a, b := c.split()
	one, _ := ValueSummaries(a, c.Org)
	two, _ := ValueSummaries(b, c.Org)
	all, _ := ValueSummaries(c.Y, c.Org)
	got, _ := ClusterContrast(one, two, 0.95)
	s := float64(got.N1) / float64(got.N1+got.N2)
	wantClose(t, "WC - All", got.Mean1.Value-pooledSummary(all).Mean, (1-s)*got.Difference.Value, 1e-12)
	back, _ := ClusterContrast(two, one, 0.95)
	wantNumber(t, "groups exchanged", back.Difference, -got.Difference.Value, 1e-15)
	wantNumber(t, "se with groups exchanged", back.SECR2, got.SECR2.Value, 1e-15)
}

func TestContrastsAnswerDegenerateTablesWithReasons(t *testing.T) {
	org := func(mean, ss float64) Summary { return Summary{N: 4, Mean: mean, SS: ss} }
	spread := []Summary{org(0.25, 0.75), org(0.5, 1), org(0.75, 0.75), org(0.5, 1), org(0.25, 0.75), org(0.5, 1)}
	zero, six := make([]Summary, 6), spread
	join := func(a, b []Summary) []Summary { return slices.Concat(a, b) }
	for _, c := range []struct {
		name     string
		one, two []Summary
		reason   Reason
		ci, p    bool
	}{
		{"nothing", nil, nil, NoValidAnswers, false, false},
		{"empty group", zero, six, NoValidAnswers, false, false},
		{"a group inside one organization", join(spread[:1], make([]Summary, 12)), join(zero[:1], join(six, six)), OneOrganization, false, false},
		{"eight organizations", join(spread[:4], make([]Summary, 4)), join(make([]Summary, 4), spread[:4]), FewOrganizations, false, false},
		{"three of twelve", join(spread[:3], make([]Summary, 12)), join(make([]Summary, 3), join(six, six)), SmallTier, true, false},
		{"no variance", join(slices.Repeat([]Summary{org(1, 0)}, 6), zero), join(zero, slices.Repeat([]Summary{org(0, 0)}, 6)), ZeroVariance, false, false},
		{"six against six", join(six, zero), join(zero, six), "", true, true},
	} {
		got, err := ClusterContrast(c.one, c.two, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		weighted, err := WeightedContrast(Contribute(c.one, EqualOrganization), Contribute(c.two, EqualOrganization), 0.95)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []struct {
			name    string
			reasons []Reason
			ci      *Interval
			p       Number
		}{{"cr2", got.Reasons, got.CI, got.P}, {"weighted", weighted.Reasons, weighted.CI, weighted.P}} {
			if c.reason != "" && !slices.Contains(r.reasons, c.reason) || c.reason == "" && len(r.reasons) > 0 {
				t.Errorf("%s, %s: reasons %v, want %q", c.name, r.name, r.reasons, c.reason)
			}
			if (r.ci != nil) != c.ci || r.p.Valid != c.p {
				t.Errorf("%s, %s: interval %v, p %v", c.name, r.name, r.ci, r.p)
			}
		}
	}
	if _, err := ClusterContrast(zero, nil, 0.95); err == nil {
		t.Error("groups of different length were accepted")
	}
	if r, _ := Welch([]float64{1, 1, 1, 1, 1}, []float64{2, 2, 2, 2, 2}, 0.95); r.CI != nil || !slices.Contains(r.Reasons, ZeroVariance) {
		t.Errorf("two constant samples: %v", r)
	}
}
