package analysis

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// reference are the figures that testdata/r/turkiye.R computed from the same file.
type reference struct {
	Items []struct {
		Item        string
		Counts      []int
		Mean        float64
		SD          float64
		Median      float64
		SEMean      float64    `json:"se_mean"`
		SECR2       float64    `json:"se_mean_cr2"`
		DFCR2       float64    `json:"df_satterthwaite"`
		MeanCI      [2]float64 `json:"mean_ci"`
		MeanCILin   [2]float64 `json:"mean_ci_linearized"`
		Share       float64    `json:"top_share"`
		SE          float64    `json:"se_linearized"`
		DeffReplace float64    `json:"deff_replace"`
		NEffRaw     float64    `json:"n_eff_raw"`
		ShareCI     [2]float64 `json:"top_share_ci"`
		LogitCI     [2]float64 `json:"top_share_ci_logit_t"`
		ICC1MeanN   float64    `json:"icc1_mean_n"`
		ICC2        float64    `json:"icc2"`
	}
	Scale struct {
		Alpha        float64   `json:"alpha_listwise"`
		AlphaStd     float64   `json:"alpha_std_listwise"`
		ItemTotal    []float64 `json:"item_total_corrected"`
		AlphaDropped []float64 `json:"alpha_if_deleted"`
		Omega        float64   `json:"omega_total"`
		AVE          float64   `json:"ave"`
	}
	Aggregation map[string]float64
	Groups      []struct {
		Organization string
		N            int
		Uniform      float64 `json:"rwgj_uniform"`
		Skew         float64 `json:"rwgj_slight_skew"`
		Star         float64 `json:"rwg_star_j_uniform"`
		AD           float64 `json:"ad_mean"`
	} `json:"organizations"`
	Quality map[string]float64
}

// turkiye reads the course evaluations that ship as an example.
func turkiye(t *testing.T) (*Table, reference) {
	t.Helper()
	packed, err := os.Open(filepath.FromSlash("../../cmd/salesbench/examples/turkiye/turkiye.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	file, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	table, err := Read(file, Columns{Group: []string{"instr", "class"}, Items: []string{"Q*"}, Outcome: "difficulty", Min: 1, Max: 5}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var want reference
	text, err := os.ReadFile("testdata/turkiye.json")
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	return table, want
}

// near compares with the tolerance of closed forms.
func near(t *testing.T, name string, got stat.Number, want float64) {
	t.Helper()
	nearer(t, name, got, want, 1e-9)
}

func nearer(t *testing.T, name string, got stat.Number, want, tolerance float64) {
	t.Helper()
	if !got.Valid || math.Abs(got.Value-want) > tolerance {
		t.Errorf("%s: got %v, want %v", name, got, want)
	}
}

func nearInterval(t *testing.T, name string, got *stat.Interval, want [2]float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s: no interval, want %v", name, want)
		return
	}
	near(t, name+" lower", stat.Some(got.Lower), want[0])
	near(t, name+" upper", stat.Some(got.Upper), want[1])
}

func TestItemsOfTheCourseEvaluationsAgreeWithR(t *testing.T) {
	table, want := turkiye(t)
	items, err := describeItems(table, count(table, []int{0}, 2), 2)
	if err != nil {
		t.Fatal(err)
	}
	for k, w := range want.Items {
		got := items[k]
		if got.Item != w.Item || len(got.Counts) != len(w.Counts) {
			t.Fatalf("item %d is %s with %v, want %s with %v", k, got.Item, got.Counts, w.Item, w.Counts)
		}
		for v, n := range w.Counts {
			if got.Counts[v] != n {
				t.Errorf("%s: %d answers %d, want %d", w.Item, got.Counts[v], v+1, n)
			}
		}
		near(t, w.Item+" mean", got.Mean, w.Mean)
		near(t, w.Item+" sd", got.SD, w.SD)
		near(t, w.Item+" median", got.Median, w.Median)
		near(t, w.Item+" se of the mean", got.SEMean, w.SEMean)
		near(t, w.Item+" CR2 se", got.SEMeanCR2, w.SECR2)
		nearer(t, w.Item+" CR2 df", got.DFMeanCR2, w.DFCR2, 1e-7)
		nearInterval(t, w.Item+" mean interval", got.MeanCI, w.MeanCI)
		nearInterval(t, w.Item+" linearized mean interval", got.MeanCILin, w.MeanCILin)
		near(t, w.Item+" share", got.Share, w.Share)
		near(t, w.Item+" se", got.SE, w.SE)
		near(t, w.Item+" deff", got.DeffReplace, w.DeffReplace)
		nearer(t, w.Item+" n_eff", got.NEffRaw, w.NEffRaw, 1e-6)
		nearInterval(t, w.Item+" interval", got.ShareCI, w.ShareCI)
		nearInterval(t, w.Item+" logit interval", got.LogitCI, w.LogitCI)
		near(t, w.Item+" icc1", got.ICC1MeanN, w.ICC1MeanN)
		near(t, w.Item+" icc2", got.ICC2, w.ICC2)
	}
}

func analyzeTurkiye(t *testing.T) (*Analysis, reference) {
	t.Helper()
	table, want := turkiye(t)
	a, err := Analyze(t.Context(), table, Options{Seed: 1, Replicates: 200, Splits: 20})
	if err != nil {
		t.Fatal(err)
	}
	return a, want
}

func TestScaleAndAggregationOfTheCourseEvaluationsAgreeWithR(t *testing.T) {
	a, want := analyzeTurkiye(t)
	near(t, "alpha", a.Scale.Alpha, want.Scale.Alpha)
	near(t, "pairwise alpha of complete rows", a.Scale.AlphaPairwise, want.Scale.Alpha)
	near(t, "standardized alpha", a.Scale.AlphaStd, want.Scale.AlphaStd)
	nearer(t, "omega", a.Scale.Omega, want.Scale.Omega, 1e-3)
	nearer(t, "ave", a.Scale.AVE, want.Scale.AVE, 1e-3)
	for k, item := range a.Scale.Items {
		near(t, item.Item+" item-total", item.ItemTotal, want.Scale.ItemTotal[k])
		near(t, item.Item+" alpha if deleted", item.AlphaIfDeleted, want.Scale.AlphaDropped[k])
	}
	g := a.Aggregation
	for name, got := range map[string]stat.Number{
		"icc1_n0": g.ICC1, "icc1_mean_n": g.ICC1MeanN, "icc2": g.ICC2, "n0": g.N0, "msb": g.MSB, "msw": g.MSW, "f": g.F,
	} {
		near(t, name, got, want.Aggregation[name])
	}
	nearer(t, "loglik", g.LogLik, want.Aggregation["loglik_reml"], 1e-4)
	nearer(t, "tau2", g.Tau2, want.Aggregation["tau2_reml"], 1e-3*want.Aggregation["tau2_reml"])
	nearer(t, "sigma2", g.Sigma2, want.Aggregation["sigma2_reml"], 1e-3*want.Aggregation["sigma2_reml"])
}

func TestAgreementInsideCoursesAgreesWithMultilevel(t *testing.T) {
	a, want := analyzeTurkiye(t)
	byName := map[string]Group{}
	for _, g := range a.Organizations {
		byName[g.Organization] = g
	}
	for _, w := range want.Groups {
		got, ok := byName[w.Organization]
		if !ok || got.N != w.N {
			t.Fatalf("%s: %d respondents, want %d", w.Organization, got.N, w.N)
		}
		near(t, w.Organization+" rwgj", got.Agreement.Uniform, w.Uniform)
		near(t, w.Organization+" rwgj skew", got.Agreement.Slight, w.Skew)
		near(t, w.Organization+" rwg*", got.Agreement.Star, w.Star)
		near(t, w.Organization+" ad", got.Agreement.ADMean, w.AD)
	}
}

func TestStraightLinersOfTheCourseEvaluationsAreSaid(t *testing.T) {
	a, want := analyzeTurkiye(t)
	if got := float64(a.Quality.SameThroughout); got != want.Quality["straight_line_all"] {
		t.Errorf("%v gave one answer throughout, want %v", got, want.Quality["straight_line_all"])
	}
	if got := float64(a.Quality.StraightLine); got != want.Quality["longstring_14"] {
		t.Errorf("%v straight lines, want %v", got, want.Quality["longstring_14"])
	}
	near(t, "longstring", a.Quality.LongstringMean, want.Quality["longstring_mean"])
}
