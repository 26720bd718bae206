package benchmark

import (
	"github.com/salesbench/salesbench/benchmark/stat"
)

// lackOfAgreement is the rwgj up to which people share no view at all (LeBreton
// and Senter 2008).
const lackOfAgreement = 0.30

// organizationGate says whether the mean of a scale may stand for one
// organization: the scale must tell organizations apart, and the organization's
// own people must agree as the gate asks of the median organization. Where their
// answers are hardly closer than random ones, there is no common view.
func organizationGate(scale stat.Aggregation, own stat.AgreementResult) stat.Aggregation {
	switch {
	case scale == stat.NotSupported || lacksAgreement(own):
		return stat.NotSupported
	case own.RwgjUniform.Value >= 0.70 && own.RwgjSlight.Valid && own.RwgjSlight.Value >= 0.50:
		return stat.Supported
	}
	return stat.LimitedGate
}

func lacksAgreement(own stat.AgreementResult) bool {
	return !own.RwgjUniform.Valid || own.RwgjUniform.Value <= lackOfAgreement
}

// gateArea puts the distribution of the answers, and the reason, in the place of
// an organization's score where no common view is shown. With too few
// organizations to tell whether they differ, only the agreement of the own people
// decides.
func (o ownReport) gateArea(a area, agreement AgreementRow, row *AreaRow) error {
	if row.Points == 0 || !o.gate.open(row.Own) {
		return nil
	}
	counts, err := stat.AgreementCounts(pick(o.reader.answers, a.items), o.reader.zeros, row.Points, true)
	if err != nil {
		return err
	}
	own := stat.AgreementOf(counts).PerOrganization
	alike := agreement.Aggregation == string(stat.NotSupported) && agreement.ICC1.CI != nil
	switch {
	case alike:
		row.Reason = "No score: organizations can not be told apart on this area. " + aggregationWords[stat.NotSupported]
	case len(own) == 1 && own[0].RwgjUniform.Valid && lacksAgreement(own[0]):
		row.Reason = "No score: the people of this organization do not share a view of this area; their answers lie nearly as far apart as random ones."
		row.Aggregation = string(stat.NotSupported)
	default:
		return nil
	}
	spread := o.areaSpread(a, row.Points)
	row.Spread = &spread
	score := notComputed(row.Own.Stat, row.Own.Unit, stat.InsufficientReliability)
	score.Column = Own
	row.Own = score
	return nil
}

// areaSpread is the distribution of all answers of the own organization to the
// items of an area, each item counting alike. It is hidden where the answers to
// one of the items are: the others could be subtracted.
func (o ownReport) areaSpread(a area, points int) Distribution {
	at := base{kind: baseGroup}
	shares, items := make([]float64, points), 0.0
	for _, k := range a.items {
		own, _ := o.pointShares(k, []int{o.own})
		if o.items[k].valid(o.own) == 0 {
			continue
		}
		items++
		for x, s := range own {
			shares[x] += s
		}
		at.hidden = at.hidden || o.hidden[k]
		if n := o.items[k].valid(o.own); at.respondents == 0 || n < at.respondents {
			at.respondents = n
		}
	}
	for x := range shares {
		shares[x] /= max(items, 1)
	}
	d := o.distribution(a.items[0], shares, at, Own)
	d.Item, d.Label = a.key, a.title
	for i := range d.Points {
		d.Points[i].Item = a.key
	}
	return d
}
