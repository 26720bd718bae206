package web

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/templates"
)

// mostRoleRows is how many practices the table of roles shows; the file has all.
const mostRoleRows = 12

// fewestRoleRows is the part of all practices, one in so many, below which a
// sentence says more than a table that is nearly empty.
const fewestRoleRows = 5

// roleTable sets roles beside each other where at least two of them may be shown,
// the widest difference first; the difference is taken inside organizations.
func roleTable(rows []benchmark.RoleGapRow) (shown *templates.DataTable, reason string) {
	var comparable []*benchmark.RoleGapRow
	for i := range rows {
		n := 0
		for _, e := range []*benchmark.Estimate{&rows[i].Salesperson, &rows[i].Manager, &rows[i].Executive} {
			if e.Shown() {
				n++
			}
		}
		if n >= 2 {
			comparable = append(comparable, &rows[i])
		}
	}
	switch {
	case len(rows) == 0:
		return nil, "No roles are compared: the questionnaire does not tell them apart, or the results are not final."
	case len(comparable) == 0:
		return nil, "Withheld: in no two roles did enough people answer."
	case fewestRoleRows*len(comparable) < len(rows):
		return nil, fmt.Sprintf("Withheld for %d of %d practices: too few people answered in two roles at once, or one role would give another away. What may be shown is in the JSON.",
			len(rows)-len(comparable), len(rows))
	}
	slices.SortStableFunc(comparable, func(a, b *benchmark.RoleGapRow) int {
		return cmp.Compare(math.Abs(b.Gap.Value.Or(0)), math.Abs(a.Gap.Value.Or(0)))
	})
	adjusted := ""
	t := newTable("role-table", "Share that agrees, by role, widest difference first", "Practice", "Salespeople", "Managers", "Executives", "Managers minus salespeople")
	for _, r := range comparable[:min(len(comparable), mostRoleRows)] {
		gap := t.cell(r.Gap)
		if r.Gap.Shown() && r.Gap.PBH.Valid {
			gap.Small, adjusted = "p "+benchmark.FormatP(r.Gap.PBH), fmt.Sprintf("p: adjusted for all %d practices (Benjamini-Hochberg). An interval is of its one practice and may leave out zero though p, which allows for their number, is .05 or more.", len(rows))
		}
		t.row(text(r.Label), t.withN(r.Salesperson), t.withN(r.Manager), t.withN(r.Executive), gap)
	}
	more := ""
	if rest := len(rows) - len(t.Rows); rest > 0 {
		more = fmt.Sprintf("%d more practices are in the JSON.", rest)
	}
	done := t.done("The difference is taken inside each organization and then averaged, never over all people together.", adjusted, more)
	return &done, ""
}
