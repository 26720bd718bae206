package web

import (
	"slices"
	"strings"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/templates"
)

// helpItem is the statement that the published study is remembered for.
const helpItem = "manager_deal_help"

// wavePage turns the result of a wave into its page.
func wavePage(w resultWave, b *benchmark.Benchmark) (templates.WaveResults, error) {
	if words := waiting(b); words != "" {
		return templates.WaveResults{Waiting: words, ResultsBase: templates.ResultsBase{Base: pageBase(b.Title, waveNav(w, "")...),
			Eyebrow: eyebrow("Benchmark", originWord(w.study.Origin)), Heading: b.Title}}, nil
	}
	page := templates.WaveResults{
		ResultsBase: templates.ResultsBase{
			Base:    pageBase(b.Title, waveNav(w, "")...),
			Eyebrow: eyebrow("Benchmark", originWord(w.study.Origin)), Heading: b.Title, Headline: b.Headline, Story: b.Story,
			Origin: origin(b.Provenance), Warning: warning(b.Quality), KeyFigures: waveFigures(b), Caveats: b.Caveats,
			Provenance: provenance(b.Provenance, b.Respondents, b.OrganizationsN, b.MinimumGroup),
			Downloads:  waveDownloads(resultsPath(w.Key, "")),
		},
		GroupCaption: b.WCCaption, Criteria: criteriaSection(b.Criteria), Practices: practiceTable(b.Practices, b.Areas), Tiers: tierTable(b),
		KPIs: kpiTable(b.KPIs, false), MatrixReason: b.Matrix.Reason,
		Study: studyStyle(b), Sample: sample(b), Quality: b.Quality.Sentence, Groups: groupForm(w, benchmark.Group{}),
	}
	if slices.ContainsFunc(b.Practices, func(p benchmark.PracticeRow) bool { return p.Gap.Shown() }) {
		page.Circular = "The group called World-Class was chosen by these very answers, so it has to agree more. In the split-half column one half of the people of each organization chose the group and the other half was measured: this is the gap that remains."
	}
	page.Organizations, page.AllOrganizations = firstOrganizations(w, b)
	if page.Roles, page.RolesReason = roleTable(b.RoleGaps); len(b.RoleGaps) == 0 {
		page.RolesReason = ""
	}
	if err := waveCharts(b, &page); err != nil {
		return page, err
	}
	page.Contents = waveContents(page)
	return page, nil
}

func waveContents(p templates.WaveResults) []templates.Link {
	var links []templates.Link
	if p.Help != nil || p.Time != nil {
		links = append(links, templates.Link{Text: "Managers", URL: "#manager"})
	}
	links = append(links, templates.Link{Text: "Practices", URL: "#practices"})
	if p.Radar != nil {
		links = append(links, templates.Link{Text: "Areas", URL: "#by-area"})
	}
	if p.Agreement != nil {
		links = append(links, templates.Link{Text: "Answers", URL: "#answers"})
	}
	links = append(links, templates.Link{Text: "Organizations", URL: "#organizations"})
	if p.Criteria != nil {
		links = append(links, templates.Link{Text: "Criteria", URL: "#criteria"})
	}
	links = append(links, templates.Link{Text: "Results", URL: "#results"})
	if p.Roles != nil {
		links = append(links, templates.Link{Text: "Roles", URL: "#roles"})
	}
	if p.Study != nil {
		links = append(links, templates.Link{Text: "Study style", URL: "#study-style"})
	}
	if p.Groups != nil {
		links = append(links, templates.Link{Text: "Groups", URL: "#groups"})
	}
	return append(links, templates.Link{Text: "Sample", URL: "#sample"}, templates.Link{Text: "Limits", URL: "#caveats"})
}

func waveFigures(b *benchmark.Benchmark) []templates.KeyFigure {
	var figures []templates.KeyFigure
	if b.Respondents != nil && b.OrganizationsN != nil {
		figures = append(figures, templates.KeyFigure{What: "Respondents", Figure: count(b.Respondents).Text,
			Note: inOrganizations(*b.OrganizationsN)})
	}
	if b.ExpectedWC.Shown() {
		figures = append(figures, templates.KeyFigure{What: "World-Class organizations, expected", Figure: benchmark.FormatNumber(b.ExpectedWC.Value.Value, 1),
			Note: expectedNote(b)})
	}
	if i := slices.IndexFunc(b.Practices, func(p benchmark.PracticeRow) bool { return p.Item == helpItem }); i >= 0 && b.Practices[i].All.Shown() {
		all := b.Practices[i].All
		figures = append(figures, templates.KeyFigure{What: "Say managers help to advance opportunities", Figure: all.Text(), Note: "each organization counting the same" + noted("; 95% interval ", all.Range())})
	}
	if b.StudyStyle != nil && b.StudyStyle.Share.Shown() {
		share := b.StudyStyle.Share
		figures = append(figures, templates.KeyFigure{What: "World-Class respondents, study style", Figure: share.Text(), Note: "each person counting the same" + noted("; 95% interval ", share.Range())})
	}
	return figures
}

// expectedNote says why an expected number may stand above no column.
func expectedNote(b *benchmark.Benchmark) string {
	if slices.ContainsFunc(b.Practices, func(p benchmark.PracticeRow) bool { return p.WC.Shown() }) {
		return "sum of the probabilities"
	}
	return "sum of the probabilities; not enough for a column of their own"
}

// waveCharts draws the figures of the page.
func waveCharts(b *benchmark.Benchmark, page *templates.WaveResults) error {
	gaps, err := chart.WaveGaps(b)
	if page.Gaps, err = figure(gaps, err, gapCaption(b)); err != nil {
		return err
	}
	page.Help, err = helpFigure(b.Practices, b.Provenance)
	if err != nil {
		return err
	}
	page.Time, err = timeFigure(b.Time, b.Coach, b.Provenance)
	if err != nil {
		return err
	}
	page.Radar, page.Rows, err = areaFigures(b.Areas, b.Provenance)
	if err != nil {
		return err
	}
	page.Agreement, err = agreementFigure(b.Distributions, b.Practices, b.Provenance)
	if err != nil || len(b.Matrix.Cells) == 0 {
		return err
	}
	matrix, err := chart.PracticeByResult(b.Matrix)
	page.Matrix, err = figure(matrix, err, "One mark per organization; the two axes are never merged into one score; rule "+b.Provenance.Rule)
	return err
}

func gapCaption(b *benchmark.Benchmark) string {
	if len(b.Practices) == 0 {
		return b.Provenance.Method
	}
	var all []benchmark.Estimate
	for _, p := range b.Practices {
		all = append(all, p.All)
	}
	words := captionOver(b.Provenance, all)
	if slices.ContainsFunc(b.Practices, func(p benchmark.PracticeRow) bool { return p.SplitHalf.Shown() }) {
		words += "; sorted by the split-half gap"
	}
	return words
}

// helpFigure shows who says that managers help to advance opportunities.
func helpFigure(practices []benchmark.PracticeRow, p benchmark.Provenance) (*templates.ResultsFigure, error) {
	i := slices.IndexFunc(practices, func(row benchmark.PracticeRow) bool { return row.Item == helpItem })
	if i < 0 {
		return nil, nil
	}
	row := practices[i]
	f, err := chart.ManagerHelp([]chart.HelpBar{{Column: benchmark.WorldClass, Share: row.WC}, {Column: benchmark.Rest, Share: row.Rest},
		{Column: benchmark.All, Share: row.All}}, row.Norms)
	return figure(f, err, caption(p, row.All)+normCredit(row.Norms))
}

func normCredit(norms []benchmark.NormReference) string {
	for _, n := range norms {
		if n.Measure == benchmark.MeasureAgree && n.Comparison.Valid {
			return ". Published: " + n.Credit()
		}
	}
	return ""
}

func timeFigure(rows []benchmark.TimeRow, coach benchmark.CoachIndex, p benchmark.Provenance) (*templates.ResultsFigure, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	f, err := chart.ManagerTime(rows, coach)
	return figure(f, err, caption(p, rows[0].All)+
		". Share of managers' working time, as managers themselves report it; the coach index is the time for coaching and resources for each hour of forecasting and administration")
}

func areaFigures(areas []benchmark.AreaRow, p benchmark.Provenance) (radar, rows *templates.ResultsFigure, err error) {
	if len(areas) == 0 {
		return nil, nil, nil
	}
	words := caption(p, areas[0].All)
	if i := slices.IndexFunc(areas, func(a benchmark.AreaRow) bool { return a.Own.Shown() && a.Own.N != nil }); i >= 0 {
		words = "here n = " + benchmark.FormatCount(*areas[i].Own.N) + "; all: " + words
	}
	f, err := chart.AreaRadar(areas)
	if radar, err = figure(f, err, words); err != nil || f.ID == "area-rows" {
		return radar, nil, err
	}
	f, err = chart.AreaDots(areas)
	f.Title = "The same areas side by side"
	if slices.ContainsFunc(areas, func(a benchmark.AreaRow) bool { return a.All.CI != nil || a.Own.CI != nil }) {
		f.Title += ", with intervals"
	}
	rows, err = figure(f, err, words)
	return radar, rows, err
}

// agreementFigure shows the spread of the key practices, or of all where none is marked.
func agreementFigure(all []benchmark.Distribution, practices []benchmark.PracticeRow, p benchmark.Provenance) (*templates.ResultsFigure, error) {
	key := map[string]bool{}
	for _, row := range practices {
		key[row.Item] = row.KeyPractice
	}
	kept := slices.DeleteFunc(slices.Clone(all), func(d benchmark.Distribution) bool { return !key[d.Item] })
	if len(kept) == 0 {
		kept = all
	}
	return spreadFigure(kept, len(kept) < len(all), p)
}

// spreadFigure shows how answers spread; key says that others than the key practices are left out.
func spreadFigure(distributions []benchmark.Distribution, key bool, p benchmark.Provenance) (*templates.ResultsFigure, error) {
	if len(distributions) == 0 {
		return nil, nil
	}
	f, err := chart.Agreement(distributions)
	if key && f.Drawn() && len(distributions) > 1 {
		f.Title = chart.OfKey(len(distributions), f.Title)
	}
	return figure(f, err, "Answers in percent of those who answered, strongest agreement first; numbers under 6% are in the table; "+p.Method)
}

// practiceTable is the World-Class / Rest / All table, by area.
func practiceTable(rows []benchmark.PracticeRow, areas []benchmark.AreaRow) templates.DataTable {
	if !slices.ContainsFunc(rows, func(p benchmark.PracticeRow) bool { return p.WC.Shown() || p.Gap.Shown() }) {
		return plainPracticeTable(rows, areas)
	}
	t := newTable("practice-table", "Every practice: share that agrees, and the gap in points", "Practice", "World-Class", "Rest", "All",
		"Gap as chosen", "Effect (h)", "Leave item out", "Split half", "p, adjusted", "n")
	for _, part := range byArea(rows, areas, func(p *benchmark.PracticeRow) string { return p.Area }) {
		if part.title != "" {
			t.group(part.title)
		}
		for _, p := range part.rows {
			t.row(practiceHeading(p.Label, p.KeyPractice, p.Reverse), t.cell(p.WC), t.cell(p.Rest), t.cell(p.All),
				t.cell(p.Gap), bare(t.cell(p.Effect)), t.like(p.LeaveOut, p.Gap), t.cell(p.SplitHalf), num(benchmark.FormatP(p.SplitHalf.PBH)), count(p.All.N))
		}
	}
	return t.done("Gaps in points. Only the split-half gap is tested; its p-value is adjusted for all practices (Benjamini-Hochberg).",
		"Effect: Cohen's h of World-Class and Rest as chosen; about 0.2 is small, 0.5 medium, 0.8 large. It describes, as the gap as chosen does.")
}

// plainPracticeTable is for waves in which nobody can be set apart as World-Class.
func plainPracticeTable(rows []benchmark.PracticeRow, areas []benchmark.AreaRow) templates.DataTable {
	t := newTable("practice-table", "Every practice: share that agrees", "Practice", "All", "Median organization", "Upper quartile of organizations", "n")
	for _, part := range byArea(rows, areas, func(p *benchmark.PracticeRow) string { return p.Area }) {
		if part.title != "" {
			t.group(part.title)
		}
		for _, p := range part.rows {
			t.row(practiceHeading(p.Label, p.KeyPractice, p.Reverse), t.cell(p.All), t.cell(p.Median), t.cell(p.Upper), count(p.All.N))
		}
	}
	return t.done()
}

type areaPart[T any] struct {
	title string
	rows  []*T
}

// byArea groups rows, which are large, in the order of the areas; rows of no area come
// last.
func byArea[T any](rows []T, areas []benchmark.AreaRow, area func(*T) string) []areaPart[T] {
	var parts []areaPart[T]
	placed := map[string]bool{}
	take := func(title string, in func(string) bool) {
		part := areaPart[T]{title: title}
		for i := range rows {
			if r := &rows[i]; in(area(r)) {
				part.rows = append(part.rows, r)
			}
		}
		if len(part.rows) > 0 {
			parts = append(parts, part)
		}
	}
	for _, a := range areas {
		placed[a.Key] = true
		take(a.Title, func(key string) bool { return key == a.Key })
	}
	other := "Other practices"
	if len(areas) == 0 {
		other = ""
	}
	take(other, func(key string) bool { return !placed[key] })
	return parts
}

func tierTable(b *benchmark.Benchmark) templates.DataTable {
	if len(b.Tiers) == 0 {
		return templates.DataTable{}
	}
	t := newTable("tier-table", "Tiers of the organizations", "Tier", "Share of organizations")
	for _, tier := range b.Tiers {
		t.row(text(tier.Label), t.cell(tier.Value))
	}
	note := ""
	if b.ExpectedWC.Shown() {
		note = benchmark.TierRule + " Expected number of World-Class organizations, the sum of their probabilities: " + benchmark.FormatNumber(b.ExpectedWC.Value.Value, 1) + "."
	}
	return t.done(note)
}

// kpiTable compares results between the columns, medians of organizations.
func kpiTable(rows []benchmark.KPIRow, own bool) *templates.DataTable {
	if len(rows) == 0 {
		return nil
	}
	head := []string{"Result (KPI)"}
	if own {
		head = append(head, "This organization")
	}
	t := newTable("kpi-table", "Results: median organization", append(head, "World-Class", "Rest", "All", "World-Class minus Rest")...)
	for _, k := range rows {
		heading := templates.Cell{Text: k.Label, Small: eyebrow(kpiTold(k), kpiDirection(k.Direction), kpiNorms(k.Norms))}
		var cells []templates.Cell
		if own {
			c := t.cell(k.Own)
			c.Own = true
			cells = append(cells, c)
		}
		t.row(heading, append(cells, t.withN(k.WC), t.withN(k.Rest), t.withN(k.All), t.cell(k.Gap))...)
	}
	done := t.done("Roles that were asked in other words, about a team or about the whole organization, are not mixed: the answers of the roles named are used.",
		"Differences of percentages are in points. The same people may have reported practice and result, so a link between them may be one mood.")
	return &done
}

func kpiSource(source string) string {
	if source == "records" {
		return "from records"
	}
	return "as reported"
}

// kpiTold says whose answers stand behind a result.
func kpiTold(k benchmark.KPIRow) string {
	words := kpiSource(k.Source)
	if len(k.Reporters) > 0 {
		words += " by: " + strings.Join(k.Reporters, ", ")
	}
	return words
}

func kpiDirection(direction string) string {
	if direction == "lower" {
		return "lower is better"
	}
	return ""
}

func kpiNorms(norms []benchmark.NormReference) string {
	for _, n := range norms {
		if n.Comparison.Valid {
			return "published, " + n.Credit() + ": " + benchmark.FormatNumber(n.Comparison.Value, 1)
		}
	}
	return ""
}

func studyStyle(b *benchmark.Benchmark) *templates.StudyStyleView {
	if b.StudyStyle == nil {
		return nil
	}
	s := b.StudyStyle
	t := newTable("study-table", "Study style: share of respondents who agree", "Practice", "World-Class", "Rest", "All", "Gap as chosen", "Leave item out")
	for _, p := range s.Rows {
		t.row(practiceHeading(p.Label, p.KeyPractice, p.Reverse), t.withN(p.WC), t.withN(p.Rest), t.cell(p.All), t.cell(p.Gap), t.like(p.LeaveOut, p.Gap))
	}
	view := &templates.StudyStyleView{Rule: "Rule of the 2012 study: " + s.Rule, Table: t.done("World-Class here are people, not organizations; no split half can be taken of a single person."),
		Note: "A share of respondents is not a share of organizations."}
	if s.Share.Shown() {
		view.Share = "By this rule " + s.Share.Text() + " of the respondents are World-Class (95% interval " + s.Share.Range() + ")."
	} else {
		view.Share = "The share of World-Class respondents: " + s.Share.Text() + "."
	}
	return view
}

// sample shows who answered.
func sample(b *benchmark.Benchmark) []templates.DataTable {
	var tables []templates.DataTable
	for _, part := range []struct {
		id, title string
		shares    []benchmark.Share
	}{{"role-mix", "Role", b.Roles}, {"industry-mix", "Industry", b.Industries}, {"region-mix", "Region", b.Regions}} {
		if len(part.shares) == 0 {
			continue
		}
		t := newTable(part.id, part.title+" of the respondents", part.title, "Share")
		for _, s := range part.shares {
			c := t.cell(s.Value)
			c.Interval = "" // a share of those who answered is counted, not estimated
			t.row(text(s.Label), c)
		}
		tables = append(tables, t.done())
	}
	return tables
}

func waveDownloads(path string) []templates.Link {
	return []templates.Link{{Text: "All results as JSON", URL: path + "?format=json"}, {Text: "Practices as CSV", URL: path + "?format=csv"},
		{Text: "Organizations as CSV", URL: path + "?format=csv&table=organizations"}, {Text: "Results (KPIs) as CSV", URL: path + "?format=csv&table=kpis"},
		{Text: "Tiers alone, known first, as CSV", URL: path + "/league.csv"}}
}
