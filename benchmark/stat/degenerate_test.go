package stat

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// degenerateTables are the tables that break statistics: answers 1..5 per
// respondent with the organization of each.
func degenerateTables() map[string]struct {
	answers []int8
	org     []int32
} {
	type table = struct {
		answers []int8
		org     []int32
	}
	many := func(n, organizations int, answer func(i int) int8) table {
		var t table
		for i := range n {
			t.answers = append(t.answers, answer(i))
			t.org = append(t.org, int32(i%organizations))
		}
		return t
	}
	return map[string]table{
		"nothing":                   {},
		"one respondent":            many(1, 1, func(int) int8 { return 3 }),
		"one organization":          many(30, 1, func(i int) int8 { return int8(i%5) + 1 }),
		"one respondent each":       many(20, 20, func(i int) int8 { return int8(i%5) + 1 }),
		"all equal":                 many(60, 12, func(int) int8 { return 4 }),
		"all at the top":            many(60, 12, func(int) int8 { return 5 }),
		"all missing":               many(60, 12, func(int) int8 { return Missing }),
		"all don't know":            many(60, 12, func(int) int8 { return -2 }),
		"two organizations":         many(40, 2, func(i int) int8 { return int8(i%5) + 1 }),
		"organizations all of kind": many(60, 12, func(i int) int8 { return int8(i%12%5) + 1 }),
		"one differs":               many(60, 12, func(i int) int8 { return 4 + int8(i/59) }),
		"ordinary":                  many(240, 12, func(i int) int8 { return int8((i*i/7+i%12)%5) + 1 }),
	}
}

// everyEstimator runs all estimators of answers on a table; each result is kept
// under a name.
func everyEstimator(answers []int8, org []int32) (map[string]any, error) {
	summaries, err := AnswerSummaries(answers, org, 5)
	if err != nil {
		return nil, err
	}
	y := Box(answers, 4, 5)
	results := map[string]any{}
	var first error
	keep := func(name string, result any, err error) {
		results[name] = result
		if err != nil && first == nil {
			first = fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, w := range []Weighting{EqualOrganization, EqualRespondent, Capped} {
		share, err := Share(y, org, w, ShareOptions{})
		keep("share "+string(w), share, err)
		logit, err := Share(y, org, w, ShareOptions{Method: LogitTMethod})
		keep("logit share "+string(w), logit, err)
		plain, err := Share(y, org, w, ShareOptions{PlainN: true})
		keep("plain share "+string(w), plain, err)
		mean, err := Mean(summaries, MeanOptions{Weighting: w, Scale: 5})
		keep("mean "+string(w), mean, err)
		weighted, err := WeightedMean(Contribute(summaries, w), nil, 0.95)
		keep("weighted mean "+string(w), weighted, err)
	}
	icc, err := ICC(summaries, 0.95)
	keep("icc", icc, err)
	keep("reml", RandomIntercept(summaries, false), nil)
	keep("ml", RandomIntercept(summaries, true), nil)
	everyContrast(summaries, keep)
	everyScale(answers, org, keep)
	return results, first
}

// everyContrast compares the first third of the organizations with the others.
func everyContrast(summaries []Summary, keep func(string, any, error)) {
	one, two := make([]Summary, len(summaries)), make([]Summary, len(summaries))
	shares1, shares2 := make([]Summary, len(summaries)), make([]Summary, len(summaries))
	for j, s := range summaries {
		x := int64(s.N / 2)
		to, share := two, shares2
		if j < len(summaries)/3 {
			to, share = one, shares1
		}
		to[j], share[j] = s, SummaryFromSums(s.N, x, x)
	}
	contrast, err := ClusterContrast(one, two, 0.95)
	keep("cr2", contrast, err)
	for _, w := range []Weighting{EqualOrganization, EqualRespondent, Capped} {
		weighted, err := WeightedContrast(Contribute(one, w), Contribute(two, w), 0.95)
		keep("weighted contrast "+string(w), weighted, err)
		gap, err := Gap(shares1, shares2, GapOptions{Weighting: w})
		keep("gap "+string(w), gap, err)
		keep("permutation "+string(w), PermutationTest(Contribute(one, w), Contribute(two, w), 1), nil)
	}
	welch, err := Welch(meansOf(one), meansOf(two), 0.95)
	keep("welch", welch, err)
	paired, err := PairedDifferences(meansOf(summaries), 0.95)
	keep("paired", paired, err)
	role, err := RoleGap(shares1, shares2, 0.95)
	keep("role gap", role, err)
	effect, err := StandardizedDifference(pooledSummary(one), pooledSummary(two), 0.95)
	keep("effect", effect, err)
	versus, err := OneVersusBenchmark(1, 3, 1, Contribute(shares2, EqualOrganization), 0.95)
	keep("one against benchmark", versus, err)
}

func everyScale(answers []int8, org []int32, keep func(string, any, error)) {
	columns := [][]int8{answers, answers}
	for _, listwise := range []bool{true, false} {
		counts, err := AgreementCounts(columns, org, 5, listwise)
		keep(fmt.Sprintf("agreement, listwise %v", listwise), AgreementOf(counts), err)
	}
	var column []uint8
	all := make([]int, 5)
	for _, a := range answers {
		column = append(column, uint8(max(a, 0)))
		if a > 0 {
			all[a-1]++
		}
	}
	reliability, err := Reliability([][]uint8{column, column, column}, 0.95)
	keep("reliability", reliability, err)
	random, err := RandomGroupZ(answers, org, 50, 1)
	keep("random groups", random, err)
	cliff, err := CliffDelta(all, []int{1, 0, 0, 0, 2}, 0.95)
	keep("cliff", cliff, err)
	keep("distribution", Spread(all, 4, 2, len(answers), 0), nil)
}

func TestNoDegenerateTableGivesNaNOrPanics(t *testing.T) {
	for name, table := range degenerateTables() {
		results, err := everyEstimator(table.answers, table.org)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for estimator, result := range results {
			checkFinite(t, name+", "+estimator, reflect.ValueOf(result))
			data, err := json.Marshal(result)
			if err != nil {
				t.Errorf("%s, %s: %v", name, estimator, err)
			}
			if text := string(data); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") || strings.Contains(text, ":-0,") {
				t.Errorf("%s, %s: %s", name, estimator, text)
			}
		}
	}
}

// checkFinite walks a result: every float in it has to be finite, every
// interval the right way round, and a list of reasons never nil.
func checkFinite(t *testing.T, where string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Float64:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			t.Errorf("%s is %v", where, v.Float())
		}
	case reflect.Pointer:
		if !v.IsNil() {
			checkFinite(t, where, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkFinite(t, fmt.Sprintf("%s[%d]", where, i), v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Interval]() && v.Field(0).Float() > v.Field(1).Float() {
			t.Errorf("%s = %v..%v is the wrong way round", where, v.Field(0).Float(), v.Field(1).Float())
		}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.Name == "Reasons" && v.Field(i).IsNil() {
				t.Errorf("%s has reasons that would be written as null", where)
			}
			checkFinite(t, where+"."+field.Name, v.Field(i))
		}
	}
}

func TestFieldNamesAreSnakeCase(t *testing.T) {
	table := degenerateTables()["ordinary"]
	results, err := everyEstimator(table.answers, table.org)
	if err != nil {
		t.Fatal(err)
	}
	for name, result := range results {
		checkTags(t, name, reflect.TypeOf(result))
	}
}

func checkTags(t *testing.T, where string, of reflect.Type) {
	t.Helper()
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of == reflect.TypeFor[Number]() || of == reflect.TypeFor[Interval]() {
		return
	}
	for i := range of.NumField() {
		if !of.Field(i).IsExported() {
			continue // is not written
		}
		tag := of.Field(i).Tag.Get("json")
		if tag == "" || tag != strings.ToLower(tag) || strings.Contains(tag, "-") {
			t.Errorf("%s: field %s has the tag %q", where, of.Field(i).Name, tag)
		}
		checkTags(t, where+"."+of.Field(i).Name, of.Field(i).Type)
	}
}

func TestOrderOfOrganizationsChangesNoByte(t *testing.T) {
	shares, scores := manyShares(60), manySummaries(60)
	group := make([]bool, 60)
	for j := range group {
		group[j] = j%5 == 0
	}
	everything := func(order []int) string {
		one, two := make([]Summary, 60), make([]Summary, 60)
		moved, points := make([]Summary, 60), make([]Summary, 60)
		for to, from := range order {
			moved[to], points[to] = shares[from], scores[from]
			if group[from] {
				one[to] = shares[from]
			} else {
				two[to] = shares[from]
			}
		}
		var results []any
		for _, w := range []Weighting{EqualOrganization, EqualRespondent, Capped} {
			share, _ := ClusteredShare(Contribute(moved, w), ShareOptions{})
			mean, _ := Mean(points, MeanOptions{Weighting: w, Scale: 7})
			gap, _ := Gap(one, two, GapOptions{Weighting: w})
			results = append(results, share, mean, gap)
		}
		icc, _ := ICC(points, 0.95)
		model := RandomIntercept(points, false)
		model.Lambda = nil
		data, err := json.Marshal(append(results, icc, model))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	order := make([]int, 60)
	for j := range order {
		order[j] = j
	}
	want := everything(order)
	stream := NewStream(6, "order", 0)
	for range 30 {
		stream.Permute(order)
		if got := everything(order); got != want {
			t.Fatalf("another order of organizations gives\n%s\nnot\n%s", got, want)
		}
	}
}

func TestScaleOfTheWeightsDoesNotMatter(t *testing.T) {
	y, org := someAnswers(600, 20)
	values, weights, scaled := make([]float64, len(y)), make([]float64, len(y)), make([]float64, len(y))
	stream := NewStream(7, "weights", 0)
	for i, v := range y {
		values[i] = float64(v)
		if v < 0 {
			values[i] = math.NaN()
		}
		weights[i] = math.Exp(12*stream.Float64() - 6) // over five orders of magnitude
		scaled[i] = 1e6 * weights[i]
	}
	a, err := ContributeRows(values, weights, org)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := ContributeRows(values, scaled, org)
	want, _ := ClusteredShare(a, ShareOptions{})
	got, err := ClusteredShare(b, ShareOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantNumber(t, "share", got.Share, want.Share.Value, 1e-14)
	wantNumber(t, "n_eff_raw", got.NEffRaw, want.NEffRaw.Value, 1e-10)
	if want.NEffRaw.Value >= float64(want.N) {
		t.Errorf("weights over five orders of magnitude leave %g of %d cases", want.NEffRaw.Value, want.N)
	}
}
