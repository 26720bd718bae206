package benchmark

import (
	"reflect"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// Limits of the disclosure gate.
const (
	defaultMinimumGroup  = 10   // respondents in a shown group
	leastMinimumGroup    = 5    // with the consent of the organization
	benchmarkMinimum     = 5    // organizations in a shown column
	benchmarkLargest     = 0.25 // of the weight of a column, for one organization
	unanimousBelow       = 50   // respondents; nobody or everybody agreed
	distributionMinimum  = 30   // respondents for all scale points; else three boxes
	weightRoundingMargin = 1e-9
)

// baseKind says which rule of the gate a figure has to meet.
type baseKind uint8

const (
	baseUndeclared baseKind = iota // does not leave
	baseColumn                     // about several organizations
	baseGroup                      // about one organization, or a group of respondents in it
	baseCount                      // says nothing about answers: how many organizations are in a tier
)

// base is what the gate has to know about the people behind a figure.
type base struct {
	kind          baseKind
	respondents   int
	organizations int
	largest       float64 // share of the weight held by the largest organization
	hidden        bool    // withheld to protect another cell
	unanimous     bool    // nobody or everybody: n of the figure decides
}

// gate is the one door through which a statistic leaves this package. Builders
// declare the base of each figure; seal withholds what does not meet its rule,
// and whatever has no declared base at all.
type gate struct{ minimum int }

func newGate(minimumGroup int) gate {
	if minimumGroup <= 0 {
		minimumGroup = defaultMinimumGroup
	}
	return gate{max(minimumGroup, leastMinimumGroup)}
}

// passes says whether a figure with this base may be shown.
func (g gate) passes(b base) bool {
	switch {
	case b.hidden:
		return false
	case b.kind == baseCount:
		return true
	case b.kind == baseGroup:
		return b.respondents >= g.minimum
	case b.kind == baseColumn:
		return b.respondents >= g.minimum && b.organizations >= benchmarkMinimum &&
			b.largest <= benchmarkLargest+weightRoundingMargin
	}
	return false
}

// seal withholds all figures of a result that do not pass. It walks the whole
// result, so that a figure added later is withheld until its base is declared.
func (g gate) seal(result any) { eachEstimate(reflect.ValueOf(result), g.sealEstimate) }

var estimateType = reflect.TypeFor[Estimate]()

func (g gate) sealEstimate(e *Estimate) {
	b := e.base
	e.base = base{}
	switch {
	case e.Stat == "":
		*e = Estimate{Status: NotComputed}
	case e.Status == NotComputed && !e.Value.Valid && b.kind != baseGroup && !b.hidden:
		e.N, e.NAsked, e.NDontKnow, e.Organizations = nil, nil, nil, nil
	case !g.passes(b):
		withhold(e)
	case b.unanimous && e.N != nil && *e.N < unanimousBelow:
		bound(e)
	}
	if e.Reasons == nil {
		e.Reasons = []stat.Reason{}
	}
	if e.Notes == nil {
		e.Notes = []string{}
	}
}

// withhold takes away everything a reader could compute with.
func withhold(e *Estimate) {
	*e = Estimate{
		Stat: e.Stat, Item: e.Item, Column: e.Column, Unit: e.Unit, Cut: e.Cut,
		Status: Withheld, Reasons: []stat.Reason{stat.Suppressed},
	}
}

// bound replaces a unanimous share: that all or none of a small group agreed is
// what each single person answered.
func bound(e *Estimate) {
	over := e.Value.Value > 0.5
	withhold(e)
	e.Reasons = []stat.Reason{stat.Unanimous}
	e.Bound = "under 10%"
	if over {
		e.Bound = "over 90%"
	}
}
