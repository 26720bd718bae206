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
	s.kpis = make([][][]reportTally, len(f.plan.kpis))
	for i := range s.kpis {
		s.kpis[i] = make([][]reportTally, len(f.plan.kpis[i].wording))
		for w := range s.kpis[i] {
			jobs = append(jobs, func() {
				s.kpis[i][w] = seriesOf(f, nth(nth(last.kpis, i), w), func(t *tally) reportTally { return t.kpis[i][w] })
			})
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
