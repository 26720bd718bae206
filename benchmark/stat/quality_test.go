package stat

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
)

type qualityOracle struct {
	X                        [][]uint8
	Reversed                 []bool
	Longstring, Average, IRV []*float64
	D2, P                    []*float64
	EvenOdd                  []*float64 `json:"even_odd"`
	Pairs                    [][2]int
	Synonyms                 []*float64
}

func (o qualityOracle) columns() [][]uint8 {
	columns := make([][]uint8, len(o.X[0]))
	for k := range columns {
		for _, row := range o.X {
			columns[k] = append(columns[k], row[k])
		}
	}
	return columns
}

func wantMaybe(t *testing.T, what string, row int, got Number, want *float64, tolerance float64) {
	t.Helper()
	if want == nil {
		if got.Valid {
			t.Errorf("row %d: %s = %v, want none", row, what, got.Value)
		}
		return
	}
	wantNumber(t, what, got, *want, tolerance)
}

// R: testdata/r/quality.R: rle, mahalanobis and own lines.
func TestQualityIndicesAgreeWithR(t *testing.T) {
	var oracle qualityOracle
	readOracle(t, "quality", &oracle)
	columns := oracle.columns()
	plan := QualityPlan{Scale: 7, Reversed: oracle.Reversed}
	distances := Mahalanobis(columns)
	scales := [][]int{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 11}, {12, 13, 14, 15}, {16, 17, 18, 19}, {20, 21, 22, 23}}
	evenOdd, _, err := EvenOdd(columns, scales)
	if err != nil {
		t.Fatal(err)
	}
	synonyms := PsychometricSynonyms(columns)
	if !slices.Equal(synonyms.Pairs, oracle.Pairs) {
		t.Errorf("pairs %v, want %v", synonyms.Pairs, oracle.Pairs)
	}
	for i, row := range oracle.X {
		answers := make([]int8, len(row))
		for k, x := range row {
			answers[k] = int8(x)
		}
		got := plan.Judge(answers, nil)
		wantMaybe(t, "longstring", i, got.Longstring, oracle.Longstring[i], 0)
		wantMaybe(t, "average_string", i, got.AverageString, oracle.Average[i], 1e-12)
		wantMaybe(t, "irv", i, got.IRV, oracle.IRV[i], 1e-12)
		wantMaybe(t, "mahalanobis_d2", i, distances.D2[i], oracle.D2[i], 1e-9)
		wantMaybe(t, "p", i, distances.P[i], oracle.P[i], 1e-9)
		wantMaybe(t, "even_odd", i, evenOdd[i], oracle.EvenOdd[i], 1e-9)
		wantMaybe(t, "synonyms", i, synonyms.R[i], oracle.Synonyms[i], 1e-9)
		wantNoNaN(t, "response", got)
	}
	wantNoNaN(t, "distances", distances)
	wantNoNaN(t, "synonyms", synonyms)
}

func TestStraightLinesAreFlagged(t *testing.T) {
	fours := slices.Repeat([]int8{4}, 24)
	tests := []struct {
		name    string
		plan    QualityPlan
		answers []int8
		want    bool
	}{
		{"twenty equal answers", QualityPlan{Scale: 7}, fours[:20], true},
		{"nineteen equal answers and no reversed item", QualityPlan{Scale: 7}, fours[:19], false},
		{"run of exactly half of twenty", QualityPlan{Scale: 7}, append(fours[:10:10], 1, 2, 1, 2, 1, 2, 1, 2, 1, 2), true},
		{"run under half of twenty-one", QualityPlan{Scale: 7}, append(fours[:10:10], 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1), false},
		{"page with a reversed item clicked alike", QualityPlan{Scale: 7, Reversed: []bool{false, true, false, false}, Page: []int{1, 1, 1, 2}}, []int8{7, 1, 7, 3}, true},
		{"same after recoding is not alike", QualityPlan{Scale: 7, Reversed: []bool{false, true, false, false}, Page: []int{1, 1, 1, 2}}, []int8{7, 7, 7, 3}, false},
		{"page without a reversed item", QualityPlan{Scale: 7, Reversed: []bool{false, false, false, true}, Page: []int{1, 1, 1, 2}}, []int8{7, 7, 7, 3}, false},
		{"missing answers do not make a line", QualityPlan{Scale: 7, Reversed: []bool{true, false, false}}, []int8{0, 5, 5}, false},
	}
	for _, test := range tests {
		got := test.plan.Judge(test.answers, nil)
		if flagged := got.Flags&FlagStraightLine != 0; flagged != test.want {
			t.Errorf("%s: %v", test.name, got.Flags.Names())
		}
	}
}

func TestSpeedIsJudgedPerItemAndAgainstTheMedian(t *testing.T) {
	plan := QualityPlan{Scale: 5, Page: []int{3, 3, 3, 4}, MedianSeconds: []float64{30, 10}}
	tests := []struct {
		name              string
		seconds           []float64
		perItem, relative Number
		flags             QualityFlag
		flagged           bool
	}{
		{"normal", []float64{30, 10}, Some(10), Some(1), 0, false},
		{"fast", []float64{3, 1}, Some(1), Some(.1), FlagFast | FlagRelativelyFast, true},
		{"one page not timed", []float64{0, 5}, Some(5), Some(.5), 0, false},
		{"nothing timed", []float64{0, math.NaN()}, Number{}, Number{}, 0, false},
		{"relatively fast", []float64{9, 3}, Some(3), Some(.3), FlagRelativelyFast, false},
	}
	for _, test := range tests {
		got := plan.Judge([]int8{1, 2, 3, 4}, test.seconds)
		if got.SecondsPerItem != test.perItem || math.Abs(got.RelativeSpeed.Value-test.relative.Value) > 1e-12 || got.Flags != test.flags || got.Flagged != test.flagged {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
	medians, err := MedianPageSeconds([][]float64{{10, 0}, {20, 0}, {math.NaN(), 0}})
	if err != nil || medians[0] != 15 || !math.IsNaN(medians[1]) {
		t.Errorf("median seconds %v, %v", medians, err)
	}
	if _, err := MedianPageSeconds([][]float64{{1}, {1, 2}}); err == nil {
		t.Error("rows of different length were accepted")
	}
}

func TestQualityAnswersDegenerateResponsesWithReasons(t *testing.T) {
	plan := QualityPlan{Scale: 7}
	for reason, answers := range map[Reason][]int8{NoValidAnswers: {0, -1}, TooFewItems: {0, 3}} {
		got := plan.Judge(answers, nil)
		if !slices.Equal(got.Reasons, []Reason{reason}) || got.Longstring.Valid || got.IRV.Valid {
			t.Errorf("%v: %+v", answers, got)
		}
		wantNoNaN(t, string(reason), got)
	}
	if got := plan.Judge(nil, []float64{3}); got.Completeness.Valid || got.SecondsPerItem.Valid {
		t.Errorf("no item: %+v", got)
	}
	constant := slices.Repeat([][]uint8{slices.Repeat([]uint8{3}, 30)}, 4)
	if d := Mahalanobis(constant); !slices.Equal(d.Reasons, []Reason{SingularMatrix}) || d.D2[0].Valid {
		t.Errorf("constant items: %v", d.Reasons)
	}
	if d := Mahalanobis([][]uint8{{1, 2}, {2, 1}}); !slices.Equal(d.Reasons, []Reason{TooFewRows}) {
		t.Errorf("two rows: %v", d.Reasons)
	}
	if d := Mahalanobis(nil); !slices.Equal(d.Reasons, []Reason{NoValidAnswers}) {
		t.Errorf("no column: %v", d.Reasons)
	}
	if s := PsychometricSynonyms(constant); !slices.Equal(s.Reasons, []Reason{TooFewItems}) {
		t.Errorf("no pair: %v", s.Reasons)
	}
	if _, reasons, _ := EvenOdd(constant, [][]int{{0, 1}, {2, 3}}); !slices.Equal(reasons, []Reason{TooFewItems}) {
		t.Errorf("two scales: %v", reasons)
	}
	if _, _, err := EvenOdd(constant, [][]int{{0, 9}}); err == nil {
		t.Error("an item that does not exist was accepted")
	}
	for _, bad := range []QualityPlan{{Reversed: []bool{true}}, {Page: []int{1}}, {Page: []int{2, 1}}} {
		if bad.Check(2) == nil {
			t.Errorf("%+v was accepted for two items", bad)
		}
	}
}

func TestFlagsAreWrittenByName(t *testing.T) {
	data, err := json.Marshal(FlagStraightLine | FlagDuplicate)
	if err != nil || string(data) != `["straight_line","duplicate"]` {
		t.Errorf("%s, %v", data, err)
	}
	if data, _ := json.Marshal(QualityFlag(0)); string(data) != `[]` {
		t.Errorf("no flag: %s", data)
	}
}

// Two routes: blocks of items against the comparison of all pairs.
func TestDuplicatesAgreeWithComparingAllPairs(t *testing.T) {
	const rows, items = 300, 33
	s := NewStream(1, "duplicates", 0)
	table := make([][]uint8, rows)
	for i := range table {
		table[i] = make([]uint8, items)
		for k := range table[i] {
			table[i][k] = uint8(s.IntN(6)) // 0 is missing
		}
		if i >= 200 {
			copy(table[i], table[i-200])
			for range s.IntN(8) {
				table[i][s.IntN(items)] = uint8(s.IntN(6))
			}
		}
	}
	table[199] = slices.Repeat([]uint8{4}, items)
	table[198] = table[199]
	columns := make([][]uint8, items)
	for k := range columns {
		for i := range table {
			columns[k] = append(columns[k], table[i][k])
		}
	}
	got := Duplicates(columns)
	found := 0
	for i := range table {
		want := false
		for j := range table {
			want = want || i != j && !monotonous(table[i]) && !monotonous(table[j]) && alike(table[i], table[j])
		}
		if got[i] != want {
			t.Errorf("row %d: %v, want %v", i, got[i], want)
		}
		if want {
			found++
		}
	}
	if found < 50 || got[199] {
		t.Errorf("%d duplicates found, straight line marked: %v", found, got[199])
	}
	if Duplicates(nil) != nil || slices.Contains(Duplicates(columns[:19]), true) {
		t.Error("duplicates below twenty items")
	}
}
