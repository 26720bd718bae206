package benchmark

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
)

// questionsAsked are three questions with two, two and three answers.
const questionsAsked = `,{"key":"more","title":{"en":"More"},"items":[
 {"key":"q0","kind":"single_choice","label":{"en":"Question 0"},"texts":{"*":{"en":"Q0?"}},"options":[{"code":"yes","label":{"en":"Yes"}},{"code":"no","label":{"en":"No"}}]},
 {"key":"q1","kind":"single_choice","label":{"en":"Question 1"},"texts":{"*":{"en":"Q1?"}},"options":[{"code":"yes","label":{"en":"Yes"}},{"code":"no","label":{"en":"No"}}]},
 {"key":"q2","kind":"single_choice","label":{"en":"Question 2"},"texts":{"*":{"en":"Q2?"}},"options":[{"code":"a","label":{"en":"A"}},{"code":"b","label":{"en":"B"}},{"code":"c","label":{"en":"C"}}]}]}`

// hostileAnswers is a wave in which questions part the people almost as others do:
// q1 is the answer to q0, but for one person in a few organizations, and q2 says who
// is a manager, again but for a few.
func hostileAnswers(random *rand.Rand, organizations int) made {
	m := randomWave(random, organizations)
	small := m.inst
	m.inst = smallStudyAsking(4, questionsAsked)
	first, odd := len(small.Fields()), map[survey.OrganizationID]int{}
	for i := range m.responses {
		r := &m.responses[i]
		q := [3]int{1 + random.IntN(2), 0, 2}
		q[1] = q[0]
		if r.Role == "manager" {
			q[2] = 1
		}
		if odd[r.OrganizationID]++; odd[r.OrganizationID] == 1 && random.IntN(6) == 0 {
			q[1] = 3 - q[0]
		}
		if odd[r.OrganizationID] == 2 && random.IntN(9) == 0 {
			q[2] = 3
		}
		answers := m.inst.NewAnswers()
		copy(answers, r.Answers[:first])
		for n, code := range q {
			answers[first+n] = survey.Answer{State: survey.Valid, Code: code}
		}
		r.Answers = answers
	}
	return m
}

// TestNoShareCanBeToldFromGroupsByAnswersRolesAndPages asks for every group of
// answers and roles in hostile waves, and looks whether the share of any crowd of an
// organization that is on no page, or the difference of two of them, follows from
// all published sums and pages together.
func TestNoShareCanBeToldFromGroupsByAnswersRolesAndPages(t *testing.T) {
	shown, unknown := 0, 0
	for seed := range uint64(attacks) {
		random := rand.New(rand.NewPCG(seed, 81))
		m := hostileAnswers(random, 20+random.IntN(40))
		snapshot, in := m.snapshot(t), m.small()
		in.Wave.MinimumGroup = 5
		e, err := newEngine(context.Background(), snapshot, in)
		if err != nil {
			t.Fatal(err)
		}
		for k := range e.items {
			a := newAnswerAttack(e, k)
			for place, answer := range groupAnswers(m.inst) {
				shown += a.publish(t, snapshot, in, place, answer)
			}
			unknown += a.run(t, fmt.Sprintf("seed %d, item %d", seed, k))
		}
	}
	if shown < 5*attacks || unknown < 100*attacks {
		t.Errorf("%d sums and %d shares that nobody knows: the attack had nothing to find", shown, unknown)
	}
}

// answerAttack is what a reader knows of one item: equations in the shares of all
// crowds of all organizations.
type answerAttack struct {
	e     *engine
	k     int
	c     crowds
	place map[[2]uint64]int // variable of an organization and a crowd
	known known
}

func newAnswerAttack(e *engine, k int) *answerAttack {
	a := &answerAttack{e: e, k: k, c: e.crowdsOf(k), place: map[[2]uint64]int{}}
	for kind := range a.c {
		for j := range e.units {
			if who := a.c[kind][j]; who.n > 0 {
				if at := [2]uint64{uint64(j), who.print}; a.place[at] == 0 {
					a.place[at] = 1 + len(a.place)
				}
			}
		}
	}
	a.known.width = 1 + len(a.place)
	for kind := range firstAnswer { // pages of organizations, blocks of everybody and of roles
		for j := range e.units {
			if who := a.c[kind][j]; who.n > 0 && who.known {
				a.known.add(a.variable(kind, j))
			}
		}
		for b, block := range e.blocks() {
			if e.groupCells(k, append([]string{""}, comparedRoles[:]...)[kind]).shown[b] {
				a.known.add(a.members(kind, block)...)
			}
		}
	}
	for _, set := range e.sets() { // the columns of the wave, and peers
		a.known.add(a.members(0, set)...)
	}
	return a
}

func (a *answerAttack) variable(kind, j int) int {
	return a.place[[2]uint64{uint64(j), a.c[kind][j].print}]
}

// members are the variables behind a sum over a block.
func (a *answerAttack) members(kind int, block []int) []int {
	var members []int
	for _, j := range block {
		if a.c[kind][j].counts {
			members = append(members, a.variable(kind, j))
		}
	}
	return members
}

// publish asks for the group of everybody who gave an answer, checks its figure and
// notes the sums of its blocks, which groups of traits show one by one.
func (a *answerAttack) publish(t *testing.T, snapshot *panel.Snapshot, in Input, place int, answer string) (shown int) {
	t.Helper()
	cells, kind := a.e.answers[a.k]()[place], firstAnswer+place
	sum, organizations, people := 0.0, 0, 0
	for b, block := range a.e.blocks() {
		if !cells.shown[b] {
			continue
		}
		shown++
		a.known.add(a.members(kind, block)...)
		for _, j := range block {
			if who := a.c[kind][j]; a.c[kind][j].counts {
				sum, organizations, people = sum+float64(who.agree)/float64(who.n), organizations+1, people+int(who.n)
			}
		}
	}
	g, err := ComputeGroup(context.Background(), snapshot, in, Group{Answer: answer})
	if err != nil {
		t.Fatal(err)
	}
	figure := g.Practices[a.k].Group
	if shown == 0 && figure.Value.Valid {
		t.Errorf("%s is %v though no block of it may be shown", answer, figure.Value)
	}
	if figure.Shown() && (*figure.N != people || *figure.Organizations != organizations || math.Abs(figure.Value.Value-sum/float64(organizations)) > 1e-12) {
		t.Errorf("%s is %v of %d, want %v of %d", answer, figure.Value.Value, *figure.N, sum/float64(organizations), people)
	}
	return shown
}

// run solves.
func (a *answerAttack) run(t *testing.T, what string) (unknown int) {
	t.Helper()
	seen := map[int]bool{}
	for j := range a.e.units {
		var own []int
		for kind := range a.c {
			who := a.c[kind][j]
			bound := who.print == a.c[0][j].print && !a.e.hiddenItems[a.k]()[j] // the page says that all or none agree
			if who.n > 0 && !bound && !who.known && a.c[kind][j].counts && !slices.Contains(own, a.variable(kind, j)) {
				own = append(own, a.variable(kind, j))
			}
		}
		for i, v := range own {
			if unknown++; !seen[v] && a.known.follows(map[int]float64{v: 1}) {
				t.Errorf("%s: a share of %s can be computed", what, a.e.units[j].Key)
			}
			seen[v] = true
			for _, w := range own[:i] {
				if a.known.follows(map[int]float64{v: 1, w: -1}) {
					t.Errorf("%s: the difference of two shares of %s can be computed", what, a.e.units[j].Key)
				}
			}
		}
	}
	return unknown
}

func TestAnAnswerThatChoosesNoGroupIsRefused(t *testing.T) {
	m := ordinary(4)
	for name, g := range map[string]Group{
		"a practice": {Answer: "coaching_time:6"}, "a number": {Answer: "win_rate:50"}, "no answer": {Answer: "tenure"}, "an unknown one": {Answer: "tenure:ever"},
		"a trait of the organization": {Answer: "region:europe"}, "a role": {Answer: "role:manager"}, "two at once": {Role: "manager", Answer: groupAnswers(m.inst)[0]},
	} {
		if _, err := g.Check(m.inst, m.organizations); survey.KindOf(err) != survey.Invalid {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
	if g, err := (Group{Answer: groupAnswers(m.inst)[1]}).Check(m.inst, m.organizations); err != nil || g.All() {
		t.Errorf("%q, %v", g, err)
	}
}

func TestAnAnswerOfManyPeopleHasAGroup(t *testing.T) {
	m := recipe{seed: 9, organizations: 30, orgSD: 0.4, personSD: 0.8, size: sizeOf(60)}.make()
	var answer string
	for _, f := range GroupQuestions(m.inst) {
		if f.Points == 2 {
			answer = GroupAnswer(f.Item, 0)
		}
	}
	b, err := ComputeGroup(context.Background(), m.snapshot(t), m.input(), Group{Answer: answer})
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, row := range b.Practices {
		if row.Group.Shown() && row.GapAll.Value.Valid {
			shown++
		}
	}
	if shown < len(b.Practices)/2 {
		t.Errorf("%d of %d practices are shown for %s", shown, len(b.Practices), answer)
	}
}
