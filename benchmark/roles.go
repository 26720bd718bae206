package benchmark

import (
	"context"
	"slices"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// The roles that are compared inside organizations.
var comparedRoles = [...]string{"salesperson", "manager", "executive"}

// roleAnswers is the number of answers an organization needs in each role to
// count in the role gap.
const roleAnswers = 5

// fewInRole is why a role has no column: nobody withheld it, and there may have
// been answers, but in no organization enough of them.
const fewInRole stat.Reason = "few_in_role"

// roleCounts are the answers to one item per organization and role.
type roleCounts []itemRoles

func (t roleCounts) valid(s, j int) int { return int(t[j].valid[s]) }
func (t roleCounts) agree(s, j int) int { return int(t[j].agree[s]) }

// gatherRoles puts the answers of roles together by item.
func (f *frame) gatherRoles() []roleCounts {
	counts, n := make([]roleCounts, len(f.items)), len(f.units)
	flat := make(roleCounts, len(f.items)*n)
	for k := range counts {
		counts[k] = flat[k*n : (k+1)*n]
	}
	_ = eachOf((n+rowBlock-1)/rowBlock, func(block int) error { // which does not fail
		for j := block * rowBlock; j < min(n, (block+1)*rowBlock); j++ {
			for k := range f.tally[j].roles {
				counts[k][j] = f.tally[j].roles[k]
			}
		}
		return nil
	})
	return counts
}

// counts says whether an organization counts in the role gap.
func (t roleCounts) counts(j int) bool {
	return t.valid(0, j) >= roleAnswers && t.valid(1, j) >= roleAnswers
}

// in says whether an organization counts in the column of a role.
func (t roleCounts) in(s, j int) bool { return t.counts(j) && t.valid(s, j) >= roleAnswers }

// comparesRoles says whether there are managers and salespersons to compare.
func (e *engine) comparesRoles() bool {
	salespersons, managers := false, false
	for _, t := range e.tally {
		salespersons, managers = salespersons || t.seen[0], managers || t.seen[1]
	}
	return salespersons && managers
}

func (e *view) addRoles(_ context.Context, b *Benchmark) error {
	b.RoleGaps = slices.Clone(e.late.roles)
	return nil
}

// roleRows compares managers and salespersons inside organizations, over those
// that have at least five answers in each role. It is never pooled over persons.
func (e *engine) roleRows() ([]RoleGapRow, error) {
	if !e.comparesRoles() {
		return nil, nil
	}
	rows := make([]RoleGapRow, len(e.items))
	err := eachOf(len(e.items), func(k int) error {
		var err error
		rows[k], err = e.roleRow(k)
		return err
	})
	family := make([]*Estimate, len(rows))
	for i := range rows {
		family[i] = &rows[i].Gap
	}
	adjust(family)
	return rows, err
}

func (e *engine) roleRow(k int) (RoleGapRow, error) {
	p := &e.items[k]
	row := RoleGapRow{Item: p.field.Item.Key, Label: p.label}
	summaries := make([][]stat.Summary, len(comparedRoles))
	for s := range comparedRoles {
		summaries[s] = make([]stat.Summary, len(e.units))
	}
	for j := range e.tally {
		c := &e.tally[j].roles[k]
		if c.valid[0] < roleAnswers || c.valid[1] < roleAnswers {
			continue
		}
		for s, n := range c.valid {
			if n >= roleAnswers {
				summaries[s][j] = stat.SummaryFromSums(int(n), int64(c.agree[s]), int64(c.agree[s]))
			}
		}
	}
	for s := range comparedRoles {
		share, err := e.roleShare(p, comparedRoles[s], summaries[s])
		if err != nil {
			return row, err
		}
		*[]*Estimate{&row.Salesperson, &row.Manager, &row.Executive}[s] = share
	}
	g, err := stat.RoleGapMean(summaries[1], summaries[0], confidence)
	if err != nil {
		return row, err
	}
	row.Gap = Estimate{Stat: "role_gap_points", Item: row.Item, Unit: UnitPoints, Cut: p.cut(), Weighting: string(stat.EqualOrganization),
		Value: g.Points, Status: statusOf(g.Points, g.Reasons), Reasons: g.Reasons, P: g.PT}
	if g.CI != nil {
		row.Gap.CI, row.Gap.Conf, row.Gap.CIMethod = g.CI, confidence, "paired_t"
	}
	row.Gap.base = row.Manager.base
	row.Gap.base.hidden = g.Points.Valid && (!e.gate.open(row.Manager) || !e.gate.open(row.Salesperson))
	row.Gap = row.Gap.withN(row.Manager.answers()+row.Salesperson.answers(), g.Organizations)
	return row, nil
}

func (e *engine) roleShare(p *practice, role string, summaries []stat.Summary) (Estimate, error) {
	contributions := stat.Contribute(summaries, stat.EqualOrganization)
	r, err := stat.ClusteredShare(contributions, stat.ShareOptions{Conf: confidence})
	if err != nil {
		return Estimate{}, err
	}
	est := fromShare(r, columnBase(contributions))
	if est.base.organizations == 0 {
		est = notComputed(est.Stat, est.Unit, fewInRole)
	}
	est.Item, est.Column, est.Cut, est.Weighting = p.field.Item.Key, Column(role), p.cut(), string(stat.EqualOrganization)
	return est, nil
}

// ownRoles are the shares of the roles of one organization, each role a group of
// its own.
func (o ownReport) ownRoles(r *OrganizationReport) error {
	if !o.comparesRoles() {
		return nil
	}
	r.Roles = slices.Grow(r.Roles, len(o.items))
	for k := range o.items {
		p, t := &o.items[k], o.roleCounts()[k]
		row := RoleGapRow{Item: p.field.Item.Key, Label: p.label}
		hidden := o.rolesHidden(k, o.own, o.hidden[k])
		for s, target := range []*Estimate{&row.Salesperson, &row.Manager, &row.Executive} {
			share, err := o.ownRoleShare(k, t.valid(s, o.own), t.agree(s, o.own))
			if err != nil {
				return err
			}
			share.Column, share.base.hidden = Column(comparedRoles[s]), hidden[s]
			*target = share
		}
		o.ownRoleGap(&row, t)
		r.Roles = append(r.Roles, row)
	}
	return nil
}

// rolesHidden says which roles of an organization must not be shown: too few
// answers, unanimous, or needed so that such a one can not be told from the
// organization's total or from the role's column over all organizations. own says
// whether the figure of the organization itself is withheld.
func (e *engine) rolesHidden(k, j int, own bool) [len(comparedRoles)]bool {
	return e.rolesHiddenBeside(k, j, own, e.hiddenRoles[k]())
}

// rolesHiddenBeside is rolesHidden where the columns of the roles hide what inColumn says.
func (e *engine) rolesHiddenBeside(k, j int, own bool, inColumn [][]bool) [len(comparedRoles)]bool {
	t := e.roleCounts()[k]
	others, last, quiet := e.items[k].valid(j), len(comparedRoles), !own
	var cells [len(comparedRoles) + 1]cell
	for s := range comparedRoles {
		n, x := t.valid(s, j), t.agree(s, j)
		cells[s] = cell{n: n, hidden: unanimous(n, x) || inColumn[s][j]}
		others -= n
		quiet = quiet && !cells[s].hidden && (n == 0 || n >= e.gate.minimum)
	}
	var hidden [len(comparedRoles)]bool
	if quiet && (others == 0 || others >= e.gate.minimum) {
		return hidden // nothing has to be protected, as nearly always in a large wave
	}
	cells[last] = cell{n: others, unpublished: true}
	e.gate.protect(cells[:])
	for s := range hidden {
		hidden[s] = own || cells[s].hidden
	}
	return hidden
}

// closeColumns hides further cells until those of a role that are withheld, for whatever
// reason, are none or at least five organizations: their sum follows from the column,
// and of two or three it says nearly as much as the cells. What is hidden here can make
// another role of the same organization be hidden, so all columns are looked at again.
func (e *engine) closeColumns(k int, hidden [][]bool) {
	if !slices.ContainsFunc(hidden, func(role []bool) bool { return count(role) < benchmarkMinimum }) {
		return
	}
	t, own := e.roleCounts()[k], e.hiddenItems[k]()
	withheld := make([][len(comparedRoles)]bool, len(e.units))
	for j := range withheld {
		withheld[j] = e.rolesHiddenBeside(k, j, own[j], hidden)
	}
	for again := true; again; {
		again = false
		for s := range hidden {
			if count(hidden[s]) >= benchmarkMinimum {
				continue
			}
			if j := t.nextHidden(s, withheld); j >= 0 {
				hidden[s][j], again = true, true
				withheld[j] = e.rolesHiddenBeside(k, j, own[j], hidden)
			}
		}
	}
}

// nextHidden is the smallest cell of a role that is shown, where some are withheld but
// too few; -1 else.
func (t roleCounts) nextHidden(s int, withheld [][len(comparedRoles)]bool) int {
	few, least := 0, -1
	for j := range withheld {
		switch {
		case !t.in(s, j):
		case withheld[j][s]:
			few++
		case least < 0 || t.valid(s, j) < t.valid(s, least):
			least = j
		}
	}
	if few == 0 || few >= benchmarkMinimum {
		return -1
	}
	return least
}

// unanimous says whether the answers of a few tell what each of them answered.
func unanimous(n, x int) bool { return n > 0 && n < unanimousBelow && (x == 0 || x == n) }

// inColumnHidden says, per role and organization, whether the role could be told
// from the column of the role, which is over the organizations that count in the
// gap.
func (e *engine) inColumnHidden(k int) [][]bool {
	t := e.roleCounts()[k]
	hidden := make([][]bool, len(comparedRoles))
	n, column := make([]int, len(e.units)), make([]int, 0, len(e.units)) // of one role after the other
	for s := range hidden {
		clear(n)
		column = column[:0]
		for j := range e.units {
			if t.in(s, j) {
				n[j] = t.valid(s, j)
				column = append(column, j)
			}
		}
		hidden[s] = e.gate.protectSets(n, [][]int{column})
	}
	e.closeColumns(k, hidden)
	return hidden
}

func (o ownReport) ownRoleShare(k, valid, agree int) (Estimate, error) {
	p := &o.items[k]
	contributions := stat.Contribute([]stat.Summary{stat.SummaryFromSums(valid, int64(agree), int64(agree))}, stat.EqualRespondent)
	r, err := stat.ClusteredShare(contributions, stat.ShareOptions{Conf: confidence, PlainN: true})
	if err != nil {
		return Estimate{}, err
	}
	est := fromShare(r, base{kind: baseGroup, respondents: valid})
	est.Item, est.Cut, est.Weighting, est.Organizations = p.field.Item.Key, p.cut(), "none", nil
	return est, nil
}

// ownRoleGap fills the gap of managers and salespersons; it is hidden where one
// of the two is.
func (o ownReport) ownRoleGap(row *RoleGapRow, t roleCounts) {
	e := Estimate{Stat: "role_gap_points", Item: row.Item, Unit: UnitPoints, Cut: row.Manager.Cut, base: row.Manager.base}
	m, s := row.Manager.Value, row.Salesperson.Value
	if m.Valid && s.Valid {
		e.Value = stat.Some(100 * (m.Value - s.Value))
		if ci := stat.NewcombeHybrid(m.Value, float64(t.valid(1, o.own)), s.Value, float64(t.valid(0, o.own)), confidence); ci != nil {
			e.CI, e.Conf, e.CIMethod = &stat.Interval{Lower: 100 * ci.Lower, Upper: 100 * ci.Upper}, confidence, "newcombe"
		}
	} else {
		e.Reasons = []stat.Reason{stat.NoValidAnswers}
	}
	e.Status = statusOf(e.Value, nil)
	e.base.hidden = !o.gate.open(row.Manager) || !o.gate.open(row.Salesperson)
	row.Gap = e
}
