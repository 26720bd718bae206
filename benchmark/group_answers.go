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
	print    uint64 // tells two crowds of one organization apart
	n, agree int32
	counts   bool // in the sum over its block
	known    bool // the share can be read on a page
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

// crowds are those behind the shares of one item, by kind and organization: of
// everybody and of the roles that are compared first, then of every answer that can
// choose a group.
type crowds [][]crowd

// firstAnswer is the kind of the first answer.
const firstAnswer = 1 + len(comparedRoles)

// mostKinds is the number of crowds that one person can stand in.
const mostKinds = 2 + mostGroupQuestions

// kindsOf are the kinds of crowds of one person, the first n of them.
type kindsOf struct {
	n  uint8
	at [mostKinds]uint8
}

// kindsOfAll are the kinds of crowds of all people, by row of the image, and how
// many kinds there are.
func (e *engine) kindsOfAll() (kinds []kindsOf, count int) {
	m := e.image()
	kinds, count = make([]kindsOf, e.people), firstAnswer
	for i, role := range m.role {
		kinds[i].n = 1 // everybody
		if s := slices.Index(comparedRoles[:], e.roles[role]); s >= 0 {
			kinds[i].add(1 + s)
		}
	}
	codes := make([]int8, e.people)
	for _, f := range GroupQuestions(e.inst) {
		e.snapshot.Answers(f.Index, m.rows, codes)
		for i, code := range codes {
			if code > 0 {
				kinds[i].add(count + int(code) - 1)
			}
		}
		count += f.Points
	}
	return kinds, count
}

func (k *kindsOf) add(kind int) {
	k.at[k.n] = uint8(kind)
	k.n++
}

func (e *engine) crowdsOf(k int) crowds {
	people, kinds := e.kinds()
	p, m := &e.items[k], e.image()
	c := make(crowds, kinds)
	for kind := range c {
		c[kind] = make([]crowd, len(e.units))
	}
	own := make([]crowd, kinds)
	for j, u := range e.units {
		clear(own)
		for i := u.from; i < u.to; i++ {
			a := m.answers[k][i]
			if a <= 0 {
				continue
			}
			agrees, print, stands := int(a) > p.points-p.top, printOf(i), &people[i]
			for _, kind := range stands.at[:stands.n] {
				own[kind].add(agrees, print)
			}
		}
		for kind := range own {
			c[kind][j] = own[kind]
		}
	}
	e.judgeCrowds(c, k)
	return c
}

// judgeCrowds says which crowds count, and which shares are on pages.
func (e *engine) judgeCrowds(c crowds, k int) {
	roles, ownHidden, least := e.roleCounts()[k], e.hiddenItems[k](), int32(e.gate.minimum)
	for j := range e.units {
		all := c[0][j]
		shown := [firstAnswer]bool{!ownHidden[j] && !unanimous(int(all.n), int(all.agree))}
		for s, hidden := range e.rolesHidden(k, j, ownHidden[j]) {
			shown[1+s] = !hidden
		}
		for kind := range c {
			who := &c[kind][j]
			switch {
			case kind == 0:
				who.counts = who.n > 0
			case kind < firstAnswer:
				who.counts = roles.in(kind-1, j)
			default:
				who.counts = who.n >= least && (who.n == all.n || all.n-who.n >= least)
			}
			for page, seen := range shown {
				who.known = who.known || seen && c[page][j].print == who.print
			}
		}
	}
}

// answerCells are the cells of an item for every answer that can choose a group:
// the same for all groups.
func (e *engine) answerCells(k int) []*groupCells {
	c, blocks := e.crowdsOf(k), e.blocks()
	cells := make([]*groupCells, len(c)-firstAnswer)
	for at := range cells {
		cells[at] = &groupCells{sums: make([]stat.EqualShares, len(blocks)), shown: make([]bool, len(blocks))}
	}
	for b, block := range blocks {
		seen := make([]int, firstAnswer, len(c)) // kinds whose sums are, or may be, published
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
				if c[kind][j].counts {
					cells[at].sums[b].Add(int(c[kind][j].n), int(c[kind][j].agree))
				}
			}
		}
	}
	return cells
}

// safe says whether the sum over a block may be known: what is left of it without
// the shares that are on pages.
func (c crowds) safe(kind int, block []int, g gate) bool {
	var sum blockSum
	for _, j := range block {
		if who := &c[kind][j]; who.counts {
			sum.add(cellOf(int(who.n), int(who.agree), false, !who.known))
		}
	}
	return sum.safe(g)
}

// close says whether two sums over a block differ in so few organizations whose
// shares are not known that those could be told from the difference.
func (c crowds) close(kind, other int, block []int) bool {
	differ := 0
	for _, j := range block {
		one, two := &c[kind][j], &c[other][j]
		if one.counts && two.counts && one.print == two.print {
			continue
		}
		if one.counts && !one.known || two.counts && !two.known {
			if differ++; differ >= benchmarkMinimum {
				return false
			}
		}
	}
	return differ > 0
}

// answerCaveat says how people are chosen by an answer.
func (e *engine) answerCaveat() string {
	return fmt.Sprintf("An answer counts in organizations where at least %d people gave it and as many others, or none, gave another one. For each practice, a block is left out where its figure, or its difference from another figure of the same block, would rest on fewer than %d organizations whose shares nobody else can know.",
		e.gate.minimum, benchmarkMinimum)
}
