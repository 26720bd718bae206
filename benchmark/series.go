package benchmark

import (
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// series are figures of the tallies, each in one piece over all organizations: the
// tallies lie scattered in memory, and most parts of the engine go over all of
// them. Like the counts of items they pass from one edition to the next, with only
// the organizations that changed made anew. Nobody changes one once it is made.
type series struct {
	key    []stat.Summary        // of the respondents' shares of key practices
	scales [][]stat.Summary      // per scale
	areas  [][]stat.Contribution // per area
	kpis   [][][]reportTally     // per KPI and wording
	orders [][][]stat.Placed     // the same, those that have a value in its order
	told   [][]int               // the same, all reports
	forms  []int                 // of the managers' time
	parts  [][]stat.Contribution // of the managers' time
	coach  []stat.Summary
}

// gatherSeries makes the series of the frame.
func (f *frame) gatherSeries() {
	var last series
	if f.before != nil {
		last = f.before.series
	}
	s := &f.series
	jobs := []func(){
		func() { s.key = seriesOf(f, last.key, func(t *tally) stat.Summary { return t.keySummary }) },
	}
	s.scales, s.areas = make([][]stat.Summary, len(f.plan.scales)), make([][]stat.Contribution, len(f.plan.areas))
	for i := range s.scales {
		jobs = append(jobs, func() {
			s.scales[i] = seriesOf(f, nth(last.scales, i), func(t *tally) stat.Summary { return t.scaleMeans[i] })
		})
	}
	for i := range s.areas {
		jobs = append(jobs, func() {
			s.areas[i] = seriesOf(f, nth(last.areas, i), func(t *tally) stat.Contribution { return t.areas[i] })
		})
	}
	s.kpis, s.orders, s.told = make([][][]reportTally, len(f.plan.kpis)), make([][][]stat.Placed, len(f.plan.kpis)), make([][]int, len(f.plan.kpis))
	for i := range s.kpis {
		words := len(f.plan.kpis[i].wording)
		s.kpis[i], s.orders[i], s.told[i] = make([][]reportTally, words), make([][]stat.Placed, words), make([]int, words)
		for w := range words {
			jobs = append(jobs, func() { f.gatherReports(&last, i, w) })
		}
	}
	if f.plan.time != nil {
		s.parts = make([][]stat.Contribution, len(f.plan.time.fields))
		for i := range s.parts {
			jobs = append(jobs, func() {
				s.parts[i] = seriesOf(f, nth(last.parts, i), func(t *tally) stat.Contribution { return t.time.parts[i] })
			})
		}
		jobs = append(jobs,
			func() { s.forms = seriesOf(f, last.forms, func(t *tally) int { return t.time.forms }) },
			func() { s.coach = seriesOf(f, last.coach, func(t *tally) stat.Summary { return t.time.coach }) })
	}
	_ = eachOf(len(jobs), func(i int) error { jobs[i](); return nil }) // which does not fail
}

// gatherReports makes what was reported of a KPI in one wording.
func (f *frame) gatherReports(last *series, i, w int) {
	s, old := &f.series, nth(nth(last.kpis, i), w)
	s.kpis[i][w] = seriesOf(f, old, func(t *tally) reportTally { return t.kpis[i][w] })
	if f.before == nil {
		for j, r := range s.kpis[i][w] {
			s.told[i][w] += r.n
			if r.value.Valid {
				s.orders[i][w] = append(s.orders[i][w], stat.Placed{Value: r.value.Value, At: int32(j)})
			}
		}
		slices.SortFunc(s.orders[i][w], stat.ComparePlaced)
		return
	}
	var out, in []stat.Placed
	s.told[i][w] = last.told[i][w]
	for _, j := range f.changed {
		was, is := old[j], s.kpis[i][w][j]
		s.told[i][w] += is.n - was.n
		if was.value.Valid {
			out = append(out, stat.Placed{Value: was.value.Value, At: int32(j)})
		}
		if is.value.Valid {
			in = append(in, stat.Placed{Value: is.value.Value, At: int32(j)})
		}
	}
	s.orders[i][w] = reordered(last.orders[i][w], out, in, stat.ComparePlaced)
}

// nth is an element, or nothing where there is none.
func nth[T any](x []T, i int) (none T) {
	if i < len(x) {
		return x[i]
	}
	return none
}

// seriesOf makes a series, from that of the last edition where there is one.
func seriesOf[T any](f *frame, last []T, of func(*tally) T) []T {
	if f.before == nil {
		made := make([]T, len(f.tally))
		for j, t := range f.tally {
			made[j] = of(t)
		}
		return made
	}
	made := slices.Clone(last)
	for _, j := range f.changed {
		made[j] = of(f.tally[j])
	}
	return made
}
