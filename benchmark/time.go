package benchmark

import (
	"context"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// The parts of the managers' time that tell a coach from a forecast accountant.
var (
	enablingParts   = [...]string{"time_coaching", "time_resources"}
	accountingParts = [...]string{"time_forecasting", "time_admin"}
)

// managerRole is the role whose own week counts. What others think a manager does
// is another question, and is never pooled with it.
const managerRole = "manager"

// asksTime says whether there is a managers' time to show.
func (e *engine) asksTime() bool { return e.plan.time != nil && !e.unsettled() }

func (e *engine) addTime(_ context.Context, b *Benchmark) error {
	var err error
	b.Time, b.Coach, err = e.timeRows(-1)
	return err
}

// timeRows compares the managers' time in the columns; own is the position of
// an organization, -1 without one.
func (e *engine) timeRows(own int) ([]TimeRow, CoachIndex, error) {
	if !e.asksTime() {
		missing := notComputed("coach_ratio", UnitRatio, stat.NoValidAnswers)
		return nil, CoachIndex{missing, missing, missing, missing}, nil
	}
	parts := e.plan.time.item.Parts
	rows := make([]TimeRow, len(parts))
	for p, part := range parts {
		rows[p] = TimeRow{Key: part.Key, Label: part.Label.In(e.language), Norms: e.in.Norms.For(part.Key, MeasureTime)}
	}
	var coach CoachIndex
	columns, err := e.timeColumns()
	if err != nil {
		return nil, coach, err
	}
	coach.WC, coach.Rest, coach.All = columns[0].coach, columns[1].coach, columns[2].coach
	for p := range rows {
		rows[p].WC, rows[p].Rest, rows[p].All = columns[0].parts[p], columns[1].parts[p], columns[2].parts[p]
		e.gate.complement(&rows[p].WC, &rows[p].Rest)
	}
	e.gate.complement(&coach.WC, &coach.Rest)
	return rows, coach, e.ownTime(own, rows, &coach)
}

// timeColumn is the managers' time in one column.
type timeColumn struct {
	parts []Estimate
	coach Estimate
}

// makeTimeColumns are World-Class, Rest and All, the same on every page.
func (e *engine) makeTimeColumns() (made [3]timeColumn, err error) {
	for i, c := range [...]struct {
		name    Column
		members []int
	}{{WorldClass, e.columns.wc}, {Rest, e.columns.rest}, {All, e.columns.all}} {
		if made[i].parts, err = e.timeColumn(c.members, c.name); err != nil {
			return made, err
		}
		if made[i].coach, err = e.coachColumn(c.members, c.name); err != nil {
			return made, err
		}
	}
	return made, nil
}

// timeColumn is the mean composition in one column.
func (e *engine) timeColumn(members []int, column Column) ([]Estimate, error) {
	contributions := make([][]stat.Contribution, len(e.plan.time.fields))
	for p := range contributions {
		contributions[p] = e.membersOf(e.series.parts[p], members)
	}
	r, err := stat.ManagerTimeOf(contributions, confidence)
	if err != nil {
		return nil, err
	}
	at := e.timeBase(members)
	estimates := make([]Estimate, len(r.Parts))
	for p, part := range r.Parts {
		est := Estimate{Stat: "mean_time", Item: e.plan.time.item.Parts[p].Key, Column: column, Unit: UnitPercent, Value: part.Mean,
			Status: statusOf(part.Mean, r.Reasons), Reasons: append([]stat.Reason{}, r.Reasons...), Weighting: string(stat.EqualRespondent), base: at}
		if part.CI != nil {
			est.CI, est.Conf, est.CIMethod = part.CI, confidence, "linearized_t"
		}
		estimates[p] = est.withN(r.N, r.Organizations)
	}
	return estimates, nil
}

// timeBase counts the managers behind a column, by form.
func (e *engine) timeBase(members []int) base {
	b := base{kind: baseColumn}
	largest := 0
	for _, j := range members {
		if forms := e.series.forms[j]; forms > 0 {
			b.organizations++
			b.respondents += forms
			largest = max(largest, forms)
		}
	}
	if b.respondents > 0 {
		b.largest = float64(largest) / float64(b.respondents)
	}
	return b
}

// coachColumn is the ratio of the time for coaching and resources to that for
// forecasting and administration, every organization counting alike.
func (e *engine) coachColumn(members []int, column Column) (Estimate, error) {
	if e.plan.time.enabling == nil || e.plan.time.accounting == nil {
		return notComputed("coach_ratio", UnitRatio, stat.NoValidAnswers), nil
	}
	summaries := make([]stat.Summary, len(members))
	for i, j := range members {
		summaries[i] = e.series.coach[j]
	}
	r, err := stat.CoachOf(summaries, confidence)
	if err != nil {
		return Estimate{}, err
	}
	at := e.timeBase(members)
	if at.organizations > 0 {
		at.largest = 1 / float64(at.organizations)
	}
	est := Estimate{Stat: "coach_ratio", Column: column, Unit: UnitRatio, Value: r.Ratio, Status: statusOf(r.Ratio, r.Reasons),
		Reasons: append([]stat.Reason{}, r.Reasons...), Weighting: string(stat.EqualOrganization), base: at}
	if r.RatioCI != nil {
		est.CI, est.Conf, est.CIMethod = r.RatioCI, confidence, "log_t"
	}
	return est.withN(r.N, r.Organizations), nil
}

// ownTime fills the own column; a manager's week is told only in a group.
func (e *engine) ownTime(own int, rows []TimeRow, coach *CoachIndex) error {
	if own < 0 {
		for p := range rows {
			rows[p].Own = Estimate{Stat: "mean_time", Column: Own, Unit: UnitPercent, Status: NotComputed}
		}
		coach.Own = Estimate{Stat: "coach_ratio", Column: Own, Unit: UnitRatio, Status: NotComputed}
		return nil
	}
	forms := e.series.forms
	hidden := e.hiddenTime()[own]
	parts, _, _ := e.plan.reader(e.snapshot).readTime(&tally{rows: e.tally[own].rows})
	for p := range rows {
		est, err := e.ownMean("mean_time", UnitPercent, parts[p], own)
		if err != nil {
			return err
		}
		est.Item, est.base.hidden = rows[p].Key, hidden
		rows[p].Own = est
	}
	est, err := e.coachColumn([]int{own}, Own)
	if err != nil {
		return err
	}
	est.base = base{kind: baseGroup, respondents: forms[own], hidden: hidden}
	est.Reasons, est.Organizations = nil, nil
	est.Status = statusOf(est.Value, nil)
	if !est.Value.Valid {
		est = notComputed("coach_ratio", UnitRatio, stat.NoValidAnswers)
	}
	coach.Own = est
	return nil
}
