package benchmark

import (
	"context"
	"math"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// The parts of the managers' time that tell a coach from a forecast accountant.
var (
	enablingParts   = [...]string{"time_coaching", "time_resources"}
	accountingParts = [...]string{"time_forecasting", "time_admin"}
)

// timeUse is the managers' time as answered, per row of the frame; NaN where a
// form is missing or incomplete.
type timeUse struct {
	item                 *survey.Item
	parts                [][]float64 // by part, in percent
	enabling, accounting []float64   // nil where the instrument does not have the parts
	forms                []int       // complete forms per organization
}

// timeAllocation reads the first allocation of the instrument that asks for
// time; nil where there is none. Forms that do not add up are left out.
func (e *engine) timeAllocation() *timeUse {
	if e.unsettled() {
		return nil
	}
	for _, section := range e.inst.Sections {
		for i := range section.Items {
			if item := e.inst.ItemByKey(section.Items[i].Key); item.Kind == survey.Allocation && item.Block == "time" && item.Sum > 0 {
				return e.readTime(item)
			}
		}
	}
	return nil
}

// managerRole is the role whose own week counts. What others think a manager does
// is another question, and is never pooled with it.
const managerRole = "manager"

func (e *engine) readTime(item *survey.Item) *timeUse {
	fields := e.inst.ItemFields(item)
	t := &timeUse{item: item, parts: make([][]float64, len(fields)), forms: make([]int, len(e.units))}
	for p := range t.parts {
		t.parts[p] = make([]float64, len(e.rows))
	}
	_, told := e.inst.RoleByKey(managerRole)
	for i, row := range e.rows {
		total, complete := 0.0, e.settled(i) && (!told || e.roles[e.role[i]] == managerRole)
		for p, f := range fields {
			v, state := e.snapshot.Number(f.Index, int(row))
			complete = complete && state == survey.Valid && v >= 0
			t.parts[p][i] = v * 100 / item.Sum
			total += t.parts[p][i]
		}
		if !complete || math.Abs(total-100) > 1e-6 {
			for p := range t.parts {
				t.parts[p][i] = math.NaN()
			}
			continue
		}
		t.forms[e.org[i]]++
	}
	t.enabling, t.accounting = t.sum(fields, enablingParts[:]), t.sum(fields, accountingParts[:])
	return t
}

// sum adds named parts per row; nil where one of them is not asked.
func (t *timeUse) sum(fields []survey.Field, keys []string) []float64 {
	var out []float64
	for _, key := range keys {
		at := -1
		for p, f := range fields {
			if f.Key == key {
				at = p
			}
		}
		if at < 0 {
			return nil
		}
		if out == nil {
			out = make([]float64, len(t.parts[at]))
		}
		for i, v := range t.parts[at] {
			out[i] += v
		}
	}
	return out
}

// inColumn keeps the rows of some organizations: the other codes become -1,
// which estimators pass over.
func (e *engine) inColumn(members []int) []int32 {
	in := make([]int32, len(e.units))
	for j := range in {
		in[j] = -1
	}
	for _, j := range members {
		in[j] = int32(j)
	}
	org := make([]int32, len(e.org))
	for i, j := range e.org {
		org[i] = in[j]
	}
	return org
}

func (e *engine) addTime(_ context.Context, b *Benchmark) error {
	var err error
	b.Time, b.Coach, err = e.timeRows(-1)
	return err
}

// timeRows compares the managers' time in the columns; own is the position of
// an organization, -1 without one.
func (e *engine) timeRows(own int) ([]TimeRow, CoachIndex, error) {
	t := e.timeAllocation()
	if t == nil {
		missing := notComputed("coach_ratio", UnitRatio, stat.NoValidAnswers)
		return nil, CoachIndex{missing, missing, missing, missing}, nil
	}
	rows := make([]TimeRow, len(t.parts))
	for p, part := range t.item.Parts {
		rows[p] = TimeRow{Key: part.Key, Label: part.Label.In(e.language), Norms: e.in.Norms.For(part.Key, MeasureTime)}
	}
	var coach CoachIndex
	type column struct {
		name    Column
		members []int
		part    func(*TimeRow) *Estimate
		coach   *Estimate
	}
	columns := []column{
		{WorldClass, e.columns.wc, func(r *TimeRow) *Estimate { return &r.WC }, &coach.WC},
		{Rest, e.columns.rest, func(r *TimeRow) *Estimate { return &r.Rest }, &coach.Rest},
		{All, e.columns.all, func(r *TimeRow) *Estimate { return &r.All }, &coach.All},
	}
	for _, c := range columns {
		estimates, err := e.timeColumn(t, c.members, c.name)
		if err != nil {
			return nil, coach, err
		}
		for p := range rows {
			*c.part(&rows[p]) = estimates[p]
		}
		if *c.coach, err = e.coachColumn(t, c.members, c.name); err != nil {
			return nil, coach, err
		}
	}
	for p := range rows {
		e.gate.complement(&rows[p].WC, &rows[p].Rest)
	}
	e.gate.complement(&coach.WC, &coach.Rest)
	return rows, coach, e.ownTime(t, own, rows, &coach)
}

// timeColumn is the mean composition in one column.
func (e *engine) timeColumn(t *timeUse, members []int, column Column) ([]Estimate, error) {
	r, err := stat.ManagerTime(t.parts, e.inColumn(members), confidence)
	if err != nil {
		return nil, err
	}
	at := t.base(members)
	estimates := make([]Estimate, len(t.parts))
	for p, part := range r.Parts {
		est := Estimate{Stat: "mean_time", Item: t.item.Parts[p].Key, Column: column, Unit: UnitPercent, Value: part.Mean,
			Status: statusOf(part.Mean, r.Reasons), Reasons: append([]stat.Reason{}, r.Reasons...), Weighting: string(stat.EqualRespondent), base: at}
		if part.CI != nil {
			est.CI, est.Conf, est.CIMethod = part.CI, confidence, "linearized_t"
		}
		estimates[p] = est.withN(r.N, r.Organizations)
	}
	return estimates, nil
}

// base counts the managers behind a column, by form.
func (t *timeUse) base(members []int) base {
	b := base{kind: baseColumn}
	largest := 0
	for _, j := range members {
		if t.forms[j] > 0 {
			b.organizations++
			b.respondents += t.forms[j]
			largest = max(largest, t.forms[j])
		}
	}
	if b.respondents > 0 {
		b.largest = float64(largest) / float64(b.respondents)
	}
	return b
}

// coachColumn is the ratio of the time for coaching and resources to that for
// forecasting and administration, every organization counting alike.
func (e *engine) coachColumn(t *timeUse, members []int, column Column) (Estimate, error) {
	if t.enabling == nil || t.accounting == nil {
		return notComputed("coach_ratio", UnitRatio, stat.NoValidAnswers), nil
	}
	r, err := stat.CoachOrForecast(t.enabling, t.accounting, e.inColumn(members), confidence)
	if err != nil {
		return Estimate{}, err
	}
	at := t.base(members)
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
func (e *engine) ownTime(t *timeUse, own int, rows []TimeRow, coach *CoachIndex) error {
	if own < 0 {
		for p := range rows {
			rows[p].Own = Estimate{Stat: "mean_time", Column: Own, Unit: UnitPercent, Status: NotComputed}
		}
		coach.Own = Estimate{Stat: "coach_ratio", Column: Own, Unit: UnitRatio, Status: NotComputed}
		return nil
	}
	hidden := e.ownHidden(t.forms, false)[own]
	for p := range rows {
		est, err := e.ownMean("mean_time", UnitPercent, t.parts[p], own)
		if err != nil {
			return err
		}
		est.Item, est.base.hidden = rows[p].Key, hidden
		rows[p].Own = est
	}
	est, err := e.coachColumn(t, []int{own}, Own)
	if err != nil {
		return err
	}
	est.base = base{kind: baseGroup, respondents: t.forms[own], hidden: hidden}
	est.Reasons, est.Organizations = nil, nil
	est.Status = statusOf(est.Value, nil)
	if !est.Value.Valid {
		est = notComputed("coach_ratio", UnitRatio, stat.NoValidAnswers)
	}
	coach.Own = est
	return nil
}
