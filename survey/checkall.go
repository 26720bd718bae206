package survey

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// CheckAll checks complete answers before they are submitted: every required
// item on the path answered and every answer possible. Numbers that were asked
// again and confirmed pass. The problems are in survey order.
func (in *Instrument) CheckAll(role string, answers Answers) []Problem {
	x := in.compiled()
	if len(answers) != len(x.fields) {
		return []Problem{{Field: "", Code: ProblemLength,
			Message: fmt.Sprintf("%d answers do not fit a questionnaire of %d questions.", len(answers), len(x.fields))}}
	}
	if problem, ok := in.checkRole(x, role, answers); !ok {
		return []Problem{problem}
	}
	f := &form{answers: answers}
	for _, shown := range in.Path(role, answers) {
		for _, item := range shown.Items {
			f.complete(in, item)
		}
	}
	return f.problems
}

// checkRole makes sure that the role and the answer to the role item agree.
func (in *Instrument) checkRole(x *index, role string, answers Answers) (Problem, bool) {
	if x.role < 0 {
		return Problem{}, true
	}
	if _, known := x.texters[role]; !known {
		return problem(in.RoleItem, ProblemRequired, Details{Sentence: "choose_role"}), false
	}
	if told := in.RoleOf(answers); told != "" && told != role {
		return problem(in.RoleItem, ProblemRole, Details{Sentence: "role_changed"}), false
	}
	return Problem{}, true
}

func (f *form) complete(in *Instrument, item *Item) {
	fields := in.ItemFields(item)
	if len(fields) == 0 {
		return
	}
	first := f.answers[fields[0].Index]
	for _, field := range fields {
		if f.answers[field.Index].State != first.State {
			f.problem(field.Key, ProblemSum, Details{Sentence: "part_missing"})
			return
		}
	}
	switch {
	case first.State == NotShown || first.State == Skipped:
		if fields[0].Index != in.compiled().role { // the role itself is known
			f.missing(item)
		}
	case first.State < Valid:
		if !slices.Contains(item.Missing, first.State) {
			f.problem(item.Key, ProblemUnknownOption, Details{Sentence: "not_offered"})
		}
	default:
		f.possible(item, fields)
	}
}

// possible checks the valid answers of one item.
func (f *form) possible(item *Item, fields []Field) {
	if item.Kind == Allocation {
		f.possibleShares(item, fields)
		return
	}
	field, a := fields[0], f.answers[fields[0].Index]
	switch {
	case field.Closed() && (a.Code < 1 || a.Code > field.Points):
		f.problem(field.Key, ProblemUnknownOption, Details{Sentence: "choose_again"})
	case field.Kind == Number && !item.accepts(a.Number):
		f.problem(field.Key, ProblemOutOfRange, item.impossible(a.Number))
	case field.Kind == LongText && (!utf8.ValidString(a.Text) || utf8.RuneCountInString(a.Text) > item.TextLimit()):
		f.problem(field.Key, ProblemTooLong, Details{Sentence: "not_kept", Limit: item.TextLimit()})
	}
}

// accepts says whether a number may be kept, confirmed or not.
func (it *Item) accepts(v float64) bool {
	if math.IsNaN(v) || math.Abs(v) > maxNumber || !(inside{it.HardMin, it.HardMax}).has(v) {
		return false
	}
	return it.AskAgain || inside{it.Min, it.Max}.has(v)
}

func (f *form) possibleShares(item *Item, fields []Field) {
	shares := make([]float64, len(fields))
	for i, field := range fields {
		shares[i] = f.answers[field.Index].Number
		if !(shares[i] >= 0 && shares[i] <= item.Sum) {
			f.problem(field.Key, ProblemOutOfRange, noShare(shares[i], item.Sum))
			return
		}
	}
	if fault, wrong := sumFault(item, shares); wrong {
		f.problem(item.Key, ProblemSum, fault)
	}
}
