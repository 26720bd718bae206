package benchmark

import (
	"context"
	"fmt"
	"math"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// judged are the careless-response flags of all rows.
type judged struct{ uniform, straight, fast, flagged []bool }

// fewestUniform is the number of items from which one answer to all of them is
// called a straight line.
const fewestUniform = 10

// judge looks at the answers in page order, on the scale that most items share.
// It is done once per computation.
func (e *engine) judge() (judged, error) {
	items, plan := e.qualityPlan()
	out := judged{make([]bool, e.people), make([]bool, e.people), make([]bool, e.people), make([]bool, e.people)}
	if len(items) == 0 {
		return out, nil
	}
	if err := plan.Check(len(items)); err != nil {
		return out, err
	}
	seconds, err := e.pageSeconds(items, &plan)
	if err != nil {
		return out, err
	}
	answers, all := make([]int8, len(items)), e.image().answers
	for i := range e.people {
		for a, k := range items {
			answers[a] = all[k][i]
		}
		q := plan.Judge(answers, seconds[i])
		out.uniform[i] = q.IRV.Valid && q.IRV.Value == 0 && q.Completeness.Value >= 0.5 && len(items) >= fewestUniform
		out.straight[i], out.flagged[i] = q.Flags&stat.FlagStraightLine != 0, q.Flagged
		out.fast[i] = q.Flags&(stat.FlagFast|stat.FlagRelativelyFast) != 0
	}
	return out, nil
}

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

// pageSeconds are the times of each row on the pages of the plan; NaN where a
// page was not timed or holds other questions too.
func (e *engine) pageSeconds(items []int, plan *stat.QualityPlan) ([][]float64, error) {
	var pages []int
	onPage := map[int]int{}
	for _, k := range items {
		s := e.items[k].field.Section
		if onPage[s] == 0 {
			pages = append(pages, s)
		}
		onPage[s]++
	}
	rows := make([][]float64, e.people)
	timed := false
	for i, row := range e.image().rows {
		rows[i] = make([]float64, len(pages))
		for p, s := range pages {
			v := math.NaN()
			if t := e.snapshot.SecondsOf(s, row); t > 0 && onPage[s] == len(e.inst.Sections[s].Items) {
				v, timed = float64(t), true
			}
			rows[i][p] = v
		}
	}
	if !timed {
		return make([][]float64, e.people), nil
	}
	var err error
	plan.MedianSeconds, err = stat.MedianPageSeconds(rows)
	return rows, err
}

func (e *engine) addQuality(_ context.Context, b *Benchmark) error {
	j, err := e.flags()
	if err != nil {
		return err
	}
	b.Quality, err = e.qualityOf(j, 0, e.people)
	return err
}

// qualityOf summarizes a run of rows.
func (e *engine) qualityOf(j judged, from, to int) (Quality, error) {
	q := Quality{Respondents: to - from}
	var err error
	if q.Uniform, err = e.flagShare("uniform_share", j.uniform, from, to); err != nil {
		return q, err
	}
	if q.StraightLine, err = e.flagShare("straight_line_share", j.straight, from, to); err != nil {
		return q, err
	}
	if q.Flagged, err = e.flagShare("flagged_share", j.flagged, from, to); err != nil {
		return q, err
	}
	q.Sentence = qualitySentence(count(j.uniform[from:to]), count(j.straight[from:to]), to-from)
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

func (e *engine) flagShare(name string, flags []bool, from, to int) (Estimate, error) {
	y := make([]int8, len(flags))
	for i, f := range flags {
		if f {
			y[i] = 1
		}
	}
	summaries := e.boxSummaries(y, func(i int) bool { return i >= from && i < to })
	options := stat.ShareOptions{Conf: confidence, PlainN: to-from < e.people}
	r, err := stat.ClusteredShare(stat.Contribute(summaries, stat.EqualRespondent), options)
	if err != nil {
		return Estimate{}, err
	}
	b := base{kind: baseGroup, respondents: to - from}
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
