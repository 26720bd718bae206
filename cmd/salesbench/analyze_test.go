package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// answersFile writes answers of people in twenty organizations that differ.
func answersFile(t *testing.T) string {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 7))
	var file strings.Builder
	file.WriteString("firm,role,sales,q1,q2,q3,q4\n")
	for firm := range 20 {
		level := random.NormFloat64()
		for range 20 {
			person := level + random.NormFloat64()
			role := []string{"salesperson", "manager"}[random.IntN(2)]
			fmt.Fprintf(&file, "Firm %02d,%s,%.1f", firm, role, 100+5*person+3*random.NormFloat64())
			for range 4 {
				answer := max(1, min(7, int(math.Round(4.5+person+random.NormFloat64()))))
				fmt.Fprintf(&file, ",%d", answer)
			}
			file.WriteByte('\n')
		}
	}
	path := filepath.Join(t.TempDir(), "answers.csv")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnalyzePrintsTheSameAsTextAndJSON(t *testing.T) {
	args := []string{"analyze", answersFile(t), "--group", "firm", "--items", "q*", "--scale", "1:7", "--role", "role", "--outcome", "sales", "--replicates", "100"}
	text := command(t, nil, args...)
	for _, want := range []string{"400 respondents in 20 organizations", "agreement is 6-7 of 7", "Goes together with sales", "no figure here shows a cause", "Firm 07"} {
		if !strings.Contains(text.out, want) {
			t.Errorf("the text does not say %q", want)
		}
	}
	var result struct {
		Sample struct{ N, Organizations int }
		Items  []map[string]any
		Gaps   struct {
			Items []map[string]any
		}
	}
	again := command(t, nil, append(args, "--json")...)
	if err := json.Unmarshal([]byte(again.out), &result); err != nil {
		t.Fatal(err)
	}
	if result.Sample.N != 400 || result.Sample.Organizations != 20 || len(result.Items) != 4 {
		t.Errorf("sample %+v, %d items", result.Sample, len(result.Items))
	}
	for _, field := range []string{"top2_share", "top2_share_ci", "deff_replace", "n_eff", "icc1_n0", "mean_ci"} {
		if result.Items[0][field] == nil {
			t.Errorf("items have no %s", field)
		}
	}
	if result.Gaps.Items[0]["split_half_points"] == nil {
		t.Error("gaps have no split_half_points")
	}
	if third := command(t, nil, append(args, "--json")...); third.out != again.out {
		t.Error("the same file gave other bytes")
	}
}

func TestAnalyzeRefusesInWords(t *testing.T) {
	file := answersFile(t)
	for name, tc := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no such file":    {[]string{"analyze", file + "x", "--group", "firm", "--items", "q*", "--scale", "1:7"}, exitFailure, "no such file"},
		"no group":        {[]string{"analyze", file, "--items", "q*", "--scale", "1:7"}, exitUsage, "--group"},
		"broken scale":    {[]string{"analyze", file, "--group", "firm", "--items", "q*", "--scale", "seven"}, exitUsage, "such as --scale 1:5"},
		"narrow scale":    {[]string{"analyze", file, "--group", "firm", "--items", "q*", "--scale", "1:3"}, exitFailure, "lies outside the scale 1 to 3"},
		"text in an item": {[]string{"analyze", file, "--group", "firm", "--items", "role", "--scale", "1:7"}, exitFailure, "is not a number"},
		"top too wide":    {[]string{"analyze", file, "--group", "firm", "--items", "q*", "--scale", "1:7", "--top", "7"}, exitFailure, "--top 7 does not fit"},
		"unknown column":  {[]string{"analyze", file, "--group", "company", "--items", "q*", "--scale", "1:7"}, exitFailure, "its columns are: firm, role, sales"},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t, nil, tc.args...)
			if got.code != tc.code || !strings.Contains(got.err, tc.want) {
				t.Errorf("code %d, %q; want %d and %q", got.code, got.err, tc.code, tc.want)
			}
		})
	}
}
