package benchmark

import (
	"math"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// tally is all that results need to know of one organization: counts and sums
// over its rows. It depends on the organization's own rows alone, so it is used
// again as long as nobody of them answers. Sums run over the rows in the order
// of their ids; no figure depends on the order of arrival.
type tally struct {
	rows     []int32
	weighted bool // a row has a weight other than 1

	items  []itemTally
	person []stat.Contribution // per item, of weighted rows only

	byRole     []roleTally         // per role of the criteria: shares of the key practices
	everybody  stat.Moments        // the same, of all roles
	keySummary stat.Summary        // of all roles
	roleRows   map[int32]int32     // by code of the panel
	areas      []stat.Contribution // what the means of an area add to a mean of organizations
	scaleMeans []stat.Summary      // of the respondents' means, per scale
	agreement  []agreementTally    // per scale
	settled    int                 // rows that count in figures about some people
	kpis       [][]reportTally     // per KPI and wording
	time       timeTally
	seen       [len(comparedRoles)]bool // a role has an answer that counts
	roles      []itemRoles              // per item
	style      styleTally
}

// itemTally counts the answers to one item.
type itemTally struct{ valid, agree, top3, asked, dontKnow int32 }

type roleTally struct {
	stat.Moments
	rows int
}

// agreementTally says how far the people agree on a scale.
type agreementTally struct{ uniform, slight, adMean stat.Number }

// reportTally is what people reported of one KPI in one wording.
type reportTally struct {
	n     int
	value stat.Number
	roles uint64 // that reported, by place in the instrument
}

// timeTally is the managers' time.
type timeTally struct {
	forms int
	parts []stat.Contribution
	coach stat.Summary // of the log ratios
}

// itemRoles counts the answers to one item of the roles that are compared.
type itemRoles struct{ valid, agree [len(comparedRoles)]int32 }

// styleTally counts the persons of a tier: all who have one, those in it, and
// per item the answers on either side.
type styleTally struct {
	defined, chosen int
	items           []personTally
}

// personTally counts answers and agreement of the persons in the tier and of the
// others; left is the same with the tier made without the item.
type personTally struct {
	n, agree, leftN, leftAgree [2]int32
}

// tally counts one organization. What was counted of it under the same plan before
// is nil at the first time.
func (r *rowReader) tally(code int, before *tally) (*tally, error) {
	t := &tally{}
	if before != nil {
		t.rows = before.rows
	}
	t.rows = r.snapshot.RowsSince(code, t.rows)
	r.readRows(t)
	r.countItems(t, code)
	r.countRoles(t)
	for _, part := range []func(*tally) error{r.sumKey, r.sumAreas, r.sumAgreement} {
		if err := part(t); err != nil {
			return nil, err
		}
	}
	if before != nil && r.snapshot.Moving() && before.settled == t.settled {
		// Rows that count in figures about some people never leave a wave that moves.
		t.kpis, t.time, t.seen, t.roles, t.style = before.kpis, before.time, before.seen, before.roles, before.style
		return t, nil
	}
	r.sumKPIs(t)
	r.countByRole(t)
	r.countStyle(t)
	return t, r.sumTime(t)
}

// keyTally counts what the classification asks for.
func (r *rowReader) keyTally(code int) (*tally, error) {
	t := &tally{rows: r.snapshot.RowsOf(code)}
	r.readRows(t)
	r.countRoles(t)
	return t, r.sumKey(t)
}

// readRows reads answers and roles.
func (r *rowReader) readRows(t *tally) {
	r.read(t.rows)
	for i, row := range t.rows {
		t.weighted = t.weighted || r.snapshot.WeightOf(row) != 1
		r.role[i] = r.snapshot.RoleOf(row)
	}
}

// countItems takes the counts that the panel keeps.
func (r *rowReader) countItems(t *tally, code int) {
	t.items = make([]itemTally, len(r.items))
	for k, item := range r.items {
		points, silent := r.snapshot.Distribution(code, item.field.Index)
		c := &t.items[k]
		for x, count := range points {
			c.valid += int32(count)
			if x+1 > item.points-item.top {
				c.agree += int32(count)
			}
			if x+1 > item.points-item.top-1 {
				c.top3 += int32(count)
			}
		}
		c.dontKnow = int32(silent[survey.DontKnow])
		c.asked = c.valid + c.dontKnow + int32(silent[survey.Skipped]) + int32(silent[survey.NotApplicable]) + int32(silent[survey.Refused])
	}
	if t.weighted {
		t.person = make([]stat.Contribution, len(r.items))
		weights := r.weights(t)
		for k, item := range r.items {
			t.person[k] = weighContribution(r.answers[k], weights, item.points-item.top)
		}
	}
}

// weights are those of the rows.
func (r *rowReader) weights(t *tally) []float64 {
	weights := make([]float64, len(t.rows))
	for i, row := range t.rows {
		weights[i] = r.snapshot.WeightOf(row)
	}
	return weights
}

// weighContribution adds the weights of the answers, and of those above a point.
func weighContribution(answers []int8, weights []float64, above int) stat.Contribution {
	var c stat.Contribution
	for i, a := range answers {
		if w := weights[i]; a > 0 && w > 0 {
			c.N++
			c.W += w
			c.W2 += float64(w * w)
			if int(a) > above {
				c.WY += w
			}
		}
	}
	return c
}

func (r *rowReader) countRoles(t *tally) {
	t.roleRows = map[int32]int32{}
	for i, row := range t.rows {
		t.roleRows[r.role[i]]++
		if r.snapshot.Settled(row) {
			t.settled++
		}
	}
	t.byRole = make([]roleTally, len(r.roles))
	for code, n := range t.roleRows {
		if s := r.slot[code]; s >= 0 {
			t.byRole[s].rows += int(n)
		}
	}
}

// sumKey sums each row's share of key practices in the agree box; rows with
// fewer than half of them answered have none.
func (r *rowReader) sumKey(t *tally) error {
	if r.key == nil {
		return nil
	}
	clear(r.sums)
	clear(r.valid)
	for _, k := range r.key {
		above := int8(r.items[k].points - r.items[k].top)
		for i, a := range r.answers[k] {
			if a > 0 {
				r.valid[i]++
				if a > above {
					r.sums[i]++
				}
			}
		}
	}
	for i := range t.rows {
		share, ok := stat.KeyShare(r.sums[i], r.valid[i], len(r.key))
		if !ok {
			r.values[i] = math.NaN()
			continue
		}
		r.values[i] = share
		t.everybody.Add(share)
		if s := r.slot[r.role[i]]; s >= 0 {
			t.byRole[s].Add(share)
		}
	}
	var err error
	t.keySummary, err = r.summary(r.values)
	return err
}

// means is each row's mean over the items it answered, NaN where they are fewer
// than half. The slice is used again.
func (r *rowReader) means(items []int) []float64 {
	clear(r.sums)
	clear(r.valid)
	for _, k := range items {
		for i, a := range r.answers[k] {
			if a > 0 {
				r.sums[i] += int(a)
				r.valid[i]++
			}
		}
	}
	for i, n := range r.valid {
		r.values[i] = math.NaN()
		if n > 0 && 2*n >= len(items) {
			r.values[i] = float64(r.sums[i]) / float64(n)
		}
	}
	return r.values
}

func (r *rowReader) sumAreas(t *tally) error {
	t.areas, t.scaleMeans = make([]stat.Contribution, len(r.areas)), make([]stat.Summary, len(r.scales))
	for s, scale := range r.scales {
		if scale.points == 0 {
			continue
		}
		values := r.means(scale.items)
		var err error
		if t.scaleMeans[s], err = r.summary(values); err != nil {
			return err
		}
		if a := s - r.scaleOfArea(0); a >= 0 {
			if t.areas[a], err = r.contribution(t, values); err != nil {
				return err
			}
		}
	}
	return nil
}

// contribution is what the values of all rows add to a mean, with the weight 1.
func (r *rowReader) contribution(t *tally, values []float64) (stat.Contribution, error) {
	var weights []float64
	if t.weighted {
		weights = r.weights(t)
		if slices.Max(weights) <= 0 {
			return stat.Contribution{}, nil
		}
	}
	contributions, err := stat.ContributeRows(values, weights, r.zeros)
	if err != nil || len(contributions) == 0 || contributions[0].W <= 0 {
		return stat.Contribution{}, err
	}
	c := contributions[0]
	return stat.Contribution{N: c.N, W: 1, WY: c.WY / c.W, W2: c.W2 / (c.W * c.W)}, nil
}

func (r *rowReader) sumAgreement(t *tally) error {
	t.agreement = make([]agreementTally, len(r.scales))
	for s, scale := range r.scales {
		if scale.points == 0 {
			continue
		}
		counts, err := stat.AgreementCounts(pick(r.answers, scale.items), r.zeros, scale.points, true)
		if err != nil || len(counts) == 0 {
			return err
		}
		a := stat.Agreement(counts[0])
		t.agreement[s] = agreementTally{a.RwgjUniform, a.RwgjSlight, a.ADMean}
	}
	return nil
}

// sumTime sums the complete forms of the managers' time, which add up to 100.
func (r *rowReader) sumTime(t *tally) error {
	if r.time == nil {
		return nil
	}
	parts, enabling, accounting := r.readTime(t)
	t.time.parts = make([]stat.Contribution, len(parts))
	for p, values := range parts {
		contributions, err := stat.ContributeRows(values, nil, r.zeros)
		if err != nil {
			return err
		}
		if len(contributions) > 0 {
			t.time.parts[p] = contributions[0]
		}
	}
	if enabling == nil || accounting == nil {
		return nil
	}
	logs, err := stat.CoachLogs(enabling, accounting)
	if err != nil {
		return err
	}
	t.time.coach, err = r.summary(logs)
	return err
}

// readTime reads the forms of the rows, by part in percent; NaN where a form is
// missing or incomplete.
func (r *rowReader) readTime(t *tally) (parts [][]float64, enabling, accounting []float64) {
	plan := r.time
	parts = make([][]float64, len(plan.fields))
	for p := range parts {
		parts[p] = make([]float64, len(t.rows))
	}
	for i, row := range t.rows {
		total, complete := 0.0, r.snapshot.Settled(row) && (!plan.managersOnly || r.snapshot.Roles()[r.snapshot.RoleOf(row)] == managerRole)
		for p, f := range plan.fields {
			v, state := 0.0, survey.Skipped
			if complete {
				v, state = r.snapshot.Number(f.Index, int(row))
			}
			complete = complete && state == survey.Valid && v >= 0
			parts[p][i] = v * 100 / plan.item.Sum
			total += parts[p][i]
		}
		if !complete || math.Abs(total-100) > 1e-6 {
			for p := range parts {
				parts[p][i] = math.NaN()
			}
			continue
		}
		t.time.forms++
	}
	return parts, addParts(parts, plan.enabling), addParts(parts, plan.accounting)
}

// addParts adds some parts per row; nil where none is asked for.
func addParts(parts [][]float64, at []int) []float64 {
	if at == nil {
		return nil
	}
	out := make([]float64, len(parts[at[0]]))
	for _, p := range at {
		for i, v := range parts[p] {
			out[i] += v
		}
	}
	return out
}

// sumKPIs takes the median of what was reported in each wording.
func (r *rowReader) sumKPIs(t *tally) {
	t.kpis = make([][]reportTally, len(r.kpis))
	for k, kpi := range r.kpis {
		t.kpis[k] = make([]reportTally, len(kpi.wording))
		for len(r.reports) < len(kpi.wording) {
			r.reports = append(r.reports, nil)
		}
		reports := r.reports[:len(kpi.wording)]
		for w := range reports {
			reports[w] = reports[w][:0]
		}
		for i, row := range t.rows {
			if !r.snapshot.Settled(row) {
				continue
			}
			v, state := r.snapshot.Number(kpi.field.Index, int(row))
			if state != survey.Valid {
				continue
			}
			w := r.wordings[k][r.role[i]]
			reports[w] = append(reports[w], v)
			if at := r.asRole[r.role[i]]; at >= 0 {
				t.kpis[k][w].roles |= 1 << at
			}
		}
		for w, values := range reports {
			t.kpis[k][w].n = len(values)
			t.kpis[k][w].value, _ = stat.ReportedKPI(values)
		}
	}
}

// countByRole counts the answers of the roles that are compared.
func (r *rowReader) countByRole(t *tally) {
	t.roles = make([]itemRoles, len(r.items))
	for i, row := range t.rows {
		s := r.compared[r.role[i]]
		if s < 0 || !r.snapshot.Settled(row) {
			continue
		}
		t.seen[s] = true
		for k := range r.items {
			if a := r.answers[k][i]; a > 0 {
				t.roles[k].valid[s]++
				if int(a) > r.items[k].points-r.items[k].top {
					t.roles[k].agree[s]++
				}
			}
		}
	}
}

// countStyle counts the answers of the persons in the tier and of the others.
func (r *rowReader) countStyle(t *tally) {
	if r.style == nil {
		return
	}
	clear(r.sums)
	clear(r.valid)
	style := r.style
	t.style.items = make([]personTally, len(style.items))
	for _, k := range style.items {
		for i, a := range r.answers[k] {
			if a > 0 {
				r.sums[i] += int(a)
				r.valid[i]++
			}
		}
	}
	for i, row := range t.rows {
		if r.snapshot.Settled(row) {
			r.countPerson(t, i)
		}
	}
}

func (r *rowReader) countPerson(t *tally, i int) {
	style := r.style
	member := stat.PersonTier{Sum: r.sums[i], Valid: r.valid[i], Items: len(style.items), Cut: style.criteria.MeanAtLeast}
	chosen, defined := member.Whole()
	side := sideOf(chosen)
	if defined {
		t.style.defined++
		t.style.chosen += 1 - side
	}
	for at, k := range style.items {
		a := r.answers[k][i]
		if a <= 0 {
			continue
		}
		c := &t.style.items[at]
		if defined {
			c.n[side]++
			if int(a) > r.items[k].points-r.items[k].top {
				c.agree[side]++
			}
		}
		if without, known := member.Without(int(a)); known {
			left := sideOf(without)
			c.leftN[left]++
			if a >= style.low {
				c.leftAgree[left]++
			}
		}
	}
}

// sideOf is 0 for those in a tier and 1 for the others.
func sideOf(chosen bool) int {
	if chosen {
		return 0
	}
	return 1
}
