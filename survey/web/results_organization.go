package web

import (
	"math"
	"slices"
	"strings"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/templates"
)

// organizationPage turns the report of one organization into its page. wide says
// that the reader may see the whole wave.
func organizationPage(w resultWave, r *benchmark.OrganizationReport, wide bool) (templates.OrganizationResults, error) {
	path, name := resultsPath(w.Key, r.Organization.Key), chart.Plain(r.Organization.Name)
	var nav []templates.Link
	if wide {
		nav = append(nav, templates.Link{Text: "This wave", URL: resultsPath(w.Key, "")})
	}
	nav = append(nav, templates.Link{Text: "This organization", URL: path, Current: true})
	page := templates.OrganizationResults{
		ResultsBase: templates.ResultsBase{
			Base: pageBase(name, nav...), Eyebrow: eyebrow(r.Title, w.traits(r.Organization)),
			Heading: name, Headline: r.Headline, Story: r.Story, Origin: origin(r.Provenance), Warning: warning(r.Quality), Caveats: r.Caveats,
			Provenance: provenance(r.Provenance, nil, nil, r.MinimumGroup),
		},
	}
	if r.Status == benchmark.Withheld {
		page.Withheld = r.Reason
		return page, nil
	}
	page.Tier, page.TierWords = tierSentence(r.Organization.Classification)
	page.KeyFigures = organizationFigures(r)
	page.Strengths = templates.StandingList{Head: r.StrengthWords, Order: r.StrengthOrder, Rows: standings(r.Strengths, strengthOf, benchmark.All, benchmark.WorldClass)}
	page.Gaps = templates.StandingList{Head: r.GapWords, Order: r.GapOrder, Rows: standings(r.Gaps, gapOf, gapTarget(r))}
	page.Incomparable, page.ListsNote = r.Incomparable, r.ListsNote
	page.Practices, page.PeersCaption = ownPracticeTable(r), r.PeersCaption
	page.Roles, page.RolesReason = roleTable(r.Roles)
	page.KPIs, page.Norms, page.Quality = kpiTable(r.KPIs, true), normTable(r), r.Quality.Sentence
	page.Downloads = []templates.Link{{Text: "All results as JSON", URL: path + "?format=json"}, {Text: "Practices as CSV", URL: path + "?format=csv"}}
	return page, organizationCharts(r, &page)
}

func organizationFigures(r *benchmark.OrganizationReport) []templates.KeyFigure {
	c := r.Organization.Classification
	var figures []templates.KeyFigure
	if c.PWC.Valid {
		figures = append(figures, templates.KeyFigure{What: "Probability of World-Class", Figure: benchmark.FormatProbability(c.PWC), Note: c.Call.Words()})
	}
	if c.Index.Shown() {
		figures = append(figures, templates.KeyFigure{What: "Index", Figure: c.Index.Text(), Note: noted("95% interval ", c.Index.Range())})
	}
	if r.Coach.Own.Shown() {
		figures = append(figures, templates.KeyFigure{What: "Coach index of managers", Figure: r.Coach.Own.Text(), Note: worldClassNote(r.Coach.WC)})
	}
	if r.Organization.N != nil {
		figures = append(figures, templates.KeyFigure{What: "Respondents", Figure: count(r.Organization.N).Text})
	}
	return figures
}

// noted puts a word before a figure that may be empty.
func noted(word, figure string) string {
	if figure == "" {
		return ""
	}
	return word + figure
}

func worldClassNote(e benchmark.Estimate) string {
	if !e.Shown() {
		return ""
	}
	return "World-Class " + e.Text()
}

// standings sets the own share beside those of columns, as far as they are shown.
func standings(rows []benchmark.OrganizationPractice, words func(benchmark.OrganizationPractice) (gap, sure string), columns ...benchmark.Column) []templates.Standing {
	var list []templates.Standing
	for _, p := range rows {
		benchmark.Alike(&p.Own, &p.WC, &p.All)
		s := templates.Standing{Practice: chart.Plain(p.Label), Marks: []templates.Mark{{Column: string(benchmark.Own), Words: "Here " + p.Own.Text()}}}
		for _, column := range columns {
			if share, name := besideOwn(p, column); share.Shown() {
				s.Marks = append(s.Marks, templates.Mark{Column: string(column), Words: name + " " + share.Text()})
			}
		}
		s.Gap, s.Sure = words(p)
		list = append(list, s)
	}
	return list
}

// besideOwn is the share that a distance is taken from, without the organization
// itself, so that the points follow from the shares that are printed.
func besideOwn(p benchmark.OrganizationPractice, column benchmark.Column) (share benchmark.Estimate, name string) {
	share, gap, name := p.All, p.GapAll, "All"
	others, alone := "All others", "All with this one"
	if column == benchmark.WorldClass {
		share, gap, name = p.WC, p.GapWC, "World-Class"
		others, alone = "Other World-Class", "World-Class with this one"
	}
	if !share.Shown() || !p.Own.Shown() {
		return share, name
	}
	if !gap.Shown() {
		return share, alone
	}
	if without := p.Own.Value.Value + gap.Value.Value/100; math.Abs(without-share.Value.Value) > 1e-9 {
		share.Value.Value, name = min(max(without, 0), 1), others
	}
	return share, name
}

// gapTarget is what gaps are distances from: World-Class, or all where there is none.
func gapTarget(r *benchmark.OrganizationReport) benchmark.Column {
	if slices.ContainsFunc(r.Gaps, func(p benchmark.OrganizationPractice) bool { return p.WC.Shown() }) {
		return benchmark.WorldClass
	}
	return benchmark.All
}

// gapOf says how far an organization is behind World-Class, and how sure that is.
func gapOf(p benchmark.OrganizationPractice) (gap, sure string) {
	if !p.GapWC.Shown() {
		return strengthOf(p)
	}
	sure = interval(p.GapWC)
	if p.GapWC.CI == nil {
		sure = "not tested"
		if benchmark.FarBehind(p) {
			sure += "; the whole 95% interval here, " + p.Own.Range() + ", lies below"
		}
	}
	return distance(turned(p.GapWC), "World-Class"), sure
}

// strengthOf says how an organization stands against all others.
func strengthOf(p benchmark.OrganizationPractice) (gap, sure string) {
	if !p.GapAll.Shown() {
		return "The distance is " + p.GapAll.Text() + ": without this organization the others are too few to be shown", ""
	}
	own := turned(p.GapAll)
	return distance(own, "all others"), interval(own)
}

// turned is a gap seen from the other side: own minus the others.
func turned(gap benchmark.Estimate) benchmark.Estimate {
	gap.Value.Value = -gap.Value.Value
	if gap.CI != nil {
		gap.CI = &stat.Interval{Lower: -gap.CI.Upper, Upper: -gap.CI.Lower}
	}
	return gap
}

// distance words a difference without its sign.
func distance(own benchmark.Estimate, other string) string {
	size := strings.TrimLeft(own.Text(), "+−")
	switch {
	case own.Value.Value > 0:
		return size + " points ahead of " + other
	case own.Value.Value < 0:
		return size + " points behind " + other
	}
	return "Level with " + other
}

// interval says in which range a difference lies, and whether it is beyond doubt by
// the rule of the headline.
func interval(e benchmark.Estimate) string {
	if e.CI == nil {
		return ""
	}
	sure := "not beyond doubt"
	if e.BeyondDoubt() {
		sure = "beyond doubt"
	}
	return sure + " (95% interval " + e.Range() + ")"
}

func organizationCharts(r *benchmark.OrganizationReport, page *templates.OrganizationResults) error {
	if len(r.Practices) > 0 {
		f, err := chart.OrganizationGaps(r)
		own := make([]benchmark.Estimate, len(r.Practices))
		for i := range own {
			own[i] = r.Practices[i].Own
		}
		words := captionOver(r.Provenance, own)
		page.GapHead = "Agreement by practice"
		if chart.HasGaps(r.Practices) {
			page.GapHead = "How far from World-Class"
			words += "; World-Class without this organization, minus its own share, widest gap first after its share was drawn towards the others as far as few answers may be chance" + missingIntervals(r)
		} else {
			words += "; highest agreement first"
		}
		if page.GapFigure, err = figure(f, err, words); err != nil {
			return err
		}
	}
	var err error
	if page.Help, err = ownHelpFigure(r); err != nil {
		return err
	}
	if len(r.Time) > 0 {
		f, err := chart.ManagerTime(r.Time, r.Coach)
		if page.Time, err = figure(f, err, caption(r.Provenance, r.Time[0].Own)+
			". Share of managers' working time, as managers themselves report it; the coach index is the time for coaching and resources for each hour of forecasting and administration"); err != nil {
			return err
		}
	}
	if page.Radar, page.Rows, err = areaFigures(r.Areas, r.Provenance); err != nil {
		return err
	}
	if page.Spread, page.NoScore, err = insteadOfScores(r); err != nil {
		return err
	}
	page.Agreement, err = ownSpread(r)
	return err
}

// missingIntervals says why the gaps of a figure have none.
func missingIntervals(r *benchmark.OrganizationReport) string {
	for i := range r.Practices {
		if p := &r.Practices[i]; p.GapWC.Shown() && p.GapWC.CI == nil {
			return "; the gaps have no interval, there are too few organizations"
		}
	}
	return ""
}

func ownHelpFigure(r *benchmark.OrganizationReport) (*templates.ResultsFigure, error) {
	i := slices.IndexFunc(r.Practices, func(p benchmark.OrganizationPractice) bool { return p.Item == helpItem })
	if i < 0 {
		return nil, nil
	}
	p := r.Practices[i]
	f, err := chart.ManagerHelp([]chart.HelpBar{{Column: benchmark.Own, Share: p.Own}, {Column: benchmark.WorldClass, Share: p.WC},
		{Column: benchmark.All, Share: p.All}}, p.Norms)
	return figure(f, err, caption(r.Provenance, p.Own)+normCredit(p.Norms))
}

func ownSpread(r *benchmark.OrganizationReport) (*templates.ResultsFigure, error) {
	key := map[string]bool{}
	for _, p := range r.Practices {
		key[p.Item] = p.KeyPractice
	}
	kept := slices.DeleteFunc(slices.Clone(r.Distributions), func(d benchmark.Distribution) bool { return !key[d.Item] })
	if len(kept) == 0 {
		kept = r.Distributions
	}
	return spreadFigure(kept, len(kept) < len(r.Distributions), r.Provenance)
}

func ownPracticeTable(r *benchmark.OrganizationReport) templates.DataTable {
	t := newTable("practice-table", "Every practice: share that agrees, and the gaps in points", "Practice", "This organization", "World-Class", "All", "Peers",
		"Gap to World-Class", "Gap to All", "Gap to peers")
	for _, part := range byArea(r.Practices, r.Areas, func(p *benchmark.OrganizationPractice) string { return p.Area }) {
		if part.title != "" {
			t.group(part.title)
		}
		for _, p := range part.rows {
			own := t.withN(p.Own)
			own.Own = true
			t.row(practiceHeading(p.Label, p.KeyPractice, p.Reverse), own, t.cell(p.WC), t.cell(p.All), t.cell(p.Peers),
				tested(t.cell(p.GapWC), p), t.cell(p.GapAll), t.cell(p.GapPeers))
		}
	}
	return t.done("Gaps in points, the other group without this organization minus its own share: a plus means that the others are ahead.",
		"h: Cohen's h of the two shares, about 0.2 small, 0.5 medium, 0.8 large. p: adjusted for all practices (Benjamini-Hochberg).")
}

// tested adds the size of the effect and the adjusted p to a gap.
func tested(c templates.Cell, p *benchmark.OrganizationPractice) templates.Cell {
	if p.GapWC.Shown() && p.Effect.Shown() {
		c.Small = "h " + p.Effect.Text() + ", p " + benchmark.FormatP(p.GapWC.PBH)
	}
	return c
}

// normTable sets published figures beside the own ones; they are context and
// never tested against them.
func normTable(r *benchmark.OrganizationReport) *templates.DataTable {
	t := newTable("norm-table", "Published figures, as context", "Practice", "This organization", "Published, World-Class", "Published, comparison", "Source")
	for _, p := range r.Practices {
		for _, n := range p.Norms {
			own := t.cell(p.Own)
			if n.Measure != benchmark.MeasureAgree {
				own = num(benchmark.Dash)
			}
			t.row(text(p.Label), own, published(n, n.WorldClass.Valid, n.WorldClass.Value), published(n, n.Comparison.Valid, n.Comparison.Value),
				templates.Cell{Text: n.Credit(), Small: n.Note})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	t.Head[len(t.Head)-1].Num = false
	done := t.done("Other people, another year and often another question: read them beside each other, not as a test.")
	return &done
}

func published(n benchmark.NormReference, known bool, value float64) templates.Cell {
	if !known {
		return templates.Cell{Text: "not published", Num: true, Absent: true}
	}
	words := benchmark.FormatNumber(value, 0)
	if n.Measure == benchmark.MeasureAgree {
		words += "%"
	}
	if n.Approximate {
		words = "about " + words
	}
	if n.Measure != benchmark.MeasureAgree {
		return templates.Cell{Text: words, Small: n.MeasureWords(), Num: true}
	}
	return num(words)
}
