package analysis

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// made writes a file with a function that gives the answer of a cell.
func made(organizations, people, items int, answer func(j, i, k int) string) string {
	var file strings.Builder
	file.WriteString("team,y")
	for k := range items {
		fmt.Fprintf(&file, ",q%d", k+1)
	}
	file.WriteByte('\n')
	for j := range organizations {
		for i := range people {
			fmt.Fprintf(&file, "T%02d,%d", j, (i*7+j)%10)
			for k := range items {
				file.WriteString("," + answer(j, i, k))
			}
			file.WriteByte('\n')
		}
	}
	return file.String()
}

func varied(j, i, k int) string { return fmt.Sprint((i*3+j+k*k)%5 + 1) }

func analyze(t *testing.T, file string) *Analysis {
	t.Helper()
	c := plain
	c.Outcome = "y"
	table := read(t, file, c)
	a, err := Analyze(t.Context(), table, Options{Replicates: 20, Splits: 20})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPoorFilesAreAnsweredWithReasons(t *testing.T) {
	for name, tc := range map[string]struct {
		file  string
		wants func(*Analysis) bool
	}{
		"one organization": {made(1, 30, 4, varied), func(a *Analysis) bool {
			return slices.Contains(a.Aggregation.Reasons, stat.OneOrganization) && a.Items[0].ShareCI == nil && strings.Contains(strings.Join(a.Warnings, " "), "one organization only")
		}},
		"one respondent each": {made(12, 1, 4, varied), func(a *Analysis) bool {
			return slices.Contains(a.Aggregation.Reasons, stat.NoReplication) && strings.Contains(strings.Join(a.Warnings, " "), "of one respondent only")
		}},
		"one respondent in all": {made(1, 1, 4, varied), func(a *Analysis) bool { return a.Items[0].Mean.Valid && !a.Scale.Alpha.Valid }},
		"a constant item": {made(12, 10, 4, func(j, i, k int) string {
			if k == 2 {
				return "4"
			}
			return varied(j, i, k)
		}), func(a *Analysis) bool {
			return slices.Equal(a.Scale.NoVariance, []string{"q3"}) && strings.Contains(strings.Join(a.Warnings, " "), "same answer to q3")
		}},
		"all equal":   {made(12, 10, 4, func(int, int, int) string { return "3" }), func(a *Analysis) bool { return !a.Scale.Alpha.Valid && a.Items[0].Mean.Value == 3 }},
		"all missing": {made(12, 10, 4, func(int, int, int) string { return "" }), func(a *Analysis) bool { return a.Items[0].N == 0 && !a.Items[0].Mean.Valid }},
		"one item":    {made(12, 10, 1, varied), func(a *Analysis) bool { return slices.Contains(a.Scale.Reasons, stat.TooFewItems) }},
		"few organizations": {made(5, 20, 4, varied), func(a *Analysis) bool {
			return a.Organizations[0].Tier == nil && slices.Contains(a.Tiers.Reasons, stat.FewOrganizations)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			a := analyze(t, tc.file)
			if !tc.wants(a) {
				t.Errorf("reasons %v, tiers %v, warnings %q", a.Aggregation.Reasons, a.Tiers.Reasons, a.Warnings)
			}
			if _, err := json.Marshal(a); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOrderOfRowsChangesNoByte(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	file := made(20, 20, 5, func(j, i, k int) string { return fmt.Sprint(min(5, max(1, 3+j%3-1+random.IntN(3)-1))) })
	header, rows, _ := strings.Cut(strings.TrimSpace(file), "\n")
	lines := strings.Split(rows, "\n")
	random.Shuffle(len(lines), func(a, b int) { lines[a], lines[b] = lines[b], lines[a] })
	one, err := json.Marshal(analyze(t, file))
	if err != nil {
		t.Fatal(err)
	}
	other, err := json.Marshal(analyze(t, header+"\n"+strings.Join(lines, "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if string(one) != string(other) {
		at := 0
		for at < len(one) && one[at] == other[at] {
			at++
		}
		t.Errorf("bytes differ at %d: %s against %s", at, one[max(0, at-80):min(len(one), at+80)], other[max(0, at-80):min(len(other), at+80)])
	}
}

func TestWeightsOfOneChangeNoShare(t *testing.T) {
	file := strings.ReplaceAll(made(12, 10, 3, varied), "team,y", "team,w")
	unweighted := plain
	weighted := plain
	weighted.Weight = "w"
	lines := strings.Split(strings.TrimSpace(file), "\n")
	for i := range lines[1:] {
		cells := strings.SplitN(lines[i+1], ",", 3)
		lines[i+1] = cells[0] + ",1," + cells[2]
	}
	file = strings.Join(lines, "\n")
	one, err := Analyze(t.Context(), read(t, file, unweighted), Options{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := Analyze(t.Context(), read(t, file, weighted), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for k := range one.Items {
		near(t, "share", other.Items[k].Share, one.Items[k].Share.Value)
		near(t, "se", other.Items[k].SE, one.Items[k].SE.Value)
		near(t, "mean", other.Items[k].Mean, one.Items[k].Mean.Value)
		near(t, "se of the mean", other.Items[k].SEMean, one.Items[k].SEMean.Value)
	}
}
