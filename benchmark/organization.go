package benchmark

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// ComputeOrganization makes what one organization sees about itself. An
// organization with too few respondents gets a report that says so and nothing
// else; an unknown one is a NotFound error.
func ComputeOrganization(ctx context.Context, snapshot *panel.Snapshot, in Input, orgKey string) (*OrganizationReport, error) {
	e, err := newView(ctx, snapshot, in)
	if err != nil {
		return nil, err
	}
	r := &OrganizationReport{Provenance: e.provenance(), Title: waveTitle(in.Study, in.Wave), MinimumGroup: e.gate.minimum, Status: OK}
	e.late.stamp(&r.Provenance)
	row, own, ok := e.organization(orgKey)
	if !ok {
		return nil, survey.Errorf(survey.NotFound, "organization %q is not part of wave %s", orgKey, in.Wave.Key)
	}
	r.Organization = row
	if own < 0 {
		r.Status = Withheld
		r.Headline = "Not enough responses"
		r.Reason = fmt.Sprintf("%s has fewer than %d responses. To protect the people who answered, nothing is shown for fewer.",
			inSentence(row.Name), e.gate.minimum)
		if e.snapshot.Moving() {
			r.Headline = "Not enough responses yet"
			r.Reason = fmt.Sprintf("%s has too few responses yet, and the people who answered are protected. %s", inSentence(row.Name), e.shownFrom())
		}
		e.gate.seal(r)
		return r, nil
	}
	if err := e.shared(); err != nil {
		return nil, err
	}
	report := ownReport{view: e, own: own, peers: e.peersOf(own), hidden: make([]bool, len(e.items)), reader: e.ownReader(own)}
	for k := range e.items {
		report.hidden[k] = e.hiddenItems[k]()[own]
	}
	if err := report.fill(ctx, r); err != nil {
		return nil, err
	}
	e.explainColumns(&r.Practices, &r.Strengths, &r.Gaps, &r.Areas, &r.KPIs, &r.Time, &r.Coach)
	e.gate.seal(r)
	return r, nil
}

// makeShared makes on all cores what the pages of all organizations use of the items.
// The rest of a page is too little for more than one core.
func (e *engine) makeShared() error {
	e.roleCounts()
	roles := e.comparesRoles()
	return eachOf(len(e.items), func(k int) error {
		e.hiddenItems[k]()
		if roles {
			e.hiddenRoles[k]()
		}
		if e.weighted || !e.isKey(e.items[k].field.Item.Key) {
			return nil
		}
		_, err := e.fits[k]()
		return err
	})
}

// organization finds one by key; own is -1 where it is too small to be shown.
func (e *view) organization(key string) (row OrganizationRow, own int, ok bool) {
	j, found := slices.BinarySearchFunc(e.units, key, func(u unit, key string) int { return strings.Compare(u.Key, key) })
	if found {
		return e.organizationRow(j), j, true
	}
	if i := slices.IndexFunc(e.in.Organizations, func(o survey.Organization) bool { return o.Key == key }); i >= 0 {
		return e.smallRow(e.in.Organizations[i]), -1, true
	}
	return row, -1, false
}

// ownReport is a view seen from one organization.
type ownReport struct {
	*view
	own    int
	peers  peerGroup
	hidden []bool     // per item: the own figures must not be shown
	reader *rowReader // of the own rows
}

func (o ownReport) fill(ctx context.Context, r *OrganizationReport) error {
	r.PeersCaption = o.peers.caption
	for _, part := range []func(*OrganizationReport) error{
		o.practices, o.areas, o.distributions, o.ownResults, o.ownRoles,
	} {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := part(r); err != nil {
			return err
		}
	}
	o.choose(r)
	return o.words(r)
}

// practices compares each practice with World-Class, All and peers.
func (o ownReport) practices(r *OrganizationReport) error {
	rows := make([]OrganizationPractice, len(o.items))
	for k := range rows {
		var err error
		if rows[k], err = o.practice(k); err != nil {
			return err
		}
	}
	if len(rows) > 0 {
		r.Practices = rows
	}
	for _, gap := range []func(*OrganizationPractice) *Estimate{
		func(p *OrganizationPractice) *Estimate { return &p.GapWC },
		func(p *OrganizationPractice) *Estimate { return &p.GapAll },
		func(p *OrganizationPractice) *Estimate { return &p.GapPeers },
	} {
		estimates := make([]*Estimate, len(r.Practices))
		for i := range r.Practices {
			estimates[i] = gap(&r.Practices[i])
		}
		adjust(estimates)
	}
	return nil
}

// adjust fills the p-values adjusted within one family of tests.
func adjust(family []*Estimate) {
	p := make([]stat.Number, len(family))
	for i, e := range family {
		p[i] = e.P
	}
	for i, adjusted := range stat.BenjaminiHochberg(p) {
		family[i].PBH = adjusted
	}
}

func (o ownReport) practice(k int) (OrganizationPractice, error) {
	p := &o.items[k]
	hidden := o.hidden[k]
	row := OrganizationPractice{
		Item: p.field.Item.Key, Label: p.label, Area: p.field.Item.Area, KeyPractice: o.marked(p.field.Item.Key),
		Reverse: p.field.Item.Reverse, Norms: o.in.Norms.For(p.field.Item.Key, MeasureAgree, measureOddsAgree),
	}
	rest := o.columnShare(k, Rest, o.rest)
	row.WC, row.All = o.columnShare(k, WorldClass, o.wc), o.columnShare(k, All, o.all)
	o.gate.complement(&row.WC, &rest)
	others := o.peers.sums()[k].without(p.of(o.own))
	peers, err := o.among(k, o.peers.members, others)
	if err != nil {
		return row, err
	}
	row.Peers = o.shareOf(k, Peers, peers.share, columnOf{peers.base, peers.members, others.asked, others.dontKnow})
	// The peers of an organization whose own share is hidden would give it away:
	// other members of the group see peers that include it.
	row.Peers.base.hidden = row.Peers.base.hidden || hidden
	if row.Own, err = o.ownShare(k, hidden); err != nil {
		return row, err
	}
	if row.Shrunk, err = o.shrunkShare(k, row.Own); err != nil {
		return row, err
	}
	return row, o.gapsOf(k, &row, peers)
}

func (o ownReport) ownShare(k int, hidden bool) (Estimate, error) {
	p := &o.items[k]
	r, err := stat.ClusteredShare([]stat.Contribution{p.personOf(o.own)}, stat.ShareOptions{Conf: confidence, PlainN: true})
	if err != nil {
		return Estimate{}, err
	}
	e := fromShare(r, base{kind: baseGroup, respondents: r.N, hidden: hidden})
	e.Item, e.Column, e.Cut, e.Weighting, e.Organizations = p.field.Item.Key, Own, p.cut(), "none", nil
	e.NAsked, e.NDontKnow = ptr(int(p.of(o.own).asked)), ptr(int(p.of(o.own).dontKnow))
	return e, nil
}

// shrunkShare pulls the own share of a key practice towards the others as far
// as their likeness and the small number of answers ask for.
func (o ownReport) shrunkShare(k int, own Estimate) (Estimate, error) {
	p := &o.items[k]
	if !o.gate.open(own) || o.weighted || !o.isKey(own.Item) {
		e := notComputed("share_posterior_mean", UnitProportion, stat.OutOfDomain)
		e.base.hidden = !o.gate.open(own)
		return e, nil
	}
	fit, err := o.fits[k]()
	if err != nil {
		return Estimate{}, err
	}
	s, err := fit.Organization(p.agree(o.own), p.valid(o.own), stat.ShrinkOptions{Conf: confidence, FullOnly: true})
	if err != nil {
		return Estimate{}, err
	}
	e := Estimate{Stat: "share_posterior_mean", Unit: UnitProportion, Item: own.Item, Column: Own, Cut: own.Cut,
		Value: s.PosteriorMean, Reasons: s.Reasons, Status: statusOf(s.PosteriorMean, s.Reasons), base: own.base}
	if s.CI != nil {
		e.CI, e.Conf, e.CIMethod = s.CI, confidence, "full_bayes_grid"
	}
	return e.withN(p.valid(o.own), 0), nil
}

// against is a group of other organizations and its share of one item.
type against struct {
	share   stat.ShareResult
	base    base
	members int
}

// apart is a column without the own organization.
func (o ownReport) apart(k int, c columnShares) (against, error) {
	if _, found := slices.BinarySearch(c.members, o.own); !found {
		return against{c.alone[k], c.base[k], len(c.members)}, nil
	}
	return o.among(k, c.members, c.sums[k].without(o.items[k].of(o.own)))
}

// among is a group of organizations without the own one, which is a member; others is
// what the sums of the group are without it.
func (o ownReport) among(k int, members []int, others columnSums) (against, error) {
	var r stat.ShareResult
	var b base
	var err error
	if o.weighted {
		r, b, err = o.shareOfMembers(k, without(members, o.own), stat.ShareOptions{Conf: confidence})
	} else {
		r, b, err = equalShareOf(others.share, stat.ShareOptions{Conf: confidence})
	}
	return against{r, b, len(members) - 1}, err
}

// gapsOf fills target minus own, the own organization left out of the target.
func (o ownReport) gapsOf(k int, row *OrganizationPractice, peers against) error {
	wc, err := o.apart(k, o.wc)
	if err != nil {
		return err
	}
	all, err := o.apart(k, o.all)
	if err != nil {
		return err
	}
	row.GapWC, row.GapAll = o.gap(k, wc, row.WC, row.Own), o.gap(k, all, row.All, row.Own)
	if row.GapWC.Value.Valid && row.Own.Value.Valid {
		row.Effect = effectOf(row.GapWC, stat.Some(row.Own.Value.Value+row.GapWC.Value.Value/100), row.Own.Value)
	} else {
		row.Effect = effectOf(row.GapWC, stat.Number{}, stat.Number{})
	}
	row.GapPeers = o.gap(k, peers, row.Peers, row.Own)
	return nil
}

func (o ownReport) gap(k int, others against, target, own Estimate) Estimate {
	p := &o.items[k]
	r := stat.OneVersusShare(p.agree(o.own), p.valid(o.own), others.share, confidence)
	e := Estimate{Stat: "gap_points", Unit: UnitPoints, Item: own.Item, Column: target.Column, Cut: own.Cut,
		Weighting: string(stat.EqualOrganization), Reasons: r.Reasons, P: r.P, base: others.base}
	if r.Points.Valid {
		e.Value = stat.Some(0 - r.Points.Value)
	} else if others.members == 0 && len(target.Reasons) > 0 {
		e.Reasons = target.Reasons
	}
	e.Status = statusOf(e.Value, r.Reasons)
	if r.CI != nil {
		e.CI, e.Conf, e.CIMethod = &stat.Interval{Lower: 0 - r.CI.Upper, Upper: 0 - r.CI.Lower}, confidence, "one_versus_benchmark_t"
	}
	e.base.hidden = e.Value.Valid && (!o.gate.open(target) || !o.gate.open(own))
	return e.withN(p.valid(o.own), others.members)
}

// areas are the own area scores beside the columns.
func (o ownReport) areas(r *OrganizationReport) error {
	for a, group := range o.plan.areas {
		row, err := o.areaColumns[a]()
		if err != nil {
			return err
		}
		if err := o.ownArea(a, o.own, o.reader, &row); err != nil {
			return err
		}
		agreement, err := o.agreements[o.plan.scaleOfArea(a)]()
		if err != nil {
			return err
		}
		row.Aggregation = agreement.Aggregation
		if err := o.gateArea(group, agreement, &row); err != nil {
			return err
		}
		r.Areas = append(r.Areas, row)
	}
	return nil
}

// distributions are the own agreement distributions.
func (o ownReport) distributions(r *OrganizationReport) error {
	r.Distributions = slices.Grow(r.Distributions, len(o.items))
	for k := range o.items {
		p := &o.items[k]
		shares, _ := o.pointShares(k, []int{o.own})
		at := base{kind: baseGroup, respondents: p.valid(o.own), hidden: o.hidden[k]}
		r.Distributions = append(r.Distributions, o.distribution(k, shares, at, Own))
	}
	return nil
}

// ownResults are the own KPIs and the own managers' time.
func (o ownReport) ownResults(r *OrganizationReport) error {
	var err error
	if r.KPIs, err = o.kpiRows(o.own); err != nil {
		return err
	}
	r.Time, r.Coach, err = o.timeRows(o.own)
	return err
}
