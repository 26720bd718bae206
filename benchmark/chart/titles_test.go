package chart

import (
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart/charttest"
	"github.com/salesbench/salesbench/benchmark/stat"
)

func TestATitleIsTheFindingAndNotWhatIsMissing(t *testing.T) {
	r := charttest.Organization()
	for i := range r.Practices {
		r.Practices[i].GapWC.CI = nil
	}
	f, err := OrganizationGaps(r)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(f.Title, "Of the 12 key practices, furthest behind World-Class on ") || !strings.HasSuffix(f.Title, " points") {
		t.Errorf("the title is %q", f.Title)
	}
}

// TestNoTitleSaysThatTooFewAnsweredAboveABar hides columns in all combinations.
func TestNoTitleSaysThatTooFewAnsweredAboveABar(t *testing.T) {
	columns := []benchmark.Column{benchmark.Own, benchmark.WorldClass, benchmark.Rest, benchmark.All}
	share := map[benchmark.Column]benchmark.Estimate{}
	for i, c := range columns {
		share[c] = charttest.Share(c, 0.4+0.1*float64(i), 40, 5)
	}
	for mask := range 1 << len(columns) {
		var bars, ownBars []HelpBar
		r := charttest.Organization()
		hidden := func(i int) bool { return mask&(1<<i) != 0 }
		for i, c := range columns {
			bar := HelpBar{c, share[c]}
			if hidden(i) {
				bar.Share = charttest.Suppressed()
			}
			if c != benchmark.Rest {
				ownBars = append(ownBars, bar)
			}
			if c != benchmark.Own {
				bars = append(bars, bar)
			}
			hideTime(r, i, hidden(i))
		}
		wave := charttest.Wave()
		for i := range wave.Time {
			row := r.Time[i]
			row.Own = benchmark.Estimate{Status: benchmark.NotComputed}
			wave.Time[i] = row
		}
		for name, make := range map[string]func() (Figure, error){
			"own help":  func() (Figure, error) { return ManagerHelp(ownBars, nil) },
			"wave help": func() (Figure, error) { return ManagerHelp(bars, nil) },
			"own time":  func() (Figure, error) { return ManagerTime(r.Time, r.Coach) },
			"wave time": func() (Figure, error) { return ManagerTime(wave.Time, r.Coach) },
		} {
			f, err := make()
			if err != nil {
				t.Fatal(err)
			}
			if few := strings.Contains(f.Title, "oo few"); few == f.Drawn() {
				t.Errorf("%s without %04b: drawn %t under %q", name, mask, f.Drawn(), f.Title)
			}
			if strings.Contains(f.Title, benchmark.Dash) || strings.Contains(f.Title, "99") {
				t.Errorf("%s without %04b: %q", name, mask, f.Title)
			}
		}
	}
}

// hideTime withholds a column of the managers' time: own, World-Class, rest, all.
func hideTime(r *benchmark.OrganizationReport, column int, hidden bool) {
	if !hidden {
		return
	}
	*[]*benchmark.Estimate{&r.Coach.Own, &r.Coach.WC, &r.Coach.Rest, &r.Coach.All}[column] = charttest.Suppressed()
	for i := range r.Time {
		row := &r.Time[i]
		*[]*benchmark.Estimate{&row.Own, &row.WC, &row.Rest, &row.All}[column] = charttest.Suppressed()
	}
}

func TestAUnanimousOrganizationIsNotCalledTooFew(t *testing.T) {
	own := charttest.Suppressed()
	own.Bound = "over 90%"
	f, err := ManagerHelp([]HelpBar{{benchmark.Own, own}, {benchmark.All, charttest.Share(benchmark.All, 0.4, 400, 9)}}, nil)
	if want := "Over 90% here say that managers help to advance opportunities, 40% of all"; err != nil || f.Title != want {
		t.Errorf("%q (%v), want %q", f.Title, err, want)
	}
}

func TestWithoutWorldClassAnOrganizationSeesItsSharesHighestFirst(t *testing.T) {
	r := charttest.Organization()
	for i := range r.Practices {
		p := &r.Practices[i]
		none := benchmark.Estimate{Status: benchmark.NotComputed}
		p.WC, p.GapWC, p.All, p.GapAll = none, none, charttest.Suppressed(), charttest.Suppressed()
	}
	f, err := OrganizationGaps(r)
	if err != nil {
		t.Fatal(err)
	}
	if HasGaps(r.Practices) || !strings.HasPrefix(f.Title, "Of the 12 key practices, agreement here runs from ") || strings.Contains(f.Alt, "World-Class") || len(f.Table.Head) != 2 {
		t.Errorf("the figure is %q, read as %q, with the columns %q", f.Title, f.Alt, f.Table.Head)
	}
}

func TestAGapThatDoesNotHoldAmongManyIsNotBeyondDoubt(t *testing.T) {
	r := charttest.Organization()
	for i := range r.Practices {
		r.Practices[i].GapWC.PBH = stat.Some(0.2)
	}
	f, err := OrganizationGaps(r)
	if want := "On no key practice is the gap to World-Class beyond doubt"; err != nil || f.Title != want {
		t.Errorf("%q (%v), want %q", f.Title, err, want)
	}
}
