package benchmark

import (
	"fmt"

	"github.com/salesbench/salesbench/survey"
)

// CriteriaText is a criteria document as a reader wants it: what it asks for, and
// where the cuts lie.
type CriteriaText struct {
	Title     string             `json:"title"`
	Rule      string             `json:"rule"`
	Sentences []string           `json:"sentences"`
	Practices []CriteriaPractice `json:"practices"`
}

// CriteriaPractice is a statement that decides, with its area.
type CriteriaPractice struct {
	Item  string `json:"item"`
	Label string `json:"label"`
	Area  string `json:"area,omitempty"`
}

// Text says in words what the criteria ask for when answers to the instrument are
// judged by them.
func (c *Criteria) Text(inst *survey.Instrument) *CriteriaText {
	t := &CriteriaText{Title: c.Title, Rule: c.Rule(), Practices: c.practices(inst)}
	if c.Unit == UnitRespondent {
		t.Sentences = []string{fmt.Sprintf("A person is World-Class whose answers to these %s average %s or more; at least half of them must be answered.",
			plural(len(c.Items), "statement", "statements"), FormatNumber(c.MeanAtLeast, 1))}
		return t
	}
	agree := ""
	if field, ok := inst.FieldByKey(c.Items[0]); ok && field.Kind == survey.Likert {
		p := practice{points: field.Points, top: inst.ScaleOf(field.Item).TopBox}
		agree = " (" + p.cut() + ")"
	}
	t.Sentences = []string{
		fmt.Sprintf("An organization is judged by its index: over %s, the mean of the share of its people who agree%s. %sWhere few people answered, the index is drawn towards the mean of all.",
			plural(len(c.Items), "key practice", "key practices"), agree, c.roleWords(inst)),
		c.Cuts.words(),
		"World-Class is said of an organization from a probability of 90%, likely from 70%.",
	}
	return t
}

// roleWords say whose answers count; empty where everybody's do.
func (c *Criteria) roleWords(inst *survey.Instrument) string {
	var labels []string
	for _, key := range c.Roles {
		if role, ok := inst.RoleByKey(key); ok {
			labels = append(labels, role.Label.In(firstLanguage(inst)))
		}
	}
	if len(labels) == 0 {
		return ""
	}
	return "Roles that count: " + joinWords(labels) + ". "
}

func firstLanguage(inst *survey.Instrument) string {
	if len(inst.Languages) == 0 {
		return ""
	}
	return inst.Languages[0]
}

// words say where the cuts between the tiers lie.
func (f *FrozenCuts) words() string {
	if f == nil {
		return "The cuts are not frozen: they are made from this wave. World-Class begins where the highest tenth of the organizations does, but not below an index of 50%; High-Performing where the highest three tenths do; Under-Performing are the lowest three tenths."
	}
	made := ""
	if f.Wave != "" {
		made = ", as in the wave " + f.Wave
	}
	percent := func(cut float64) string { return FormatValue(cut, UnitProportion, 0) }
	return fmt.Sprintf("The cuts are frozen%s: World-Class from an index of %s, High-Performing from %s, Average from %s.",
		made, percent(f.WorldClass), percent(f.HighPerforming), percent(f.Average))
}

func (c *Criteria) practices(inst *survey.Instrument) []CriteriaPractice {
	areas, language := map[string]string{}, firstLanguage(inst)
	for _, a := range inst.Areas {
		areas[a.Key] = a.Title.In(language)
	}
	list := make([]CriteriaPractice, 0, len(c.Items))
	for _, key := range c.Items {
		p := CriteriaPractice{Item: key, Label: key}
		if item := inst.ItemByKey(key); item != nil {
			p.Label, p.Area = turned(item, language), areas[item.Area]
		}
		list = append(list, p)
	}
	return list
}
