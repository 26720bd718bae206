package survey

import (
	"maps"
	"slices"
	"strings"
)

// item compares two versions of a question.
func (d *differ) item(was, is *Item) {
	path := "items." + is.Key
	if was.Kind != is.Kind {
		d.note(matter{path + ".kind", "the kind of the question"}, string(was.Kind), string(is.Kind), Breaks, "its answers are of another kind")
		return
	}
	d.wording(path, "the wording", was.Texts, is.Texts)
	d.text(matter{path + ".label", "the short label"}, was.Label, is.Label, Keeps, "only tables and charts show it")
	d.scores(path, was, is)
	d.scale(path, was, is)
	d.choices(path, was, is)
	d.amounts(path, was, is)
	d.missing(path, was.Missing, is.Missing)
	d.differs(matter{path + ".show_if", "who is asked"}, conditionText(was.ShowIf), conditionText(is.ShowIf), Breaks, "other people are asked")
	d.differs(matter{path + ".required", "whether it must be answered"}, whole(was.Required), whole(is.Required), Check, "who would have left it out answers now, or the other way round")
}

// wording compares the texts of the roles that both ask, and says which roles are
// asked in only one of them.
func (d *differ) wording(path, what string, was, is map[string]Text) {
	for _, role := range slices.Sorted(maps.Keys(is)) {
		where := path + ".texts." + role
		if old, there := was[role]; there {
			d.text(matter{where, what + forRole(role)}, old, is[role], Breaks, "people answer another question")
		} else {
			d.note(matter{where, "a wording" + forRole(role) + " was added"}, "", is[role].In("en"), Breaks, "the role was not asked before, or in another wording")
		}
	}
	for _, role := range slices.Sorted(maps.Keys(was)) {
		if _, there := is[role]; !there {
			d.note(matter{path + ".texts." + role, "the wording" + forRole(role) + " was removed"}, was[role].In("en"), "", Breaks, "the role is not asked any more, or in another wording")
		}
	}
}

func forRole(role string) string {
	if role == "*" {
		return ""
	}
	return " for the role " + role
}

// scores compares what is computed from the answers.
func (d *differ) scores(path string, was, is *Item) {
	d.differs(matter{path + ".block", "the block"}, was.Block, is.Block, Breaks, "other figures are made of it")
	d.differs(matter{path + ".area", "the area"}, was.Area, is.Area, Breaks, "scores of areas are made of other questions")
	d.differs(matter{path + ".key_practice", "whether it is a key practice"}, whole(was.KeyPractice), whole(is.KeyPractice), Breaks, "the index of key practices is made of other questions")
	d.differs(matter{path + ".reverse", "whether agreement is good or bad"}, whole(was.Reverse), whole(is.Reverse), Breaks, "its answers count the other way round")
	d.differs(matter{path + ".direction", "which direction is better"}, was.Direction, is.Direction, Breaks, "its numbers count the other way round")
}

// scale compares the scales that the two versions use, whatever they are called.
func (d *differ) scale(path string, was, is *Item) {
	old, now := d.before.ScaleOf(was), d.after.ScaleOf(is)
	if old == nil || now == nil {
		return
	}
	path += ".scale"
	if len(old.Points) != len(now.Points) {
		d.note(matter{path, "the number of scale points"}, whole(len(old.Points)), whole(len(now.Points)), Breaks, "a share of agreement on another number of points is another figure")
		return
	}
	for i := range now.Points {
		d.text(matter{path + "." + whole(now.Points[i].Value), "the label of scale point " + whole(now.Points[i].Value)}, old.Points[i].Label, now.Points[i].Label, Breaks, "the same point means something else")
	}
	d.differs(matter{path + ".top_box", "how many points count as agreement"}, whole(old.TopBox), whole(now.TopBox), Breaks, "agreement is counted in another way")
}

// choices compares options and parts.
func (d *differ) choices(path string, was, is *Item) {
	codes := func(options []Option) (codes []string) {
		for _, o := range options {
			codes = append(codes, o.Code)
		}
		return codes
	}
	d.list(path+".options", "an option", codes(was.Options), codes(is.Options), "people choose among other answers")
	for _, option := range is.Options {
		if i := slices.IndexFunc(was.Options, func(o Option) bool { return o.Code == option.Code }); i >= 0 {
			d.text(matter{path + ".options." + option.Code, "the wording of option " + option.Code}, was.Options[i].Label, option.Label, Breaks, "the same code means another answer")
		}
	}
	keys := func(parts []Part) (keys []string) {
		for _, p := range parts {
			keys = append(keys, p.Key)
		}
		return keys
	}
	d.list(path+".parts", "a part", keys(was.Parts), keys(is.Parts), "the sum is divided among other parts")
	for _, part := range is.Parts {
		if i := slices.IndexFunc(was.Parts, func(p Part) bool { return p.Key == part.Key }); i >= 0 {
			where := path + ".parts." + part.Key
			d.text(matter{where, "the name of part " + part.Key}, was.Parts[i].Label, part.Label, Breaks, "the same share is of something else")
			d.wording(where, "the wording of part "+part.Key, was.Parts[i].Texts, part.Texts)
		}
	}
}

// amounts compares what is asked of numbers.
func (d *differ) amounts(path string, was, is *Item) {
	d.differs(matter{path + ".sum", "what the parts add up to"}, whole(was.Sum), whole(is.Sum), Breaks, "shares are of another whole")
	d.differs(matter{path + ".unit", "the unit"}, was.Unit, is.Unit, Breaks, "the same number is another amount")
	d.differs(matter{path + ".period", "the period"}, was.Period, is.Period, Breaks, "numbers are about another time")
	for _, l := range []struct {
		name     string
		was, is  *float64
		effect   Effect
		sentence string
	}{
		{"min", was.Min, is.Min, Check, "other numbers are asked again or refused"}, {"max", was.Max, is.Max, Check, "other numbers are asked again or refused"},
		{"hard_min", was.HardMin, is.HardMin, Check, "other numbers are refused"}, {"hard_max", was.HardMax, is.HardMax, Check, "other numbers are refused"},
	} {
		d.differs(matter{path + "." + l.name, "a limit"}, limitOrNone(l.was), limitOrNone(l.is), l.effect, l.sentence)
	}
	d.differs(matter{path + ".ask_again", "whether unusual numbers are asked again"}, whole(was.AskAgain), whole(is.AskAgain), Check, "unusual numbers are taken or refused in another way")
}

// missing compares the ways not to answer that are offered.
func (d *differ) missing(path string, was, is []State) {
	names := func(states []State) string {
		var names []string
		for _, s := range states {
			names = append(names, s.String())
		}
		slices.Sort(names)
		return strings.Join(names, ", ")
	}
	d.differs(matter{path + ".missing", "the ways not to answer"}, names(was), names(is), Breaks, "people who had to choose an answer need not, or the other way round: figures are of other people")
}
