package benchmark

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// Group says whose answers a reader asks for: people of one role, in
// organizations of some industries, regions and sizes; or people who gave one
// answer in place of a role. Empty parts let all through. Check brings it into the
// one form that names it.
type Group struct {
	Role       string   `json:"role,omitempty"`
	Answer     string   `json:"answer,omitempty"` // as GroupAnswer spells it
	Industries []string `json:"industries,omitempty"`
	Regions    []string `json:"regions,omitempty"`
	Sizes      []string `json:"sizes,omitempty"`
}

// GroupTraits are what organizations can be chosen by, in the order in which they
// are gathered into blocks.
var GroupTraits = [...]string{"industry", "region", "size"}

// of is the part of the group that is about a trait.
func (g *Group) of(trait int) *[]string {
	return [...]*[]string{&g.Industries, &g.Regions, &g.Sizes}[trait]
}

// traitOf is what an organization has of a trait.
func traitOf(o *survey.Organization, trait int) string {
	return [...]string{o.Industry, o.Region, o.Size}[trait]
}

// Check returns the group with its values sorted and without repetitions. A role
// that is not compared, and a value that no organization has, is Invalid.
func (g Group) Check(inst *survey.Instrument, organizations []survey.Organization) (Group, error) {
	if g.Role != "" {
		if _, known := inst.RoleByKey(g.Role); !known || !slices.Contains(comparedRoles[:], g.Role) {
			return g, survey.Errorf(survey.Invalid, "a group can not be chosen by the role %q; there are %s", g.Role, strings.Join(GroupRoles(inst), ", "))
		}
	}
	if g.Answer != "" {
		if answerPlace(inst, g.Answer) < 0 {
			return g, survey.Errorf(survey.Invalid, "a group can not be chosen by the answer %q; there are %s", g.Answer, strings.Join(groupAnswers(inst), ", "))
		}
		if g.Role != "" {
			return g, survey.Errorf(survey.Invalid, "a group is chosen by a role or by an answer, not by both: their overlap may be a handful of people")
		}
	}
	for trait, name := range GroupTraits {
		wanted := g.of(trait)
		*wanted = slices.Compact(slices.Sorted(slices.Values(*wanted)))
		for _, value := range *wanted {
			if !slices.ContainsFunc(organizations, func(o survey.Organization) bool { return traitOf(&o, trait) == value }) {
				return g, survey.Errorf(survey.Invalid, "no organization of this study has the %s %q", name, value)
			}
		}
		if len(*wanted) == 0 {
			*wanted = nil
		}
	}
	return g, nil
}

// GroupRoles are the roles that a group can be chosen by.
func GroupRoles(inst *survey.Instrument) []string {
	var roles []string
	for _, role := range comparedRoles {
		if _, known := inst.RoleByKey(role); known {
			roles = append(roles, role)
		}
	}
	return roles
}

// All says whether the group lets everybody through.
func (g Group) All() bool { return g.String() == "" }

// String names a group that was checked.
func (g Group) String() string {
	var parts []string
	if g.Role != "" {
		parts = append(parts, fmt.Sprintf("role=%q", g.Role))
	}
	if g.Answer != "" {
		parts = append(parts, fmt.Sprintf("answer=%q", g.Answer))
	}
	for trait, name := range GroupTraits {
		if wanted := *g.of(trait); len(wanted) > 0 {
			parts = append(parts, fmt.Sprintf("%s=%q", name, wanted))
		}
	}
	return strings.Join(parts, " and ")
}

// holds says whether the group lets an organization through.
func (g *Group) holds(o *survey.Organization) bool {
	for trait := range GroupTraits {
		if wanted := *g.of(trait); len(wanted) > 0 && !slices.Contains(wanted, traitOf(o, trait)) {
			return false
		}
	}
	return true
}

// GroupRow is one practice in a group beside all and the World-Class column.
type GroupRow struct {
	Item        string   `json:"item"`
	Label       string   `json:"label"`
	Area        string   `json:"area"`
	KeyPractice bool     `json:"key_practice"`
	Reverse     bool     `json:"reverse"`
	Group       Estimate `json:"group"`
	All         Estimate `json:"all"`
	WC          Estimate `json:"wc"`
	GapAll      Estimate `json:"gap_all"` // All minus the group, points
	GapWC       Estimate `json:"gap_wc"`  // World-Class minus the group, points
}

// GroupBenchmark is the benchmark of a group.
type GroupBenchmark struct {
	Provenance    Provenance `json:"provenance"`
	Title         string     `json:"title"`
	Group         Group      `json:"group"`
	Words         string     `json:"words"`         // whose answers are shown
	Organizations int        `json:"organizations"` // of those shown in the wave, that the group lets through
	Covered       int        `json:"covered"`       // of which this many stand in blocks that can be shown
	Reason        string     `json:"reason,omitempty"`
	Caveats       []string   `json:"caveats"`
	MinimumGroup  int        `json:"minimum_group"`
	Practices     []GroupRow `json:"practices"`
}

// ComputeGroup makes the benchmark of a group that Check has passed. It is for
// readers of the whole wave. What it shows is made of blocks of organizations,
// see blocksOf; a wave that still moves has none.
func ComputeGroup(ctx context.Context, snapshot *panel.Snapshot, in Input, g Group) (*GroupBenchmark, error) {
	e, err := newEngine(ctx, snapshot, in)
	if err != nil {
		return nil, err
	}
	b := &GroupBenchmark{Provenance: e.provenance(), Title: waveTitle(in.Study, in.Wave), Group: g, MinimumGroup: e.gate.minimum}
	b.Provenance.Filter, b.Words = g.String(), e.groupWords(g)
	b.Caveats = e.groupCaveats(g)
	if snapshot.Moving() {
		b.Reason = "Groups are shown when the wave is closed: while answers come in, two looks at a group could be subtracted from each other."
		return b, nil
	}
	chosen := e.chooseBlocks(g)
	for j := range e.units {
		if g.holds(&e.units[j].Organization) {
			b.Organizations++
		}
	}
	for _, block := range chosen {
		b.Covered += len(e.blocks()[block])
	}
	if len(chosen) == 0 {
		b.Reason = fmt.Sprintf("No figures: the organizations of this group do not fill a block of at least %d that differ from the others in nothing else.", benchmarkMinimum)
		return b, nil
	}
	b.Practices = make([]GroupRow, len(e.items))
	err = eachOf(len(e.items), func(k int) error {
		row, err := e.groupRow(k, g, chosen)
		b.Practices[k] = row
		return err
	})
	e.explainColumns(&b.Practices)
	e.gate.seal(b)
	return b, err
}

func (e *engine) groupRow(k int, g Group, chosen []int) (GroupRow, error) {
	p := &e.items[k]
	row := GroupRow{Item: p.field.Item.Key, Label: p.label, Area: p.field.Item.Area, KeyPractice: e.marked(p.field.Item.Key), Reverse: p.field.Item.Reverse}
	rest := e.columnShare(k, Rest, e.rest)
	row.WC, row.All = e.columnShare(k, WorldClass, e.wc), e.columnShare(k, All, e.all)
	e.gate.complement(&row.WC, &rest)
	r, b, shown, err := e.groupShare(e.cellsOf(k, g), chosen)
	if err != nil {
		return row, err
	}
	row.Group = fromShare(r, b)
	row.Group.Item, row.Group.Column, row.Group.Cut, row.Group.Weighting = row.Item, "group", p.cut(), string(stat.EqualOrganization)
	if !shown {
		row.Group = Estimate{Stat: "top2_share", Item: row.Item, Column: "group", Unit: UnitProportion, Cut: p.cut(), base: base{kind: baseColumn}}
	}
	row.GapAll, row.GapWC = e.groupGap(row.All, row.Group), e.groupGap(row.WC, row.Group)
	return row, nil
}

// groupShare is the share in the blocks that may be shown, if there are any.
func (e *engine) groupShare(cells *groupCells, chosen []int) (r stat.ShareResult, b base, shown bool, err error) {
	var sums stat.EqualShares
	var weighed []stat.Contribution
	for _, block := range chosen {
		if !cells.shown[block] {
			continue
		}
		shown, sums = true, sums.With(cells.sums[block])
		if cells.share != nil {
			weighed = append(weighed, pick(cells.share, e.blocks()[block])...)
		}
	}
	if cells.share != nil {
		r, b, err = weighedShare(weighed, stat.ShareOptions{Conf: confidence})
	} else {
		r, b, err = equalShareOf(sums, stat.ShareOptions{Conf: confidence})
	}
	return r, b, shown, err
}

// groupGap is a column minus a group. People may stand in both, so it has neither
// an interval nor a test.
func (e *engine) groupGap(column, group Estimate) Estimate {
	gap := Estimate{Stat: "gap_points", Item: group.Item, Column: column.Column, Unit: UnitPoints, Cut: group.Cut, Weighting: group.Weighting, base: group.base}
	if column.Value.Valid && group.Value.Valid {
		gap.Value = stat.Some(100 * (column.Value.Value - group.Value.Value))
	} else {
		gap.Reasons = []stat.Reason{stat.NoValidAnswers}
	}
	gap.Status = statusOf(gap.Value, gap.Reasons)
	gap.base.unanimous = false
	gap.base.hidden = gap.Value.Valid && (!e.gate.open(column) || !e.gate.open(group))
	return gap
}

// groupWords say whose answers are shown.
func (e *engine) groupWords(g Group) string {
	people := "Everybody"
	if g.Role != "" {
		people = "Role: " + e.roleLabel(g.Role)
	}
	if g.Answer != "" {
		people = e.answerWords(g.Answer)
	}
	words := []string{people}
	for trait, name := range GroupTraits {
		var labels []string
		for _, value := range *g.of(trait) {
			labels = append(labels, e.optionLabel(cmp.Or(map[string]string{"size": "company_size"}[name], name))(value))
		}
		if len(labels) > 0 {
			words = append(words, upperFirst(name)+": "+strings.Join(labels, " or "))
		}
	}
	return strings.Join(words, ". ") + "."
}

func (e *engine) groupCaveats(g Group) []string {
	people := fmt.Sprintf("A role counts in organizations with %d answers of salespersons and of managers, as in the table of roles. For each practice, blocks in which a figure of single organizations is withheld are left out where it could be told from them.", roleAnswers)
	if g.Answer != "" {
		people = e.answerCaveat()
	}
	return []string{
		fmt.Sprintf("Groups are put together from fixed blocks of at least %d organizations: by industry, within it by region, within that by size, as far as each part has so many. A block counts where all of it belongs to the group, so that no two groups, and no group and the whole, differ by fewer organizations.", benchmarkMinimum),
		people,
		"World-Class and All are those of the whole wave and of everybody; people of the group stand in them too, so the gaps have no test.",
	}
}
