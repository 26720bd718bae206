package benchmark

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// judged are the careless-response flags of some rows, and the median times of
// the pages by which they were judged.
type judged struct {
	uniform, straight, fast, flagged []bool
	seconds                          []float64
}

// fewestUniform is the number of items from which one answer to all of them is
// called a straight line.
const fewestUniform = 10

// judge looks at all responses. It is done once per computation.
func (e *engine) judge() (judged, error) {
	items, plan := e.qualityPlan()
	seconds, err := e.medianSeconds(items)
	if err != nil {
		return judged{}, err
	}
	m := e.image()
	return e.judgeRows(items, plan, seconds, m.answers, m.rows)
}

// judgeRows looks at the answers in page order, on the scale that most items
// share.
func (e *engine) judgeRows(items []int, plan stat.QualityPlan, median []float64, answers [][]int8, rows []int32) (judged, error) {
	n := len(rows)
	out := judged{make([]bool, n), make([]bool, n), make([]bool, n), make([]bool, n), median}
	if len(items) == 0 {
		return out, nil
	}
	if err := plan.Check(len(items)); err != nil {
		return out, err
	}
	plan.MedianSeconds = median
	pages := e.timedPages(items)
	return out, eachOf((n+judgeBlock-1)/judgeBlock, func(block int) error {
		given, seconds := make([]int8, len(items)), make([]float64, len(pages))
		for i := block * judgeBlock; i < min(n, (block+1)*judgeBlock); i++ {
			for a, k := range items {
				given[a] = answers[k][i]
			}
			for p, s := range pages {
				seconds[p] = e.secondsOn(s, rows[i])
			}
			q := plan.Judge(given, seconds)
			out.uniform[i] = q.IRV.Valid && q.IRV.Value == 0 && q.Completeness.Value >= 0.5 && len(items) >= fewestUniform
			out.straight[i], out.flagged[i] = q.Flags&stat.FlagStraightLine != 0, q.Flagged
			out.fast[i] = q.Flags&(stat.FlagFast|stat.FlagRelativelyFast) != 0
		}
		return nil
	})
}

// judgeBlock is the number of rows that one core judges at a time.
const judgeBlock = 4096

// qualityPlan lists the items of the commonest scale in page order.
func (e *engine) qualityPlan() ([]int, stat.QualityPlan) {
	count := map[int]int{}
	points := 0
	for k := range e.items {
		p := e.items[k].points
		count[p]++
		if count[p] > count[points] || count[p] == count[points] && p > points {
			points = p
		}
	}
	var items []int
	plan := stat.QualityPlan{Scale: int8(points)}
	for k := range e.items {
		if p := &e.items[k]; p.points == points {
			items = append(items, k)
			plan.Reversed = append(plan.Reversed, p.field.Item.Reverse)
			plan.Page = append(plan.Page, p.field.Section)
		}
	}
	return items, plan
}

// timedPages are the sections of the items, in their order; -1 for one that holds
// other questions too, of which no time is known.
func (e *engine) timedPages(items []int) []int {
	var pages []int
	onPage := map[int]int{}
	for _, k := range items {
		s := e.items[k].field.Section
		if onPage[s] == 0 {
			pages = append(pages, s)
		}
		onPage[s]++
	}
	for p, s := range pages {
		if onPage[s] != len(e.inst.Sections[s].Items) {
			pages[p] = -1
		}
	}
	return pages
}

// secondsOn is the time of a row on a section, NaN where it was not timed.
func (e *engine) secondsOn(section int, row int32) float64 {
	if section < 0 {
		return math.NaN()
	}
	if t := e.snapshot.SecondsOf(section, row); t > 0 {
		return float64(t)
	}
	return math.NaN()
}

// medianSeconds is the usual time on each page of the items; nil where nobody
// was timed.
func (e *engine) medianSeconds(items []int) ([]float64, error) {
	pages := e.timedPages(items)
	medians := make([]float64, len(pages))
	timed := make([]bool, len(pages))
	err := eachOf(len(pages), func(p int) error {
		times := make([]float64, 0, e.people)
		for _, row := range e.image().rows {
			if t := e.secondsOn(pages[p], row); t > 0 && !math.IsInf(t, 0) {
				times = append(times, t)
			}
		}
		medians[p], timed[p] = stat.Median(times).Or(math.NaN()), len(times) > 0
		return nil
	})
	if err != nil || !slices.Contains(timed, true) {
		return nil, err
	}
	return medians, nil
}

func (e *view) addQuality(_ context.Context, b *Benchmark) error {
	b.Quality = e.late.carefulness(e.people)
	return nil
}

// waveQuality summarizes all responses.
func (e *engine) waveQuality(flags judged) (Quality, error) {
	return e.qualityOf(flags, e.flagCounts, false)
}

// flagCounts summarizes a flag of all responses by organization.
func (e *engine) flagCounts(flags []bool) []stat.Summary {
	out := make([]stat.Summary, len(e.units))
	for j, u := range e.units {
		x := int64(count(flags[u.from:u.to]))
		out[j] = stat.SummaryFromSums(u.size(), x, x)
	}
	return out
}

// ownQuality summarizes the responses of one organization, whose rows the reader has
// read.
func (e *view) ownQuality(own int, reader *rowReader) (Quality, error) {
	items, plan := e.qualityPlan()
	flags, err := e.judgeRows(items, plan, e.late.seconds, reader.answers, e.tally[own].rows)
	if err != nil {
		return Quality{}, err
	}
	n := len(e.tally[own].rows)
	q, err := e.qualityOf(flags, func(flags []bool) []stat.Summary {
		x := int64(count(flags))
		return []stat.Summary{stat.SummaryFromSums(n, x, x)}
	}, n < e.people)
	if err == nil && e.late.pending() {
		q.Flagged = notComputed("flagged_share", UnitProportion, stat.Pending)
	}
	return q, err
}

// qualityOf summarizes some rows, which are of one organization if plain is set.
func (e *engine) qualityOf(j judged, summaries func(flags []bool) []stat.Summary, plain bool) (Quality, error) {
	n := len(j.flagged)
	q := Quality{Respondents: n}
	var err error
	if q.Uniform, err = flagShare("uniform_share", summaries(j.uniform), plain); err != nil {
		return q, err
	}
	if q.StraightLine, err = flagShare("straight_line_share", summaries(j.straight), plain); err != nil {
		return q, err
	}
	if q.Flagged, err = flagShare("flagged_share", summaries(j.flagged), plain); err != nil {
		return q, err
	}
	q.Sentence = qualitySentence(count(j.uniform), count(j.straight), n)
	return q, nil
}

func count(flags []bool) int {
	n := 0
	for _, f := range flags {
		if f {
			n++
		}
	}
	return n
}

func flagShare(name string, summaries []stat.Summary, plain bool) (Estimate, error) {
	r, err := stat.ClusteredShare(stat.Contribute(summaries, stat.EqualRespondent), stat.ShareOptions{Conf: confidence, PlainN: plain})
	if err != nil {
		return Estimate{}, err
	}
	respondents := 0
	for _, s := range summaries {
		respondents += s.N
	}
	b := base{kind: baseGroup, respondents: respondents}
	est := fromShare(r, b)
	b.unanimous = est.base.unanimous
	est.Stat, est.Weighting, est.base = name, string(stat.EqualRespondent), b
	return est, nil
}

// qualitySentence says how many people gave one answer all the way down: to
// every item, or in runs that the flag counts too.
func qualitySentence(uniform, straight, n int) string {
	if n == 0 {
		return "There are no responses to judge."
	}
	straight = max(straight, uniform)
	switch {
	case n < unanimousBelow && straight == 0:
		return fmt.Sprintf("Under 10%% of the %s respondents gave one answer all the way down.", FormatCount(n))
	case n < unanimousBelow && (straight == n || uniform == n):
		return fmt.Sprintf("Over 90%% of the %s respondents gave one answer all the way down.", FormatCount(n)) + inflated
	}
	if straight == 0 {
		return fmt.Sprintf("None of the %s respondents gave one answer all the way down.", FormatCount(n))
	}
	text := fmt.Sprintf("%s gave one answer all the way down a page, or through half of the items.", ofRespondents(straight, n))
	if uniform > 0 {
		are := "are straight-liners"
		if uniform == 1 {
			are = "is a straight-liner"
		}
		text = fmt.Sprintf("%s %s: one answer to every item.", ofRespondents(uniform, n), are)
		if straight > uniform {
			text += fmt.Sprintf(" With runs through a page or half of the items it is %s (%s).", FormatCount(straight), FormatCountShare(straight, n))
		}
	}
	if 5*straight >= n {
		return text + inflated
	}
	return text + " Nobody was left out."
}

// inflated warns of figures that one answer to everything makes.
const inflated = " Such rows inflate agreement and reliability: do not believe a score before looking without them."

// ofRespondents names a part of the respondents, in words where it is a plain
// fraction.
func ofRespondents(x, n int) string {
	share := FormatCountShare(x, n)
	if words := shareWords(float64(x)/float64(n), ""); words != "" && n >= 100 {
		return fmt.Sprintf("%s of the %s respondents (%s, %s)", upperFirst(words), FormatCount(n), FormatCount(x), share)
	}
	return fmt.Sprintf("%s of the %s respondents (%s)", FormatCount(x), FormatCount(n), share)
}
