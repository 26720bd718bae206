package analysis

import (
	"github.com/salesbench/salesbench/benchmark/stat"
)

// RoleGap compares two roles on one item inside organizations, never pooled
// over persons.
type RoleGap struct {
	Item   string `json:"item"`
	First  string `json:"role"`
	Second string `json:"other_role"`
	stat.RoleGapResult
}

// compareRoles compares every role with the largest one.
func compareRoles(t *Table, o Options) ([]RoleGap, error) {
	if len(t.Roles) < 2 {
		return []RoleGap{}, nil
	}
	size := make([]int, len(t.Roles))
	for _, r := range t.Role {
		if r >= 0 {
			size[r]++
		}
	}
	base := 0
	for r, n := range size {
		if n > size[base] {
			base = r
		}
	}
	var gaps []RoleGap
	for k, name := range t.Items {
		shares := t.roleSummaries(k, o.Top)
		for r := range t.Roles {
			if r == base {
				continue
			}
			result, err := stat.RoleGap(shares[r], shares[base], confidence)
			if err != nil {
				return nil, err
			}
			gaps = append(gaps, RoleGap{Item: name, First: t.Roles[r], Second: t.Roles[base], RoleGapResult: result})
		}
	}
	return gaps, nil
}

// roleSummaries are the agreement shares of item k by role and organization.
func (t *Table) roleSummaries(k, top int) [][]stat.Summary {
	box := boxes{t.Columns.Points(), top}
	type cell struct{ n, x int }
	cells := make([]cell, len(t.Roles)*len(t.Organizations))
	for i, v := range t.Answers[k] {
		if v == 0 || t.Role[i] < 0 {
			continue
		}
		c := &cells[int(t.Role[i])*len(t.Organizations)+int(t.Org[i])]
		c.n++
		if box.agrees(int(v)) {
			c.x++
		}
	}
	summaries := make([][]stat.Summary, len(t.Roles))
	for r := range summaries {
		summaries[r] = make([]stat.Summary, len(t.Organizations))
		for j := range summaries[r] {
			c := cells[r*len(t.Organizations)+j]
			summaries[r][j] = stat.SummaryFromSums(c.n, int64(c.x), int64(c.x))
		}
	}
	return summaries
}
