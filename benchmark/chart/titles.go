package chart

import (
	"fmt"
	"slices"
	"strings"

	"github.com/salesbench/salesbench/benchmark"
)

// The titles state the finding, as far as there is one: a gap that may be chance by
// the rule of all pages, or whose interval holds zero where there is no test, is not
// called a gap.

func organizationGapTitle(rows []benchmark.OrganizationPractice) string {
	clear, kind := 0, "practice"
	if len(rows) > 0 && rows[0].KeyPractice {
		kind = "key practice"
	}
	for _, p := range rows {
		if above(p.GapWC) {
			clear++
		}
	}
	switch {
	case len(rows) == 0 || !rows[0].GapWC.Shown():
		return "The gaps to World-Class can not be shown"
	case rows[0].GapWC.CI == nil:
		return upperFirst(fmt.Sprintf("%sfurthest behind World-Class on “%s”: %s points", ofKey(len(rows), rows[0].KeyPractice), clean(rows[0].Label), points(rows[0].GapWC)))
	case clear == 0:
		return "On no " + kind + " is the gap to World-Class beyond doubt"
	}
	first := firstClear(rows, func(p benchmark.OrganizationPractice) benchmark.Estimate { return p.GapWC })
	return fmt.Sprintf("Behind World-Class beyond doubt on %d of %d %ss, furthest on “%s” (%s points)",
		clear, len(rows), kind, clean(rows[first].Label), points(rows[first].GapWC))
}

func waveGapTitle(rows []benchmark.PracticeRow) string {
	if len(rows) == 0 || !HeadlineGap(rows[0]).Shown() {
		return "World-Class and Rest can not be compared here"
	}
	first := firstClear(rows, HeadlineGap)
	if first < 0 {
		kind := "practice"
		if rows[0].KeyPractice {
			kind = "key practice"
		}
		return "On no " + kind + " is the gap between World-Class and Rest beyond doubt"
	}
	title := fmt.Sprintf("%sWorld-Class and Rest differ most on “%s”: %s points", ofKey(len(rows), rows[0].KeyPractice), clean(rows[first].Label), points(HeadlineGap(rows[first])))
	if !rows[first].SplitHalf.Shown() {
		title += ", as the group was chosen"
	}
	return title
}

func shareTitle(rows []benchmark.PracticeRow) string {
	shown := slices.DeleteFunc(slices.Clone(rows), func(p benchmark.PracticeRow) bool { return !p.All.Shown() })
	if len(shown) == 0 {
		return "The shares are withheld: too few people answered"
	}
	first, last := shown[0], shown[len(shown)-1]
	return upperFirst(fmt.Sprintf("%sagreement runs from %s on “%s” down to %s on “%s”", ofKey(len(rows), rows[0].KeyPractice), first.All.Text(), clean(first.Label), last.All.Text(), clean(last.Label)))
}

// ownTitle is the finding about one organization that has nothing to be compared with.
func ownTitle(rows []benchmark.OrganizationPractice) string {
	bounds := 0
	var shown []*benchmark.OrganizationPractice
	for i := range rows {
		switch p := &rows[i]; {
		case p.Own.Shown():
			shown = append(shown, p)
		case p.Own.Bound != "":
			bounds++
		}
	}
	switch {
	case len(shown) == 0 && bounds > 0:
		return "People here answered so much alike that only bounds of the shares are shown"
	case len(shown) == 0:
		return "The shares of this organization are withheld"
	}
	first, last, beside := shown[0], shown[len(shown)-1], ""
	if bounds > 0 {
		beside = fmt.Sprintf(", beside %d with a bound alone", bounds)
	}
	if first.Own.Text() == last.Own.Text() {
		return fmt.Sprintf("Agreement here is %s on every practice that is shown%s", first.Own.Text(), beside)
	}
	return upperFirst(fmt.Sprintf("%sagreement here runs from %s on “%s” down to %s on “%s”%s", ofKey(len(rows), rows[0].KeyPractice), first.Own.Text(), clean(first.Label), last.Own.Text(), clean(last.Label), beside))
}

func aggregateTitle(b *benchmark.AggregateBenchmark, rows []benchmark.AggregateRow) string {
	if b.Organization == "" {
		widest, at := 0.0, -1
		for i, r := range rows {
			if r.Median.Shown() && r.Upper.Shown() && r.Upper.Value.Value-r.Median.Value.Value > widest {
				widest, at = r.Upper.Value.Value-r.Median.Value.Value, i
			}
		}
		if at < 0 {
			return "Median organization and upper quartile"
		}
		return fmt.Sprintf("The upper quartile is furthest from the median organization on “%s”: %s v %s",
			clean(rows[at].Label), rows[at].Upper.Text(), rows[at].Median.Text())
	}
	better, counted := 0, 0
	for _, r := range rows {
		if r.Own.Shown() && r.Median.Shown() {
			counted++
			if r.Own.Value.Value > r.Median.Value.Value {
				better++
			}
		}
	}
	return fmt.Sprintf("Above the median organization on %d of %d measures", better, counted)
}

// ofKey says that a finding is about the key practices alone, not about all that the
// page lists; empty where there are no others.
func ofKey(n int, key bool) string {
	if !key {
		return ""
	}
	return fmt.Sprintf("Of the %d key practices, ", n)
}

// OfKey puts that before a finished title.
func OfKey(n int, title string) string {
	return ofKey(n, true) + lowerFirst(title)
}

// absent says in a word why a figure is not there.
func absent(e benchmark.Estimate) string {
	if e.Status == benchmark.Withheld {
		return "withheld"
	}
	return "not known"
}

// points is a gap inside a sentence that says which way it goes.
func points(e benchmark.Estimate) string { return strings.TrimPrefix(e.Text(), "+") }

// firstClear is the first row whose gap lies above zero beyond doubt, -1 for none.
func firstClear[T any](rows []T, gap func(T) benchmark.Estimate) int {
	for i, r := range rows {
		if above(gap(r)) {
			return i
		}
	}
	return -1
}

// above says whether an estimate is above zero beyond doubt.
func above(e benchmark.Estimate) bool { return e.BeyondDoubt() && e.Value.Value > 0 }
