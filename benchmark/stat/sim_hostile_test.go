package stat

import (
	"fmt"
	"math"
	"testing"
)

// hostileTable is a small table in which everything that can be degenerate
// sometimes is: empty organizations, one respondent, constant or missing items.
type hostileTable struct {
	columns [][]int8
	answers [][]uint8
	org     []int32
	sizes   []int
	numbers []float64
}

func newHostileTable(s *Stream) hostileTable {
	h := hostileTable{sizes: make([]int, s.IntN(15))}
	for j := range h.sizes {
		h.sizes[j] = []int{0, 1, 2, 5, 8}[s.IntN(5)]
		for range h.sizes[j] {
			h.org = append(h.org, int32(j))
		}
	}
	items := 1 + s.IntN(5)
	h.columns, h.answers = make([][]int8, items), make([][]uint8, items)
	for k := range items {
		kind := s.IntN(4)
		for range h.org {
			x := uint8(1 + s.IntN(5))
			switch {
			case kind == 0:
				x = 4
			case kind == 1 || s.IntN(6) == 0:
				x = 0
			}
			y := int8(-1)
			if x > 0 {
				y = int8(indicator(x >= 4))
			}
			h.columns[k], h.answers[k] = append(h.columns[k], y), append(h.answers[k], x)
		}
	}
	constant := s.IntN(3) == 0
	for range h.org {
		v := s.Normal() * math.Pow(10, float64(s.IntN(12)-6))
		if constant {
			v = 3
		}
		if s.IntN(5) == 0 {
			v = math.NaN()
		}
		h.numbers = append(h.numbers, v)
	}
	return h
}

// Whatever the table, an estimate is a number or missing with a reason: never
// NaN, never a panic, never an error.
func TestHostileTablesNeverGiveNaN(t *testing.T) {
	for b := range replicates(40, 2000) {
		h := newHostileTable(NewStream(simulationSeed, "hostile", b))
		check := func(what string, result any, err error) {
			t.Helper()
			if err != nil {
				t.Errorf("table %d: %s: %v", b, what, err)
				return
			}
			wantNoNaN(t, fmt.Sprintf("table %d: %s", b, what), result)
		}
		h.checkOrganizations(t, check)
		h.checkRespondents(check)
		h.checkNumbers(check)
		if t.Failed() {
			return
		}
	}
}

type checker func(what string, result any, err error)

func (h hostileTable) checkOrganizations(t *testing.T, check checker) {
	a, err := PackAgree(h.columns, h.org, nil, len(h.sizes))
	if err != nil {
		t.Fatal(err)
	}
	options := CircularOptions{Key: allItems(len(h.columns)), WorldClass: 3, Splits: 3, Resamples: 5, ResampleSplits: 2}
	index, err := a.Index(options.Key, nil)
	check("index", index, err)
	y, s2 := index.Scores()
	shrunk, err := ShrinkNormal(y, s2, ShrinkOptions{Cuts: []float64{.8, .5, .3}})
	check("shrunk", shrunk, err)
	ranks, err := Ranks(y, s2, RankOptions{Draws: 20})
	check("ranks", ranks, err)
	inputs := make([]TierInput, len(y))
	for j, o := range shrunk.PerOrganization {
		inputs[j] = TierInput{N: 15 + h.sizes[j], Lambda: o.Lambda, PAbove: o.PAbove}
	}
	check("tiers", Classify(inputs), nil)
	check("cuts", MakeTierCuts(y), nil)
	circular, err := Circularity(a, options)
	check("circularity", circular, err)
	for k, c := range a.Counts() {
		fit, err := LogitRandomIntercept(c.Agree, c.Valid)
		check("logit", fit, err)
		if k == 0 {
			shares, err := ShrinkShares(c.Agree, c.Valid, ShrinkOptions{Cuts: []float64{.5}})
			check("shares", shares, err)
		}
	}
	within, shares, n, err := WithinCovariance(h.columns, h.org, len(h.sizes))
	check("within", within, err)
	if within != nil {
		rule, err := TierByRule(RuleInput{Shares: shares, N: n, Within: within, AtLeast: 1, Cut: .5, Draws: 20})
		check("rule", rule, err)
	}
}

func (h hostileTable) checkRespondents(check checker) {
	respondents, err := RespondentGaps(h.columns, 1, .7)
	check("respondent tier", respondents, err)
	plan := QualityPlan{Scale: 5}
	for i := range h.org {
		row := make([]int8, len(h.answers))
		for k, c := range h.answers {
			row[k] = int8(c[i])
		}
		check("quality", plan.Judge(row, nil), nil)
	}
	check("distances", Mahalanobis(h.answers), nil)
	check("synonyms", PsychometricSynonyms(h.answers), nil)
	evenOdd, _, err := EvenOdd(h.answers, [][]int{{0, 0}, {0, 0}, {0, 0}})
	check("even_odd", evenOdd, err)
	classes, err := LatentClasses(h.answers, 2, ClassOptions{Starts: 2})
	check("classes", classes, err)
	styles, err := ResponseStyles(h.answers, make([]bool, len(h.answers)), h.org, 5, 4)
	check("styles", styles, err)
	category := make([]int32, len(h.org))
	for i := range category {
		category[i] = int32(i % 2)
	}
	weights, err := Rake(nil, []Margin{{"half", category, []float64{.9, .1}}}, TrimBounds)
	check("weights", weights, err)
}

func (h hostileTable) checkNumbers(check checker) {
	chosen, perOrganization := make([]bool, len(h.sizes)), make([]float64, len(h.sizes))
	for j := range perOrganization {
		chosen[j], perOrganization[j] = j%3 == 0, math.NaN()
	}
	for i, j := range h.org {
		perOrganization[j] = h.numbers[i]
	}
	kpi, err := CompareKPI(perOrganization, chosen, KPILevel, PermutationOptions{Permutations: 20})
	check("kpi", kpi, err)
	axis, err := KPIAxis([]KPI{{Values: perOrganization, LowerIsBetter: true}, {Values: perOrganization}})
	check("axis", axis, err)
	informant, err := SplitInformant(h.org, h.numbers, h.numbers, 1)
	check("informant", informant, err)
	mirrored := make([]float64, len(h.numbers))
	for i, v := range h.numbers {
		mirrored[len(mirrored)-1-i] = v
	}
	drivers, err := WhatGoesTogether(h.numbers, [][]float64{mirrored}, DriverOptions{Organization: h.org, Replicates: 10})
	check("drivers", drivers, err)
	levels, err := WithinAndBetween(h.numbers, [][]float64{mirrored}, h.org)
	check("levels", levels, err)
	clusters, err := KMeans([][]float64{h.numbers, mirrored}, 2, ClassOptions{Starts: 2})
	check("clusters", clusters, err)
	times := make([]float64, len(h.numbers))
	for i := range times {
		times[i] = float64(i)
	}
	trend, err := MannKendall(times, h.numbers)
	check("trend", trend, err)
	rates, err := ScoreAgainstResponse(perOrganization, perOrganization, .95)
	check("rates", rates, err)
	var cells []WaveCell
	for i, j := range h.org {
		if !math.IsNaN(h.numbers[i]) {
			cells = append(cells, WaveCell{int(j), float64(2020 + i%3), Summary{N: 1, Mean: h.numbers[i]}})
		}
	}
	slope, err := WaveSlope(cells, .95)
	check("slope", slope, err)
}
