package stat

import (
	"math"
	"slices"
	"testing"
)

type anovaOracle struct {
	ICC1N0    float64    `json:"icc1_n0"`
	ICC1MeanN float64    `json:"icc1_mean_n"`
	ICC2      float64    `json:"icc2"`
	ICC1N0CI  [2]float64 `json:"icc1_n0_ci"`
	ICC2CI    [2]float64 `json:"icc2_ci"`
	N0        float64
	MSB, MSW  float64
	F         float64
	PF        float64 `json:"p_f"`
}

type modelOracle struct{ Tau2, Sigma2, LogLik, Mu float64 }

type meanOracle struct {
	Mean, SD, DF float64
	SECR2        float64 `json:"se_cr2"`
	SELinearized float64 `json:"se_linearized"`
}

// clusterSet is one data set of clusters.json with all that R said about it.
type clusterSet struct {
	Name     string
	Item     string
	X        []float64
	Org      []int32
	Table    [][]int
	ANOVA    anovaOracle
	REML, ML modelOracle
	Mean     meanOracle
}

func (s clusterSet) summaries(t *testing.T) []Summary {
	t.Helper()
	if s.Table == nil {
		summaries, err := ValueSummaries(s.X, s.Org)
		if err != nil {
			t.Fatal(err)
		}
		return summaries
	}
	var summaries []Summary
	for _, counts := range s.Table {
		summaries = append(summaries, SummaryFromCounts(counts))
	}
	return summaries
}

func clusterSets(t *testing.T) []clusterSet {
	t.Helper()
	var r struct{ Sets, Turkiye []clusterSet }
	readOracle(t, "clusters", &r)
	for i := range r.Turkiye {
		r.Turkiye[i].Name = "course evaluations " + r.Turkiye[i].Item
	}
	return append(r.Sets, r.Turkiye...)
}

func TestICCAgreesWithMultilevel(t *testing.T) {
	for _, set := range clusterSets(t) {
		got, err := ICC(set.summaries(t), 0.95)
		if err != nil {
			t.Fatal(err)
		}
		o := set.ANOVA
		wantNumber(t, set.Name+" icc1_n0", got.ICC1N0, o.ICC1N0, 1e-9)
		wantNumber(t, set.Name+" icc1_mean_n", got.ICC1MeanN, o.ICC1MeanN, 1e-9)
		wantNumber(t, set.Name+" icc2", got.ICC2, o.ICC2, 1e-9)
		wantInterval(t, set.Name+" icc1_n0_ci", got.ICC1N0CI, o.ICC1N0CI, 1e-9)
		wantInterval(t, set.Name+" icc2_ci", got.ICC2CI, o.ICC2CI, 1e-9)
		wantNumber(t, set.Name+" n0", got.N0, o.N0, 1e-9)
		wantNumber(t, set.Name+" msb", got.MSB, o.MSB, 1e-9)
		wantNumber(t, set.Name+" msw", got.MSW, o.MSW, 1e-9)
		wantNumber(t, set.Name+" f", got.F, o.F, 1e-9)
		wantNumber(t, set.Name+" p_f", got.PF, o.PF, 1e-9)
	}
}

func TestRandomInterceptAgreesWithLmer(t *testing.T) {
	for _, set := range clusterSets(t) {
		for _, ml := range []bool{false, true} {
			want, name := set.REML, set.Name+" REML"
			if ml {
				want, name = set.ML, set.Name+" ML"
			}
			if want.LogLik == 0 {
				continue
			}
			got := RandomIntercept(set.summaries(t), ml)
			wantNumber(t, name+" log likelihood", got.LogLik, want.LogLik, 1e-4)
			if want.Tau2 < 1e-6*want.Sigma2 {
				if !slices.Contains(got.Reasons, BoundaryEstimate) || got.Tau2.Value != 0 {
					t.Errorf("%s: tau2 %v, reasons %v at the boundary", name, got.Tau2, got.Reasons)
				}
				continue
			}
			wantNumber(t, name+" tau2", got.Tau2, want.Tau2, relative(want.Tau2, 1e-3))
			wantNumber(t, name+" sigma2", got.Sigma2, want.Sigma2, relative(want.Sigma2, 1e-3))
			wantNumber(t, name+" mu", got.Mu, want.Mu, relative(want.Mu, 1e-4))
		}
	}
}

func TestMeanAgreesWithClubSandwichAndSurvey(t *testing.T) {
	for _, set := range clusterSets(t) {
		got, err := Mean(set.summaries(t), MeanOptions{Scale: 7})
		if err != nil {
			t.Fatal(err)
		}
		o := set.Mean
		wantNumber(t, set.Name+" mean", got.Mean, o.Mean, 1e-12)
		wantNumber(t, set.Name+" sd", got.SD, o.SD, 1e-9)
		wantNumber(t, set.Name+" se_cr2", got.SECR2, o.SECR2, 1e-9)
		wantNumber(t, set.Name+" df", got.DFCR2, o.DF, 1e-9)
		wantNumber(t, set.Name+" se_linearized", got.SE, o.SELinearized, 1e-9)
		half := TCritical(0.95, o.DF) * o.SECR2
		wantInterval(t, set.Name+" mean_ci", got.CI, [2]float64{o.Mean - half, o.Mean + half}, 1e-9)
		wantNumber(t, set.Name+" index", got.Index, 100*(o.Mean-1)/6, 1e-9)
	}
}

func TestICC2IsSpearmanBrownOfICC1InEqualOrganizations(t *testing.T) {
	for _, set := range clusterSets(t) {
		if set.Name != "equal" {
			continue
		}
		got, _ := ICC(set.summaries(t), 0.95)
		r := got.ICC1N0.Value
		wantNumber(t, "icc2", got.ICC2, 8*r/(1+7*r), 1e-12)
		wantNumber(t, "icc1_mean_n", got.ICC1MeanN, r, 1e-12)
		model := RandomIntercept(set.summaries(t), false)
		wantNumber(t, "REML in balanced data is ANOVA", model.ICC1, r, 1e-6)
		wantNumber(t, "lambda is icc2", model.Lambda[3], got.ICC2.Value, 1e-6)
	}
}

func TestICCAnswersDegenerateTablesWithReasons(t *testing.T) {
	same := func(n int, means ...float64) []Summary {
		var s []Summary
		for _, m := range means {
			s = append(s, Summary{N: n, Mean: m})
		}
		return s
	}
	noisy := same(5, 3, 3, 3, 3)
	for j := range noisy {
		noisy[j].SS = 2
	}
	for _, c := range []struct {
		name      string
		summaries []Summary
		reason    Reason
		model     Reason
	}{
		{"no answers", make([]Summary, 3), NoValidAnswers, NoValidAnswers},
		{"one organization", []Summary{{N: 9, Mean: 3, SS: 4}, {}}, OneOrganization, OneOrganization},
		{"one respondent each", same(1, 3, 4, 5), NoReplication, NoReplication},
		{"all answers equal", same(5, 3, 3, 3), ZeroVariance, ZeroVariance},
		{"nobody differs inside", same(5, 3, 4, 5), ZeroWithinVariance, ZeroWithinVariance},
		{"organizations do not differ", noisy, ZeroBetweenVariance, BoundaryEstimate},
	} {
		got, err := ICC(c.summaries, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(got.Reasons, c.reason) {
			t.Errorf("%s: reasons %v, want %s", c.name, got.Reasons, c.reason)
		}
		if model := RandomIntercept(c.summaries, false); !slices.Contains(model.Reasons, c.model) {
			t.Errorf("%s: model reasons %v, want %s", c.name, model.Reasons, c.model)
		}
	}
	got, _ := ICC(same(5, 3, 4, 5), 0.95)
	wantNumber(t, "icc1 without variance within", got.ICC1N0, 1, 0)
	if got.F.Valid {
		t.Errorf("f = %v without variance within", got.F)
	}
	got, _ = ICC(noisy, 0.95)
	if got.ICC2.Valid || !slices.Contains(got.Reasons, NegativeEstimate) || got.ICC1N0CI != nil {
		t.Errorf("no variance between: icc2 %v, reasons %v, interval %v", got.ICC2, got.Reasons, got.ICC1N0CI)
	}
}

func TestRespondentsNeededForReliability(t *testing.T) {
	for _, c := range []struct{ icc, n float64 }{{0.05, 44}, {0.10, 21}, {0.15, 13}} {
		got := RespondentsNeeded(c.icc, 0.70)
		if math.Abs(got.Value-c.n) > 0.5 {
			t.Errorf("icc %g: %g respondents, want about %g", c.icc, got.Value, c.n)
		}
	}
	if RespondentsNeeded(-0.1, 0.7).Valid || RespondentsNeeded(0, 0.7).Valid {
		t.Error("an icc of 0 can be compensated by respondents")
	}
}

func TestKishDesignEffects(t *testing.T) {
	wantNumber(t, "equal weights", KishWeight([]float64{2, 2, 2, 0}), 1, 1e-15)
	wantNumber(t, "unequal weights", KishWeight([]float64{1, 3}), 2*10.0/16, 1e-15)
	wantNumber(t, "clusters of 11, icc .1", KishCluster([]int{11, 11, 11}, 0.1), 2, 1e-15)
	wantNumber(t, "negative icc", KishCluster([]int{11, 11}, -0.1), 1, 0)
	if KishWeight(nil).Valid || KishCluster(nil, 0.1).Valid {
		t.Error("a design effect of nothing")
	}
}

func TestMeanAnswersDegenerateTablesWithReasons(t *testing.T) {
	for _, c := range []struct {
		name      string
		summaries []Summary
		reason    Reason
	}{
		{"no answers", nil, NoValidAnswers},
		{"one answer", []Summary{{N: 1, Mean: 4}}, OneRespondent},
		{"one organization", []Summary{{N: 9, Mean: 4, SS: 3}}, OneOrganization},
		{"nine organizations", slices.Repeat([]Summary{{N: 9, Mean: 4, SS: 3}}, 9), FewOrganizations},
		{"equal means", slices.Repeat([]Summary{{N: 9, Mean: 4, SS: 3}}, 12), ZeroVariance},
		{"equal answers", slices.Repeat([]Summary{{N: 9, Mean: 4}}, 12), ZeroVariance},
	} {
		got, err := Mean(c.summaries, MeanOptions{Scale: 7})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(got.Reasons, c.reason) || got.CI != nil {
			t.Errorf("%s: reasons %v, interval %v, want %s", c.name, got.Reasons, got.CI, c.reason)
		}
	}
	if _, err := Mean(nil, MeanOptions{Conf: 2}); err == nil {
		t.Error("a confidence of 2 was accepted")
	}
}
