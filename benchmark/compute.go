package benchmark

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// Compute makes the benchmark of a wave. Everything in it has passed the
// disclosure gate; the same snapshot and input give the same bytes.
func Compute(ctx context.Context, snapshot *panel.Snapshot, in Input) (*Benchmark, error) {
	e, err := newView(ctx, snapshot, in)
	if err != nil {
		return nil, err
	}
	b := &Benchmark{
		Provenance: e.provenance(), Title: waveTitle(in.Study, in.Wave), ComputedAt: in.Now, MinimumGroup: e.gate.minimum, Moving: e.snapshot.Moving(), ShownFrom: e.shownFrom(),
		Respondents: ptr(e.people), OrganizationsN: ptr(len(e.units)),
	}
	e.late.stamp(&b.Provenance)
	var rows []OrganizationRow
	if err := e.addParts(ctx, b, &rows); err != nil {
		return nil, err
	}
	e.explainColumns(&b.Practices, &b.Areas, &b.KPIs, &b.Time, &b.Coach)
	e.gate.seal(b)
	b.Organizations = rows // sealed as they were made
	return b, nil
}

// addParts fills everything in. Those of one row follow each other; the rows have
// nothing to do with each other and are made side by side.
func (e *view) addParts(ctx context.Context, b *Benchmark, organizations *[]OrganizationRow) error {
	type part = func(context.Context, *Benchmark) error
	list := func(context.Context, *Benchmark) error {
		*organizations = e.organizationRows()
		return nil
	}
	rows := [][]part{
		{e.addPractices, e.addGaps, e.addStudyStyle}, {list}, {e.addDistributions}, {e.addAreas, e.addAgreement},
		{e.addKPIs}, {e.addTime}, {e.addMix}, {e.addMatrix}, {e.addRoles, e.addTiers, e.addQuality},
	}
	inRow := func(row []part) error {
		for _, add := range row {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := add(ctx, b); err != nil {
				return err
			}
		}
		return nil
	}
	if err := eachOf(len(rows), func(i int) error { return inRow(rows[i]) }); err != nil {
		return err
	}
	return inRow([]part{e.addWords})
}

// engine is a frame with its classification and columns, from which both the
// benchmark and an organization's report are made. It is not changed once built.
type engine struct {
	*frame
	class   *classified
	columns columns
	all     columnShares
	wc      columnShares
	rest    columnShares
	results results
	fits    []func() (*stat.BetaBinomial, error) // per item, made at the first use
	flags   func() (judged, error)
	draws   func() (*Drawn, error)

	agreements  []func() (AgreementRow, error) // per scale
	areaColumns []func() (AreaRow, error)      // per area
	kpiColumns  []func() kpiColumns            // per KPI
	timeColumns func() ([3]timeColumn, error)  // World-Class, Rest and All
	sets        func() [][]int                 // whose figures can be seen, peers among them
	peerSets    func() *peerSets
	shared      func() error      // makes what the pages of organizations have in common
	hiddenItems []func() []bool   // per item: the organizations that may not see their own
	hiddenRoles []func() [][]bool // per item and compared role
	hiddenAreas []func() []bool   // per area: the organizations that may not see their own score
	hiddenKPIs  []func() []bool   // per KPI
	hiddenTime  func() []bool
	roleCounts  func() []roleCounts     // per item
	blocks      func() [][]int          // of organizations, from which groups are put together
	cells       []func() *groupCells    // of groups, per item and role, everybody first
	answers     []func() []*groupCells  // of groups that are chosen by an answer, per item
	kinds       func() ([]kindsOf, int) // of the people in those groups
}

// view is an engine with the figures that take long, of this or an earlier
// edition.
type view struct {
	*engine
	late *Drawn
}

func newView(ctx context.Context, snapshot *panel.Snapshot, in Input) (*view, error) {
	e, err := newEngine(ctx, snapshot, in)
	if err != nil {
		return nil, err
	}
	late, err := e.drawn(in)
	if err != nil {
		return nil, err
	}
	return &view{e, late}, ctx.Err()
}

// newEngine returns the engine of the snapshot, which all results of the same
// edition and input share.
func newEngine(ctx context.Context, snapshot *panel.Snapshot, in Input) (*engine, error) {
	shared, err := snapshot.Derived(in.signature(), func() (any, error) { return buildEngine(snapshot, in) })
	if err != nil {
		return nil, err
	}
	e, ok := shared.(*engine)
	if !ok {
		return nil, fmt.Errorf("panel keeps a %T where an engine belongs", shared)
	}
	return e, ctx.Err()
}

// signature names everything of the input that an engine depends on: all but the
// clock, and what only makes it quicker.
func (in Input) signature() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %d %q %q %p\n", criteriaHash(in.Criteria), criteriaHash(in.StudyStyle), in.Seed, in.Language, in.Version, in.Norms)
	fmt.Fprintf(h, "%+v %+v\n", in.Study, in.Wave)
	names := in.Kept.names(in.Organizations)
	h.Write(names[:])
	return "engine " + hex.EncodeToString(h.Sum(nil))
}

// hashOf names a list of organizations.
func hashOf(organizations []survey.Organization) (name [sha256.Size]byte) {
	h := sha256.New()
	var line []byte
	for i := range organizations {
		o := &organizations[i]
		line = line[:0]
		for _, part := range [...]string{string(o.ID), o.Key, o.Name, o.Industry, o.Region, o.Size} {
			line = append(binary.AppendUvarint(line, uint64(len(part))), part...)
		}
		h.Write(line)
	}
	h.Sum(name[:0])
	return name
}

func buildEngine(snapshot *panel.Snapshot, in Input) (*engine, error) {
	f, err := newFrame(snapshot, in)
	if err != nil {
		return nil, err
	}
	e := &engine{frame: f}
	if err := e.fillColumns(); err != nil {
		return nil, err
	}
	for k := range f.items {
		e.fits = append(e.fits, sync.OnceValues(func() (*stat.BetaBinomial, error) {
			return stat.FitBetaBinomial(f.items[k].each(func(c *itemTally) int32 { return c.agree }), f.items[k].valids())
		}))
		e.hiddenItems = append(e.hiddenItems, sync.OnceValue(func() []bool { return e.ownHidden(f.items[k].valids(), true) }))
		e.answers = append(e.answers, sync.OnceValue(func() []*groupCells { return e.answerCells(k) }))
		e.hiddenRoles = append(e.hiddenRoles, sync.OnceValue(func() [][]bool { return e.inColumnHidden(k) }))
	}
	e.rememberTables()
	e.flags = sync.OnceValues(e.judge)
	e.sets, e.peerSets = sync.OnceValue(func() [][]int { return e.publishedSets(true) }), sync.OnceValue(e.makePeerSets)
	e.shared = sync.OnceValue(e.makeShared)
	e.timeColumns = sync.OnceValues(e.makeTimeColumns)
	e.blocks, e.roleCounts = sync.OnceValue(e.makeBlocks), sync.OnceValue(e.gatherRoles)
	e.kinds, e.draws = sync.OnceValues(e.kindsOfAll), sync.OnceValues(e.draw)
	return e, nil
}

// fillColumns classifies the organizations and gathers what stands in the columns.
func (e *engine) fillColumns() error {
	err := eachOf(3, func(i int) (err error) {
		switch i {
		case 0:
			e.class, err = e.classify()
		case 1:
			err = e.gatherResults()
		default:
			e.all, err = e.shareTable(e.everybody())
		}
		return err
	})
	if err != nil {
		return err
	}
	e.columns = e.columnsOf(e.class)
	if e.wc, err = e.shareTable(e.columns.wc); err != nil {
		return err
	}
	e.rest, err = e.shareTable(e.columns.rest)
	return err
}

// rememberTables lets the page of every organization use what the tables have in
// common.
func (e *engine) rememberTables() {
	for s := range e.plan.scales {
		e.agreements = append(e.agreements, sync.OnceValues(func() (AgreementRow, error) { return e.agreementOf(s) }))
	}
	for a := range e.plan.areas {
		e.areaColumns = append(e.areaColumns, sync.OnceValues(func() (AreaRow, error) { return e.areaRow(a) }))
		e.hiddenAreas = append(e.hiddenAreas, sync.OnceValue(func() []bool { return e.ownHidden(answered(e.areaMeans(a)), false) }))
	}
	for at := range len(e.items) * (len(comparedRoles) + 1) {
		k, s := at/(len(comparedRoles)+1), at%(len(comparedRoles)+1)-1
		e.cells = append(e.cells, sync.OnceValue(func() *groupCells { return e.makeCells(k, s) }))
	}
	for _, k := range e.results.kpis {
		e.kpiColumns = append(e.kpiColumns, sync.OnceValue(func() kpiColumns { return e.makeKPIColumns(k) }))
		e.hiddenKPIs = append(e.hiddenKPIs, sync.OnceValue(func() []bool { return e.ownHidden(k.reporters, false) }))
	}
	e.hiddenTime = sync.OnceValue(func() []bool { return e.ownHidden(e.series.forms, false) })
}

func ptr[T any](v T) *T { return &v }

// addPractices fills the World-Class / Rest / All table.
func (e *engine) addPractices(_ context.Context, b *Benchmark) error {
	b.Practices = make([]PracticeRow, len(e.items))
	return eachOf(len(e.items), func(k int) error {
		p := &e.items[k]
		row := PracticeRow{
			Item: p.field.Item.Key, Label: p.label, Area: p.field.Item.Area,
			KeyPractice: e.marked(p.field.Item.Key), Reverse: p.field.Item.Reverse,
			Norms: e.in.Norms.For(p.field.Item.Key, MeasureAgree, measureOddsAgree),
		}
		row.WC, row.Rest, row.All = e.columnShare(k, WorldClass, e.wc), e.columnShare(k, Rest, e.rest), e.columnShare(k, All, e.all)
		e.gate.complement(&row.WC, &row.Rest)
		row.Median, row.Upper = e.orderOf(k)
		var err error
		row.Top3All, err = e.top3Of(k)
		b.Practices[k] = row
		return err
	})
}

// isKey says whether an item belongs to the criteria.
func (f *frame) isKey(item string) bool {
	if c := f.in.Criteria; c != nil && c.Unit == UnitOrganization {
		for _, key := range c.Items {
			if key == item {
				return true
			}
		}
		return false
	}
	k, ok := f.position[item]
	return ok && f.items[k].field.Item.KeyPractice
}

// marked says whether an item is called a key practice: where criteria were made
// of all statements, because the instrument marks none, no one is.
func (f *frame) marked(item string) bool {
	if !f.isKey(item) {
		return false
	}
	for k := range f.items {
		if i := f.items[k].field.Item; i.KeyPractice || !i.Reverse && !f.isKey(i.Key) {
			return true
		}
	}
	return false
}

// columnShare is the share of an item in one of the columns.
func (e *engine) columnShare(k int, column Column, c columnShares) Estimate {
	return e.shareOf(k, column, c.pooled[k], c.of(k))
}

// shareOf is the share of an item in a column of organizations.
func (e *engine) shareOf(k int, column Column, r stat.ShareResult, at columnOf) Estimate {
	p := &e.items[k]
	est := fromShare(r, at.base)
	est.Item, est.Column, est.Cut, est.Weighting = p.field.Item.Key, column, p.cut(), string(stat.EqualOrganization)
	est.NAsked, est.NDontKnow = &at.asked, &at.dontKnow
	if at.members == 0 && e.columns.reason != "" {
		est.Reasons = []stat.Reason{e.columns.reason}
	}
	return est
}

// top3Of is the share with one point more counted as agreement, over all
// organizations.
func (e *engine) top3Of(k int) (Estimate, error) {
	p := &e.items[k]
	r, b, err := e.top3Share(k)
	if err != nil {
		return Estimate{}, err
	}
	est := fromShare(r, b)
	est.Stat, est.Item, est.Column, est.Weighting = "top3_share", p.field.Item.Key, All, string(stat.EqualOrganization)
	est.Cut = fmt.Sprintf("%d-%d of %d", p.points-p.top, p.points, p.points)
	return est, nil
}

// orderOf is the median organization and the upper quartile of organizations,
// measure by measure, over the organizations whose own share may be shown.
func (e *engine) orderOf(k int) (median, upper Estimate) {
	p := &e.items[k]
	shares, people := e.sharesInOrder(k)
	b := base{kind: baseColumn, organizations: len(shares), respondents: people}
	if b.organizations > 0 {
		b.largest = 1 / float64(b.organizations)
	}
	quantiles := [2]stat.Number{stat.QuantileSorted(shares, 0.5), stat.QuantileSorted(shares, 0.75)}
	make := func(name string, column Column, v stat.Number) Estimate {
		est := figure(name, UnitProportion, v, b).withN(b.respondents, b.organizations)
		est.Item, est.Column, est.Cut = p.field.Item.Key, column, p.cut()
		return est
	}
	return make("top2_share_median", Median, quantiles[0]), make("top2_share_upper_quartile", Upper, quantiles[1])
}

// sharesInOrder are the shares of the organizations whose own may be shown, in
// ascending order, and the answers behind them.
func (e *engine) sharesInOrder(k int) (shares []float64, people int) {
	p := &e.items[k]
	if !e.weighted {
		return e.orders[k], p.sums.shown
	}
	for j := range e.units {
		if s, ok := p.ownShare(j); ok && p.valid(j) >= e.gate.minimum {
			shares, people = append(shares, s), people+p.valid(j)
		}
	}
	slices.Sort(shares)
	return shares, people
}
