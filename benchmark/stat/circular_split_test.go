package stat

import (
	"bytes"
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"testing"
)

func packed(t testing.TB, data answers) *AgreeBits {
	t.Helper()
	a, err := PackAgree(data.columns, data.org, nil, len(data.effect))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPackedCountsEqualPlainCounts(t *testing.T) {
	for _, items := range []int{1, 12, 63, 64, 65, 130} {
		data := wave{sizes: []int{0, 1, 7, 300, 5}, items: items, personSD: 1, missing: .2}.simulate(NewStream(1, "pack", items))
		counts := packed(t, data).Counts()
		for k, c := range data.columns {
			want := ItemCounts{make([]int, 5), make([]int, 5)}
			for i, y := range c {
				if y >= 0 {
					want.Valid[data.org[i]]++
					want.Agree[data.org[i]] += int(y)
				}
			}
			if !slices.Equal(counts[k].Agree, want.Agree) || !slices.Equal(counts[k].Valid, want.Valid) {
				t.Fatalf("item %d of %d: %v, want %v", k, items, counts[k], want)
			}
		}
	}
}

func TestHalvesSplitEveryRoleEvenly(t *testing.T) {
	n := 23
	role := make([]uint8, n)
	column := make([]int8, n)
	for i := range role {
		role[i] = uint8(i * i % 4)
		column[i] = int8(i % 2)
	}
	a, err := PackAgree([][]int8{column}, make([]int32, n), role, 1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSplitter(a, CircularOptions{Key: []int{0}})
	if err != nil {
		t.Fatal(err)
	}
	often := make([]int, n)
	for split := range 4000 {
		rows := a.rowsOf(0)
		cut := s.deal(NewStream(1, "deal", split), rows)
		if cut != 11 && cut != 12 {
			t.Fatalf("halves of %d and %d", cut, n-cut)
		}
		sides := map[uint8]int{}
		for place, i := range rows {
			if place < cut {
				sides[a.role[i]]++
				often[i]++
			} else {
				sides[a.role[i]]--
			}
		}
		for r, d := range sides {
			if d < -1 || d > 1 {
				t.Fatalf("role %d is split unevenly by %d", r, d)
			}
		}
		if slices.Sort(rows); !slices.Equal(rows, a.rowsOf(0)) {
			t.Fatal("dealing lost a row")
		}
	}
	for i, c := range often {
		if math.Abs(float64(c)-2000) > 200 {
			t.Errorf("row %d was in half A %d times of 4000", i, c)
		}
	}
}

func TestKthLargestAgreesWithSorting(t *testing.T) {
	s := NewStream(3, "select", 0)
	for n := 1; n < 60; n++ {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(s.IntN(20))
		}
		want := slices.Clone(x)
		slices.Sort(want)
		k := 1 + s.IntN(n)
		if got := kthLargest(x, k); got != want[n-k] {
			t.Fatalf("largest number %d of %v: %v, want %v", k, want, got, want[n-k])
		}
	}
}

func TestCircularityIsTheSameForAnyOrderOfRowsAndCores(t *testing.T) {
	data := wave{sizes: equalSizes(30, 9), items: 14, personSD: 1.5, organizationSD: .5, missing: .05}.simulate(NewStream(5, "order", 0))
	role := make([]uint8, len(data.org))
	for i := range role {
		role[i] = uint8(i % 3)
	}
	options := CircularOptions{Key: allItems(12), Mix: []float64{.6, .3, .1}, WorldClass: 5, Seed: 2, Splits: 30, Resamples: 40}
	encode := func(columns [][]int8, org []int32, role []uint8) []byte {
		a, err := PackAgree(columns, org, role, 30)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Circularity(a, options)
		if err != nil {
			t.Fatal(err)
		}
		wantNoNaN(t, "circularity", c)
		out, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := encode(data.columns, data.org, role)
	order := allItems(len(data.org))
	NewStream(1, "rows", 0).Permute(order)
	columns := make([][]int8, len(data.columns))
	org, mixed := make([]int32, len(order)), make([]uint8, len(order))
	for to, from := range order {
		org[to], mixed[to] = data.org[from], role[from]
	}
	for k := range columns {
		columns[k] = make([]int8, len(order))
		for to, from := range order {
			columns[k][to] = data.columns[k][from]
		}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got := encode(columns, org, mixed); !bytes.Equal(got, want) {
		t.Error("shuffled rows on one core give other bytes")
	}
}

func TestSplitHalfSaysWhyItCanNot(t *testing.T) {
	tests := []struct {
		name   string
		sizes  []int
		top    int
		reason Reason
	}{
		{"nobody", nil, 2, NoValidAnswers},
		{"organizations too small to split", equalSizes(20, 3), 2, NoValidAnswers},
		{"nine organizations", equalSizes(9, 8), 3, FewOrganizations},
		{"two chosen", equalSizes(20, 8), 2, SmallTier},
		{"four chosen", equalSizes(20, 8), 4, SmallTier},
	}
	for _, test := range tests {
		data := wave{sizes: test.sizes, items: 5}.simulate(NewStream(1, "edge", 0))
		got, err := SplitHalf(packed(t, data), CircularOptions{Key: allItems(5), WorldClass: test.top, Splits: 20, Resamples: 50})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(got.Reasons, test.reason) {
			t.Errorf("%s: %v, want %s", test.name, got.Reasons, test.reason)
		}
		if got.Items[0].P.Valid {
			t.Errorf("%s: p %v", test.name, got.Items[0].P)
		}
		wantNoNaN(t, test.name, got)
	}
	all := wave{sizes: equalSizes(12, 6), items: 3}.simulate(NewStream(1, "edge", 1))
	for _, top := range []int{0, 12, 99} {
		got, err := SplitHalf(packed(t, all), CircularOptions{Key: allItems(3), WorldClass: top, Splits: 5, Resamples: 5})
		if err != nil {
			t.Fatal(err)
		}
		if got.Items[1].Gap.Valid || !slices.Contains(got.Items[1].Reasons, NoValidAnswers) {
			t.Errorf("%d of 12 chosen: %+v", top, got.Items[1])
		}
	}
	for k := range all.columns[2] {
		all.columns[2][k] = -1
	}
	got, err := SplitHalf(packed(t, all), CircularOptions{Key: []int{0, 1}, WorldClass: 5, Splits: 5, Resamples: 5})
	if err != nil {
		t.Fatal(err)
	}
	if got.Items[2].Gap.Valid || !got.Items[0].Gap.Valid {
		t.Errorf("an item nobody answered: %+v", got.Items)
	}
	wantNoNaN(t, "item nobody answered", got)
}

func TestPackAgreeRefusesBrokenInput(t *testing.T) {
	tests := []struct {
		columns [][]int8
		org     []int32
		role    []uint8
	}{
		{[][]int8{{1}}, []int32{0, 0}, nil},
		{[][]int8{{1}}, []int32{1}, nil},
		{[][]int8{{1}}, []int32{-1}, nil},
		{[][]int8{{7}}, []int32{0}, nil},
		{[][]int8{{1}}, []int32{0}, []uint8{}},
	}
	for _, test := range tests {
		if _, err := PackAgree(test.columns, test.org, test.role, 1); err == nil {
			t.Errorf("%v in %v was packed", test.columns, test.org)
		}
	}
	a, err := PackAgree([][]int8{{1, 0, 1, 0}}, make([]int32, 4), []uint8{0, 1, 2, 3}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Index([]int{1}, nil); err == nil {
		t.Error("an index over an item that does not exist")
	}
	if _, err := a.Index([]int{0}, []float64{1, 1}); err == nil {
		t.Error("a role outside the mix was counted")
	}
}

func TestOtherRolesCountInGapsButNotInTheIndex(t *testing.T) {
	column := []int8{1, 1, 0, 0}
	a, err := PackAgree([][]int8{column}, make([]int32, 4), []uint8{0, OtherRole, 0, OtherRole}, 1)
	if err != nil {
		t.Fatal(err)
	}
	index, err := a.Index([]int{0}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	if index.N != 2 || a.Counts()[0].Valid[0] != 4 {
		t.Errorf("%d in the index, %d in the gap", index.N, a.Counts()[0].Valid[0])
	}
}

func TestRespondentTierIsCircularToo(t *testing.T) {
	// Four people, three items of 7: by hand.
	columns := [][]int8{{7, 7, 2, 0}, {6, 5, 3, 0}, {6, 6, 7, 5}}
	got, err := RespondentGaps(columns, 6, 6)
	if err != nil {
		t.Fatal(err)
	}
	if got.Count != 2 || got.N != 3 || got.Undefined != 1 {
		t.Errorf("%+v", got)
	}
	wantNumber(t, "in sample", got.InSample[0], 1, 0)
	wantNumber(t, "in sample", got.InSample[2], 0, 0)
	// Without item 0 the means are 6, 5.5 and 5.
	wantNumber(t, "leave item out", got.LeaveItemOut[0], .5, 1e-15)
	wantNoNaN(t, "tier", got)
	none, _ := RespondentGaps(nil, 6, 6)
	if !slices.Equal(none.Reasons, []Reason{TooFewItems}) {
		t.Errorf("no item: %v", none.Reasons)
	}
	empty, _ := RespondentGaps([][]int8{{0, 0}}, 6, 6)
	if !slices.Equal(empty.Reasons, []Reason{NoValidAnswers}) {
		t.Errorf("no answer: %v", empty.Reasons)
	}
	if _, err := RespondentGaps([][]int8{{1}, {}}, 6, 6); err == nil {
		t.Error("columns of different length were accepted")
	}
}

func BenchmarkCircularityHundredOrganizations(b *testing.B) {
	data := wave{sizes: equalSizes(100, 30), items: 42, personSD: 1.5, organizationSD: .5}.simulate(NewStream(1, "benchmark", 0))
	a := packed(b, data)
	for b.Loop() {
		if _, err := Circularity(a, CircularOptions{Key: allItems(12), WorldClass: 10, Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCircularityTenThousandOrganizations(b *testing.B) {
	data := wave{sizes: equalSizes(10000, 30), items: 42, personSD: 1.5, organizationSD: .5}.simulate(NewStream(1, "benchmark", 0))
	a := packed(b, data)
	for b.Loop() {
		if _, err := Circularity(a, CircularOptions{Key: allItems(12), WorldClass: 1000, Seed: 1, Resamples: -1}); err != nil {
			b.Fatal(err)
		}
	}
}
