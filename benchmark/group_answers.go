package benchmark

import (
	"fmt"
	"slices"
	"strings"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// A group can also be of the people who gave one answer to a closed question that
// is no practice: how long they sell, how formally they are coached. Answers part
// the people of every organization again and again, each question in another way,
// and two partings may be the same in all organizations but one. So beside what
// holds for the blocks of roles (see blocks.go) three more rules hold.
//
//   - In an organization an answer counts with at least the minimum group of people
//     who gave it, and as many others, or none.
//   - Shares of single organizations are never shown. A block counts only where the
//     shares in it that nobody knows, from the page of the organization or of its
//     roles, are none or at least five.
//   - No two sums over one block, of answers to any questions, of roles and of
//     everybody, differ in one to four organizations whose shares are not known.
//     What differs is told by a fingerprint of the people behind every share.

// Limits of what is offered, so that the third rule can be looked after.
const (
	mostGroupQuestions = 8
	mostGroupAnswers   = 12
)

// GroupQuestions are the questions of which an answer can choose a group: those
// with one answer out of a few that do not ask for what roles and traits say.
func GroupQuestions(inst *survey.Instrument) []survey.Field {
	var found []survey.Field
	for _, f := range inst.Fields() {
		traits := []string{"industry", "region", "size", "company_size", "role", inst.RoleItem}
		if f.Kind == survey.SingleChoice && f.Points <= mostGroupAnswers && len(f.Item.Options) == f.Points && !slices.Contains(traits, f.Item.Key) {
			found = append(found, f)
		}
	}
	return found[:min(len(found), mostGroupQuestions)]
}

// GroupAnswer spells the answer that chooses a group.
func GroupAnswer(item *survey.Item, option int) string {
	return item.Key + ":" + item.Options[option].Code
}

// groupAnswers are all answers that can choose a group.
func groupAnswers(inst *survey.Instrument) []string {
	var all []string
	for _, f := range GroupQuestions(inst) {
		for option := range f.Item.Options {
			all = append(all, GroupAnswer(f.Item, option))
		}
	}
	return all
}

// answerPlace finds an answer among those that can choose a group, question by
// question; -1 where it is none of them.
func answerPlace(inst *survey.Instrument, answer string) int {
	return slices.Index(groupAnswers(inst), answer)
}

// answerWords are the words of an answer that can choose a group.
func (e *engine) answerWords(answer string) string {
	key, _, _ := strings.Cut(answer, ":")
	item := e.inst.ItemByKey(key)
	for option := range item.Options {
		if GroupAnswer(item, option) == answer {
			return item.Label.In(e.language) + ": " + item.Options[option].Label.In(e.language)
		}
	}
	return answer
}

// crowd are the people of an organization behind one share.
type crowd struct {
	n, agree int32
	print    uint64 // tells two crowds of one organization apart
}

func (c *crowd) add(agrees bool, print uint64) {
	c.n++
	c.print += print
	if agrees {
		c.agree++
	}
}

// printOf is a number that belongs to a person, as good as drawn at random.
func printOf(row int) uint64 {
	z := (uint64(row) + 1) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// crowds are those behind the shares of one item: of everybody and of the roles
// that are compared first, then of every answer that can choose a group.
type crowds struct {
	of     [][]crowd // by kind, then organization
	counts func(kind, j int) bool
	known  func(c crowd, j int) bool // whether the share of these people can be read on a page
}

// firstAnswer is the kind of the first answer.
const firstAnswer = 1 + len(comparedRoles)

// answersGiven are the answers of all people to the questions that choose groups.
func (e *engine) answersGiven() [][]int8 {
	m := e.image()
	given := make([][]int8, 0, mostGroupQuestions)
	for _, f := range GroupQuestions(e.inst) {
		codes := make([]int8, e.people)
		e.snapshot.Answers(f.Index, m.rows, codes)
		given = append(given, codes)
	}
	return given
}

func (e *engine) crowdsOf(k int) crowds {
	questions, given, m := GroupQuestions(e.inst), e.given(), e.image()
	kinds := firstAnswer
	for _, f := range questions {
		kinds += f.Points
	}
	c := crowds{of: make([][]crowd, kinds)}
	for kind := range c.of {
		c.of[kind] = make([]crowd, len(e.units))
	}
	compared := make([]int, len(e.roles))
	for code, role := range e.roles {
		compared[code] = slices.Index(comparedRoles[:], role)
	}
	p := &e.items[k]
	for i, a := range m.answers[k] {
		if a <= 0 {
			continue
		}
		j, agrees, print := m.org[i], int(a) > p.points-p.top, printOf(i)
		c.of[0][j].add(agrees, print)
		if s := compared[m.role[i]]; s >= 0 {
			c.of[1+s][j].add(agrees, print)
		}
		first := firstAnswer
		for q := range questions {
			if code := int(given[q][i]); code > 0 {
				c.of[first+code-1][j].add(agrees, print)
			}
			first += questions[q].Points
		}
	}
	e.judgeCrowds(&c, k)
	return c
}

// judgeCrowds says which crowds count, and which shares are on pages.
func (e *engine) judgeCrowds(c *crowds, k int) {
	roles, ownHidden, least := e.roleCounts()[k], e.hiddenItems[k](), int32(e.gate.minimum)
	c.counts = func(kind, j int) bool {
		n, all := c.of[kind][j].n, c.of[0][j].n
		switch {
		case kind == 0:
			return n > 0
		case kind < firstAnswer:
			return roles.in(kind-1, j)
		}
		return n >= least && (n == all || all-n >= least)
	}
	shown := make([][firstAnswer]bool, len(e.units))
	for j := range shown {
		all := c.of[0][j]
		shown[j][0] = !ownHidden[j] && !unanimous(int(all.n), int(all.agree))
		for s, hidden := range e.rolesHidden(k, j, ownHidden[j]) {
			shown[j][1+s] = !hidden
		}
	}
	c.known = func(who crowd, j int) bool {
		for kind, seen := range shown[j] {
			if seen && c.of[kind][j].print == who.print {
				return true
			}
		}
		return false
	}
}

// answerCells are the cells of an item for every answer that can choose a group:
// the same for all groups.
func (e *engine) answerCells(k int) []*groupCells {
	c, blocks := e.crowdsOf(k), e.blocks()
	cells := make([]*groupCells, len(c.of)-firstAnswer)
	for at := range cells {
		cells[at] = &groupCells{sums: make([]stat.EqualShares, len(blocks)), shown: make([]bool, len(blocks))}
	}
	for b, block := range blocks {
		seen := make([]int, firstAnswer, len(c.of)) // kinds whose sums are, or may be, published
		for kind := range seen {
			seen[kind] = kind
		}
		for at := range cells {
			kind := firstAnswer + at
			if !c.safe(kind, block, e.gate) || slices.ContainsFunc(seen, func(other int) bool { return c.close(kind, other, block) }) {
				continue
			}
			seen, cells[at].shown[b] = append(seen, kind), true
			for _, j := range block {
				if c.counts(kind, j) {
					cells[at].sums[b].Add(int(c.of[kind][j].n), int(c.of[kind][j].agree))
				}
			}
		}
	}
	return cells
}

// safe says whether the sum over a block may be known: what is left of it without
// the shares that are on pages.
func (c *crowds) safe(kind int, block []int, g gate) bool {
	var sum blockSum
	for _, j := range block {
		if c.counts(kind, j) {
			who := c.of[kind][j]
			sum.add(cellOf(int(who.n), int(who.agree), false, !c.known(who, j)))
		}
	}
	return sum.safe(g)
}

// close says whether two sums over a block differ in so few organizations whose
// shares are not known that those could be told from the difference.
func (c *crowds) close(kind, other int, block []int) bool {
	differ := 0
	for _, j := range block {
		one, two, in, out := c.of[kind][j], c.of[other][j], c.counts(kind, j), c.counts(other, j)
		if in && out && one.print == two.print {
			continue
		}
		if in && !c.known(one, j) || out && !c.known(two, j) {
			differ++
		}
	}
	return differ > 0 && differ < benchmarkMinimum
}

// answerCaveat says how people are chosen by an answer.
func (e *engine) answerCaveat() string {
	return fmt.Sprintf("An answer counts in organizations where at least %d people gave it and as many others, or none, gave another one. For each practice, a block is left out where its figure, or its difference from another figure of the same block, would rest on fewer than %d organizations whose shares nobody else can know.",
		e.gate.minimum, benchmarkMinimum)
}
