package benchmark

import (
	"fmt"
	"slices"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// plan says what is counted in each organization: it follows from instrument,
// criteria and language alone, so that counts made under the same plan may be
// used again.
type plan struct {
	inst   *survey.Instrument
	items  []planItem
	key    []int    // positions of the criterion items, where they are about organizations
	roles  []string // of the criteria
	areas  []area
	scales []planScale // key practices, where there are any, and the areas; all practices where there is neither
	kpis   []planKPI
	time   *planTime
	style  *planStyle
	moving bool
	name   string
}

// planItem is an agreement item.
type planItem struct {
	field       survey.Field
	points, top int
}

// planScale is a set of items that are looked at together; points is 0 where
// their scales differ.
type planScale struct {
	items  []int
	points int
}

// planKPI is a numeric result with the distinct words it is asked in.
type planKPI struct {
	item    *survey.Item
	field   survey.Field
	wording []string       // ascending
	asked   map[string]int // wording by role; others are asked as "" is
}

func (k planKPI) wordingOf(role string) int {
	if w, ok := k.asked[role]; ok {
		return w
	}
	return k.asked[""]
}

// planTime is the allocation of the managers' time.
type planTime struct {
	item                 *survey.Item
	fields               []survey.Field
	enabling, accounting []int // positions of parts; nil where one is not asked
	managersOnly         bool
}

// planStyle is a tier of persons.
type planStyle struct {
	criteria *Criteria
	items    []int
	low      int8 // of the agree box of the first item
}

func newPlan(f *frame) *plan {
	p := &plan{inst: f.inst, moving: f.snapshot.Moving()}
	for _, item := range agreementItems(f.inst) {
		f.position[item.field.Item.Key] = len(p.items)
		p.items = append(p.items, item)
	}
	if c := f.in.Criteria; c != nil && c.Unit == UnitOrganization {
		for _, key := range c.Items {
			p.key = append(p.key, f.position[key])
		}
		p.roles = c.Roles
		p.scales = append(p.scales, p.scale(p.key))
	}
	p.areas = p.areasIn(f.language)
	for _, a := range p.areas {
		p.scales = append(p.scales, p.scale(a.items))
	}
	if len(p.scales) == 0 && len(p.items) > 0 {
		p.scales = append(p.scales, p.scale(everyItem(len(p.items))))
	}
	p.kpis, p.time, p.style = planKPIs(f.inst, f.language), planTimes(f.inst), p.planStyle(f)
	p.name = fmt.Sprintf("%s %s %s %q %t", f.inst.Hash(), criteriaHash(f.in.Criteria), criteriaHash(f.in.StudyStyle), f.language, p.moving)
	if filter := f.snapshot.Filter(); filter != "" {
		p.name += " " + filter
	}
	return p
}

// agreementItems are the agreement items of an instrument.
func agreementItems(inst *survey.Instrument) []planItem {
	var items []planItem
	for _, field := range inst.Fields() {
		if field.Kind != survey.Likert || field.Points < 2 || field.Points > mostScalePoints {
			continue
		}
		item := planItem{field: field, points: field.Points, top: inst.ScaleOf(field.Item).TopBox}
		if item.top < 1 || item.top >= item.points {
			item.top = max(1, min(2, item.points-1))
		}
		items = append(items, item)
	}
	return items
}

// leaguePlan counts what the classification by some criteria asks for and nothing
// else.
func leaguePlan(inst *survey.Instrument, c *Criteria) *plan {
	p := &plan{inst: inst, roles: c.Roles, items: make([]planItem, len(c.Items)), key: everyItem(len(c.Items))}
	for _, item := range agreementItems(inst) {
		if k := slices.Index(c.Items, item.field.Item.Key); k >= 0 {
			p.items[k] = item
		}
	}
	return p
}

func everyItem(n int) []int {
	all := make([]int, n)
	for k := range all {
		all[k] = k
	}
	return all
}

func (p *plan) scale(items []int) planScale {
	s := planScale{items: items, points: p.items[items[0]].points}
	for _, k := range items {
		if p.items[k].points != s.points {
			s.points = 0
		}
	}
	return s
}

// areaScales are the scales of the areas.
func (p *plan) areaScales() []planScale { return p.scales[len(p.scales)-len(p.areas):] }

// areasIn are the areas of the instrument that have practices, in its order.
func (p *plan) areasIn(language string) []area {
	var found []area
	for _, a := range p.inst.Areas {
		group := area{key: a.Key, title: a.Title.In(language)}
		for k := range p.items {
			if p.items[k].field.Item.Area == a.Key {
				group.items = append(group.items, k)
			}
		}
		if len(group.items) > 0 {
			found = append(found, group)
		}
	}
	return found
}

// planKPIs lists all number items of the block kpi.
func planKPIs(inst *survey.Instrument, language string) []planKPI {
	var kpis []planKPI
	for _, section := range inst.Sections {
		for i := range section.Items {
			item := inst.ItemByKey(section.Items[i].Key)
			if item.Kind != survey.Number || item.Block != "kpi" {
				continue
			}
			k := planKPI{item: item, field: inst.ItemFields(item)[0], asked: map[string]int{}}
			words := map[string]string{}
			roles := []string{""}
			for _, r := range inst.Roles {
				roles = append(roles, r.Key)
			}
			for _, role := range roles {
				text, _ := inst.ItemText(item, role)
				words[role] = text.In(language)
				if !slices.Contains(k.wording, words[role]) {
					k.wording = append(k.wording, words[role])
				}
			}
			slices.Sort(k.wording)
			for role, w := range words {
				k.asked[role] = slices.Index(k.wording, w)
			}
			kpis = append(kpis, k)
		}
	}
	return kpis
}

// planTimes finds the first allocation of the instrument that asks for time.
func planTimes(inst *survey.Instrument) *planTime {
	for _, section := range inst.Sections {
		for i := range section.Items {
			item := inst.ItemByKey(section.Items[i].Key)
			if item.Kind != survey.Allocation || item.Block != "time" || item.Sum <= 0 {
				continue
			}
			t := &planTime{item: item, fields: inst.ItemFields(item)}
			t.enabling, t.accounting = t.parts(enablingParts[:]), t.parts(accountingParts[:])
			_, t.managersOnly = inst.RoleByKey(managerRole)
			return t
		}
	}
	return nil
}

func (t *planTime) parts(keys []string) []int {
	var at []int
	for _, key := range keys {
		found := slices.IndexFunc(t.fields, func(f survey.Field) bool { return f.Key == key })
		if found < 0 {
			return nil
		}
		at = append(at, found)
	}
	return at
}

// planStyle is the tier of persons: that of the criteria, where they are about
// respondents, else that of the study style.
func (p *plan) planStyle(f *frame) *planStyle {
	c := f.in.StudyStyle
	if f.in.Criteria != nil && f.in.Criteria.Unit == UnitRespondent {
		c = f.in.Criteria
	}
	if c == nil || c.Unit != UnitRespondent {
		return nil
	}
	s := &planStyle{criteria: c}
	for _, key := range c.Items {
		s.items = append(s.items, f.position[key])
	}
	first := p.items[s.items[0]]
	s.low = int8(first.points - first.top + 1)
	return s
}

// rowReader reads the rows of one organization after the other into memory that
// it uses again.
type rowReader struct {
	*plan
	snapshot *panel.Snapshot
	slot     []int   // of the roles of the panel among those of the criteria, -1 for others
	compared []int   // among comparedRoles
	asRole   []int   // among those of the instrument, -1 for others
	wordings [][]int // of each KPI, by role of the panel
	answers  [][]int8
	reports  [][]float64
	role     []int32
	zeros    []int32
	values   []float64
	sums     []int
	valid    []int
}

func (p *plan) reader(s *panel.Snapshot) *rowReader {
	r := &rowReader{plan: p, snapshot: s, answers: make([][]int8, len(p.items))}
	for _, name := range s.Roles() {
		r.slot = append(r.slot, slices.Index(p.roles, name))
		r.compared = append(r.compared, slices.Index(comparedRoles[:], name))
		r.asRole = append(r.asRole, slices.IndexFunc(p.inst.Roles, func(role survey.Role) bool { return role.Key == name }))
	}
	for _, kpi := range p.kpis {
		wordings := make([]int, len(s.Roles()))
		for i, name := range s.Roles() {
			wordings[i] = kpi.wordingOf(name)
		}
		r.wordings = append(r.wordings, wordings)
	}
	return r
}

// read loads the answers of some rows to all items.
func (r *rowReader) read(rows []int32) {
	n := len(rows)
	if cap(r.zeros) < n {
		r.zeros, r.role, r.values, r.sums, r.valid = make([]int32, n), make([]int32, n), make([]float64, n), make([]int, n), make([]int, n)
		for k := range r.answers {
			r.answers[k] = make([]int8, n)
		}
	}
	r.zeros, r.role, r.values, r.sums, r.valid = r.zeros[:n], r.role[:n], r.values[:n], r.sums[:n], r.valid[:n]
	for k := range r.answers {
		r.answers[k] = r.answers[k][:n]
		r.snapshot.Answers(r.items[k].field.Index, rows, r.answers[k])
	}
}

// summary summarizes the values of the rows that were read; NaN is missing.
func (r *rowReader) summary(values []float64) (stat.Summary, error) {
	summaries, err := stat.ValueSummaries(values, r.zeros)
	if err != nil || len(summaries) == 0 {
		return stat.Summary{}, err
	}
	return summaries[0], nil
}
