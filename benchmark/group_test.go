package benchmark

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// everyGroup lists all groups that can be asked for in a random wave.
func everyGroup(m made) []Group {
	values := func(trait int) [][]string {
		var all []string
		for i := range m.organizations {
			all = append(all, traitOf(&m.organizations[i], trait))
		}
		slices.Sort(all)
		all = slices.Compact(all)
		var sets [][]string
		for bits := range 1 << len(all) {
			var set []string
			for i, v := range all {
				if bits>>i&1 == 1 {
					set = append(set, v)
				}
			}
			sets = append(sets, set)
		}
		return sets
	}
	var groups []Group
	for _, role := range append([]string{""}, comparedRoles[:]...) {
		for _, industries := range values(0) {
			for _, regions := range values(1) {
				groups = append(groups, Group{Role: role, Industries: industries, Regions: regions})
			}
		}
	}
	return groups
}

// attackOn is what a reader of all groups and pages knows of one item in one role.
type attackOn struct {
	e     *engine
	k, s  int
	n     []int      // people per organization that count
	sums  [][]int    // organizations behind each group that is shown
	known known      // with the figures of single organizations and the whole column
	own   []Estimate // of the organizations
}

// figure notes a group and checks that it is the plain mean over its members.
func (a *attackOn) figure(t *testing.T, what string, shown Estimate, members []int) {
	t.Helper()
	people, sum := 0, 0.0
	for _, j := range members {
		people += a.n[j]
		if a.s < 0 {
			sum += float64(a.e.items[a.k].agree(j)) / float64(a.n[j])
		} else {
			sum += float64(a.e.tally[j].roles[a.k].agree[a.s]) / float64(a.n[j])
		}
	}
	if *shown.N != people || *shown.Organizations != len(members) || math.Abs(shown.Value.Value-sum/float64(len(members))) > 1e-12 {
		t.Errorf("%s: %v of %d in %d, want %v of %d in %d", what, shown.Value.Value, *shown.N, *shown.Organizations, sum/float64(len(members)), people, len(members))
	}
	a.sums = append(a.sums, members)
	a.known.add(members...)
}

// run subtracts.
func (a *attackOn) run(t *testing.T, what string) (hidden int) {
	t.Helper()
	for i, one := range a.sums {
		for _, other := range a.sums[:i] {
			n := len(slices.DeleteFunc(slices.Clone(one), func(j int) bool { return slices.Contains(other, j) }))
			m := len(slices.DeleteFunc(slices.Clone(other), func(j int) bool { return slices.Contains(one, j) }))
			if n > 0 && n < benchmarkMinimum || m > 0 && m < benchmarkMinimum {
				t.Fatalf("%s: two groups differ by %d and %d organizations", what, n, m)
			}
		}
	}
	var cells []int
	for j, n := range a.n {
		if n > 0 && !a.own[j].Shown() && a.own[j].Bound == "" {
			cells = append(cells, j)
		} else if n > 0 {
			a.known.add(j)
		}
	}
	for i, j := range cells {
		if a.known.determines(j) {
			t.Errorf("%s: %d answers of %s can be computed", what, a.n[j], a.e.units[j].Key)
		}
		for _, other := range cells[:i] {
			if a.known.determines(j, other) && (a.s >= 0 || a.n[j]+a.n[other] < a.e.gate.minimum) {
				t.Errorf("%s: %s and %s together can be computed", what, a.e.units[j].Key, a.e.units[other].Key)
			}
		}
	}
	return len(cells)
}

func TestNoSmallGroupCanBeComputedBySubtractingGroups(t *testing.T) {
	hidden, figures := 0, 0
	for seed := range uint64(attacks) {
		random := rand.New(rand.NewPCG(seed, 70))
		m := randomWave(random, 25+random.IntN(120))
		snapshot, in := m.snapshot(t), m.small()
		in.Wave.MinimumGroup = []int{10, 5}[seed%2]
		e, err := newEngine(context.Background(), snapshot, in)
		if err != nil {
			t.Fatal(err)
		}
		wave, err := Compute(context.Background(), snapshot, in)
		if err != nil {
			t.Fatal(err)
		}
		results := map[string]*GroupBenchmark{}
		groups := everyGroup(m)
		for _, g := range groups {
			if results[g.String()], err = ComputeGroup(context.Background(), snapshot, in, g); err != nil {
				t.Fatal(err)
			}
		}
		pages := make([]*OrganizationReport, len(e.units))
		for j, u := range e.units {
			if pages[j], err = ComputeOrganization(context.Background(), snapshot, in, u.Key); err != nil {
				t.Fatal(err)
			}
		}
		for k := range e.items {
			for s, role := range append([]string{""}, comparedRoles[:]...) {
				a := newAttack(e, wave, pages, [2]int{k, s - 1})
				for _, g := range groups {
					if r := results[g.String()]; g.Role == role && len(r.Practices) > 0 && r.Practices[k].Group.Shown() {
						a.figure(t, fmt.Sprintf("seed %d, item %d, %s", seed, k, g), r.Practices[k].Group, membersOf(a, g))
					}
				}
				figures += len(a.sums)
				hidden += a.run(t, fmt.Sprintf("seed %d, item %d, role %q", seed, k, role))
			}
		}
	}
	if hidden < 10*attacks || figures < 100*attacks {
		t.Errorf("%d hidden cells and %d figures of groups: the attack had nothing to find", hidden, figures)
	}
}

// newAttack begins with the pages of the organizations and the column of the wave.
func newAttack(e *engine, wave *Benchmark, pages []*OrganizationReport, at [2]int) *attackOn {
	k, s := at[0], at[1]
	a := &attackOn{e: e, k: k, s: s, n: make([]int, len(e.units)), known: known{width: len(e.units)}, own: make([]Estimate, len(e.units))}
	t := e.roleCounts()[k]
	var column []int
	for j := range e.units {
		a.own[j] = pages[j].Practices[k].Own
		a.n[j] = e.items[k].valid(j)
		if s >= 0 {
			row := pages[j].Roles[k]
			a.own[j], a.n[j] = []Estimate{row.Salesperson, row.Manager, row.Executive}[s], 0
			if t.in(s, j) {
				a.n[j] = t.valid(s, j)
			}
		}
		if a.n[j] > 0 {
			column = append(column, j)
		}
	}
	if row := wave.RoleGaps[k]; s < 0 || []Estimate{row.Salesperson, row.Manager, row.Executive}[s].Shown() {
		a.known.add(column...)
	}
	if s < 0 {
		for _, set := range e.sets() {
			a.known.add(slices.DeleteFunc(slices.Clone(set), func(j int) bool { return a.n[j] == 0 })...)
		}
	}
	return a
}

// membersOf are the organizations behind a group: of the blocks that it holds.
func membersOf(a *attackOn, g Group) []int {
	var members []int
	for _, block := range a.e.chooseBlocks(g) {
		for _, j := range a.e.blocks()[block] {
			if a.n[j] > 0 && a.e.groupCells(a.k, g.Role).shown[block] {
				members = append(members, j)
			}
		}
	}
	slices.Sort(members)
	return members
}

func TestBlocksPartTheOrganizationsAndNoneIsSmall(t *testing.T) {
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 71))
		n := 5 + random.IntN(150)
		f := &frame{}
		for range n {
			f.units = append(f.units, unit{Organization: survey.Organization{
				Industry: fmt.Sprint(random.IntN(1 + random.IntN(8))), Region: fmt.Sprint(random.IntN(3)), Size: fmt.Sprint(random.IntN(3))}})
		}
		seen := make([]bool, n)
		for _, block := range f.makeBlocks() {
			if len(block) < benchmarkMinimum {
				t.Errorf("seed %d: a block of %d", seed, len(block))
			}
			for _, j := range block {
				if seen[j] {
					t.Errorf("seed %d: organization %d stands in two blocks", seed, j)
				}
				seen[j] = true
			}
		}
		if slices.Contains(seen, false) {
			t.Errorf("seed %d: an organization stands in no block", seed)
		}
	}
}

func TestTheGroupOfEverybodyIsTheWholeWave(t *testing.T) {
	m := ordinary(3)
	snapshot := m.snapshot(t)
	b, err := Compute(context.Background(), snapshot, m.input())
	if err != nil {
		t.Fatal(err)
	}
	g, err := ComputeGroup(context.Background(), snapshot, m.input(), Group{})
	if err != nil {
		t.Fatal(err)
	}
	for k, row := range g.Practices {
		if row.Group.Value != b.Practices[k].All.Value || *row.Group.N != *b.Practices[k].All.N || row.GapAll.Value != stat.Some(0) {
			t.Errorf("%s: %v of %v, want %v of %v", row.Item, row.Group.Value, row.Group.N, b.Practices[k].All.Value, b.Practices[k].All.N)
		}
	}
	managers, err := ComputeGroup(context.Background(), snapshot, m.input(), Group{Role: "manager"})
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for k, row := range managers.Practices {
		if want := b.RoleGaps[k].Manager; row.Group.Shown() && want.Shown() && *row.Group.N == *want.N {
			shown++
			if row.Group.Value != want.Value {
				t.Errorf("%s: managers %v, want %v as in the table of roles", row.Item, row.Group.Value, want.Value)
			}
		}
	}
	if shown == 0 {
		t.Error("managers are shown nowhere")
	}
}

func TestAGroupThatCanNotBeMeantIsRefused(t *testing.T) {
	m := ordinary(4)
	for name, g := range map[string]Group{
		"a role that is not compared": {Role: "other"}, "an unknown role": {Role: "ceo"}, "an unknown industry": {Industries: []string{"isic_c", "x"}},
		"no region": {Regions: []string{""}}, "a size nobody has": {Sizes: []string{"1_9"}},
	} {
		if _, err := g.Check(m.inst, m.organizations); survey.KindOf(err) != survey.Invalid {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
	g, err := Group{Role: "manager", Industries: []string{"isic_j", "isic_c", "isic_j"}, Regions: []string{}}.Check(m.inst, m.organizations)
	if err != nil || g.String() != `role="manager" and industry=["isic_c" "isic_j"]` {
		t.Errorf("%s, %v", g, err)
	}
}

func TestAWaveThatMovesShowsNoGroup(t *testing.T) {
	m := ordinary(5)
	in := m.input()
	steps, err := NewSteps(m.inst, in.Wave)
	if err != nil {
		t.Fatal(err)
	}
	if err := steps.Add(m.responses); err != nil {
		t.Fatal(err)
	}
	b, err := ComputeGroup(context.Background(), steps.Snapshot(), in, Group{Regions: []string{"europe"}})
	if err != nil || b.Reason == "" || len(b.Practices) > 0 || b.Organizations > 0 {
		t.Errorf("%d practices, %q, %v", len(b.Practices), b.Reason, err)
	}
}

func TestAGroupWithoutBlocksSaysWhy(t *testing.T) {
	m := recipe{seed: 6, organizations: 6, size: sizeOf(12)}.make()
	b, err := ComputeGroup(context.Background(), m.snapshot(t), m.input(), Group{Regions: []string{"europe"}})
	if err != nil || b.Reason == "" || len(b.Practices) > 0 {
		t.Errorf("%d practices, %q, %v", len(b.Practices), b.Reason, err)
	}
}

// BenchmarkGroup makes the benchmark of a group of three attributes, a role or an
// answer among them: the first of a state, and each after it.
func BenchmarkGroup(b *testing.B) {
	traits := Group{Industries: []string{"isic_c", "isic_j"}, Regions: []string{"europe"}}
	ofRole, ofAnswer := traits, traits
	ofRole.Role, ofAnswer.Answer = "manager", groupAnswers(survey.Builtin())[0]
	b.Run("role", func(b *testing.B) { benchmarkGroup(b, ofRole) })
	b.Run("answer", func(b *testing.B) { benchmarkGroup(b, ofAnswer) })
}

func benchmarkGroup(b *testing.B, g Group) {
	eachShape(b, func(b *testing.B, s *study) {
		in := s.input
		in.Drawn, in.Kept = NothingDrawn(), &Kept{}
		var snapshot *panel.Snapshot
		run := func(b *testing.B) {
			if _, err := ComputeGroup(context.Background(), snapshot, in, g); err != nil {
				b.Fatal(err)
			}
		}
		b.Run("first", func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				s.more(b, i%len(s.effects))
				snapshot = s.panel.Snapshot()
				if _, err := Compute(context.Background(), snapshot, in); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				run(b)
			}
		})
		b.Run("next", func(b *testing.B) {
			for b.Loop() {
				run(b)
			}
		})
	})
}
