package main

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/salesbench/salesbench/survey"
)

// person is one fictional respondent.
type person struct {
	organization *made
	role         string
	mood         float64 // rates everything a little higher or lower than others would
	straight     bool    // answers one point all the way down
	hurry        float64
}

// generator answers a questionnaire the way the people of a made organization might.
type generator struct {
	random *rand.Rand
	fields []survey.Field
}

// thresholds cut the latent level into seven points. With them an ordinary
// organization has about a third of 6 and 7 on a middling item.
var thresholds = [...]float64{-2.1, -1.45, -0.85, -0.3, 0.5, 1.55}

// roleShift is how much rosier managers and executives see the work of managers.
var roleShift = map[string]float64{"manager": 0.45, "executive": 0.35}

// newPerson draws the respondent at the position. Roles come round in turn, so that
// every organization of some size is seen by managers and by sellers.
func (g *generator) newPerson(o *made, position int) person {
	p := person{
		organization: o, role: "salesperson", mood: 0.8 * g.random.NormFloat64(), hurry: math.Exp(0.35 * g.random.NormFloat64()),
		straight: g.random.Float64() < 0.02,
	}
	switch {
	case position%6 == 0:
		p.role = "manager"
	case position%17 == 5:
		p.role = "executive"
	case position%41 == 40:
		p.role = "other"
	}
	return p
}

// answers fills in the whole questionnaire, also what the person is not asked.
func (g *generator) answers(p person) survey.Answers {
	answers := make(survey.Answers, len(g.fields))
	var shares []float64
	for i, field := range g.fields {
		switch field.Kind {
		case survey.Likert:
			answers[i] = g.agreement(p, field)
		case survey.SingleChoice:
			answers[i] = g.choice(p, field)
		case survey.Number:
			answers[i] = g.number(p, field)
		case survey.Allocation:
			if shares == nil {
				shares = g.timeShares(p)
			}
			answers[i] = survey.Answer{State: survey.Valid, Number: shares[partPosition(field)]}
		case survey.LongText:
			answers[i] = g.sentence(p, field)
		}
	}
	return answers
}

func (g *generator) agreement(p person, field survey.Field) survey.Answer {
	item := field.Item
	if state, ok := g.missing(item, 0.025, 0.02, 0.01); ok && !p.straight {
		return survey.Answer{State: state}
	}
	if p.straight {
		return survey.Answer{State: survey.Valid, Code: 5}
	}
	o := p.organization
	level := readiness(item.Key) + o.quality + o.areas[item.Area] + p.mood
	if item.Area == "management_execution" {
		level += roleShift[p.role] + 0.6*(o.coaching-o.quality)
	}
	level += 1.0 * g.random.NormFloat64()
	code := 1
	for _, cut := range thresholds {
		if level > cut {
			code++
		}
	}
	if item.Reverse {
		code = field.Points + 1 - code
	}
	return survey.Answer{State: survey.Valid, Code: min(max(code, 1), field.Points)}
}

// readiness is how readily people agree with an item: fixed per item, by its name.
func readiness(key string) float64 {
	switch key {
	case "manager_deal_help":
		return -0.45 // a third of all, as in the 2013 study
	case "coaching_time", "limited_data_demands", "forecast_by_system":
		return -0.1
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(key)) // a hash never fails to write
	return -0.3 + 0.75*float64(hash.Sum32()%1000)/1000
}

// missing draws a kind of silence among those that the item offers.
func (g *generator) missing(item *survey.Item, dontKnow, notApplicable, skipped float64) (survey.State, bool) {
	draw := g.random.Float64()
	switch {
	case draw < dontKnow && slices.Contains(item.Missing, survey.DontKnow):
		return survey.DontKnow, true
	case draw >= dontKnow && draw < dontKnow+notApplicable && slices.Contains(item.Missing, survey.NotApplicable):
		return survey.NotApplicable, true
	case draw > 1-skipped && !item.Required:
		return survey.Skipped, true
	}
	return survey.Valid, false
}

func (g *generator) choice(p person, field survey.Field) survey.Answer {
	o := p.organization
	known := map[string]string{"role": p.role, "industry": o.Industry, "region": o.Region, "company_size": o.Size}
	if code, ok := known[field.Item.Key]; ok {
		for i, option := range field.Item.Options {
			if option.Code == code {
				return survey.Answer{State: survey.Valid, Code: i + 1}
			}
		}
	}
	if state, ok := g.missing(field.Item, 0.05, 0, 0.04); ok {
		return survey.Answer{State: state}
	}
	position := g.random.IntN(max(field.Points, 1))
	if field.Item.Key == "coaching_formality" {
		position = int(clamp(1+1.1*o.coaching+0.8*g.random.NormFloat64(), 0, float64(field.Points-1)))
	}
	return survey.Answer{State: survey.Valid, Code: position + 1}
}

// kpi says how a number goes with practice and result in the made-up world.
type kpi struct{ middle, slope, noise, step float64 }

var kpis = map[string]kpi{
	"quota_attainment":       {88, 11, 6, 1},
	"sellers_at_quota":       {52, 13, 7, 1},
	"win_rate":               {46, 7, 5, 1},
	"forecast_error":         {19, -6, 4, 1},
	"qualified_growth":       {5, 7, 5, 1},
	"new_account_growth":     {3, 8, 5, 1},
	"account_billing_growth": {4, 5, 4, 1},
	"coaching_minutes":       {38, 26, 12, 5},
	"decision_makers":        {5, 0, 1.5, 1},
	"cycle_months":           {6, -0.5, 2.5, 1},
}

func (g *generator) number(p person, field survey.Field) survey.Answer {
	item := field.Item
	if state, ok := g.missing(item, 0.14, 0.03, 0.06); ok {
		return survey.Answer{State: state}
	}
	k, known := kpis[item.Key]
	if !known {
		k = kpi{10, 0, 2, 1}
	}
	o := p.organization
	driver := o.quality + o.result
	if item.Key == "coaching_minutes" {
		driver = o.coaching + roleShift[p.role]
	}
	value := k.middle + k.slope*driver + k.noise*g.random.NormFloat64()
	value = math.Round(value/k.step) * k.step
	if item.Min != nil {
		value = max(value, *item.Min)
	}
	if item.Max != nil {
		value = min(value, *item.Max)
	}
	return survey.Answer{State: survey.Valid, Number: value}
}

// timeParts is the split of a manager's time: the forecast accountant's, and how
// much of it moves when the manager is a coach. Both add up: to 100 and to nothing.
var timeParts = [...]struct {
	key           string
	usual, change float64
}{
	{"time_coaching", 14, 8},
	{"time_selling", 21, -1},
	{"time_forecasting", 23, -7},
	{"time_meetings", 15, -2},
	{"time_resources", 7, 5},
	{"time_admin", 14, -3},
	{"time_other", 6, 0},
}

// timeShares draws one manager's split in steps of 5 that add up to 100.
func (g *generator) timeShares(p person) []float64 {
	shares := make([]float64, len(timeParts))
	left := 100.0
	for i, part := range timeParts {
		share := part.usual + part.change*clamp(p.organization.coaching, -1, 2) + 3*g.random.NormFloat64()
		shares[i] = clamp(5*math.Round(share/5), 0, 60)
		left -= shares[i]
	}
	for i := 0; left != 0; i = (i + 1) % len(shares) {
		step := math.Copysign(5, left)
		if shares[i]+step >= 0 {
			shares[i] += step
			left -= step
		}
	}
	return shares
}

func partPosition(field survey.Field) int {
	for i, part := range timeParts {
		if field.Part != nil && part.key == field.Part.Key {
			return i
		}
	}
	return len(timeParts) - 1
}

var sentences = map[string][]string{
	"greatest_risk": {
		"Too much of our volume depends on two customers.",
		"Experienced sellers leave, and nobody knows why.",
		"Competitors undercut us and we have no answer but price.",
		"We spend our days feeding the forecast instead of seeing customers.",
		"Delivery can not keep what sales promises.",
	},
	"manager_do_more": {
		"Sit down with me on one deal a week.",
		"Get the technical experts when we need them, not two weeks later.",
		"Ask fewer questions about numbers and more about the customer.",
		"Say clearly which customers we should not chase.",
		"Share what the best of us do.",
	},
}

func (g *generator) sentence(_ person, field survey.Field) survey.Answer {
	texts := sentences[field.Item.Key]
	if len(texts) == 0 || g.random.Float64() > 0.3 {
		return survey.Answer{State: survey.Skipped}
	}
	return survey.Answer{State: survey.Valid, Text: texts[g.random.IntN(len(texts))]}
}
