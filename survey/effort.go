package survey

import "strings"

// How long people take, for the estimate that consent pages and instrument
// authors see. Test with people before promising it. A KPI costs a salesperson a
// moment (mostly "don't know"), and each role above more, since it knows more:
// roles are taken to be listed from the customer upwards.
const (
	wordsPerMinute   = 220
	secondsPerLikert = 3
	secondsPerChoice = 3
	secondsPerNumber = 6
	secondsMoreByKPI = 7
	secondsMostByKPI = 20
	secondsPerPart   = 6
	secondsPerText   = 45
	wordsOfOptions   = 20 // a long list of options is skimmed, not read
)

// Effort estimates what a role meets: the number of questions and the minutes,
// counting every question that some answer leads to.
func Effort(in *Instrument, role string) (items int, minutes float64) {
	l := &linter{in: in, x: in.compiled()}
	reached := l.reachIn(role)
	e := effort{in: in, role: role}
	if len(in.Languages) > 0 {
		e.language = in.Languages[0]
	}
	for s := range in.Sections {
		section := &in.Sections[s]
		before := items
		for i := range section.Items {
			if item := &section.Items[i]; reached[item] {
				items++
				e.add(item)
			}
		}
		if items > before {
			e.read(section.Title)
			e.read(section.Intro)
		}
	}
	return items, e.seconds/60 + float64(e.words)/wordsPerMinute
}

type effort struct {
	in       *Instrument
	role     string
	language string
	words    int
	seconds  float64
}

func (e *effort) read(t Text) { e.words += len(strings.Fields(t.In(e.language))) }

func (e *effort) add(item *Item) {
	text, _ := e.in.ItemText(item, e.role)
	e.read(text)
	switch item.Kind {
	case Likert:
		e.seconds += secondsPerLikert
	case SingleChoice:
		e.seconds += secondsPerChoice
		before := e.words
		for _, o := range item.Options {
			e.read(o.Label)
		}
		e.words = min(e.words, before+wordsOfOptions)
	case Allocation:
		for p := range item.Parts {
			e.read(e.in.PartText(&item.Parts[p], e.role))
			e.seconds += secondsPerPart
		}
	case LongText:
		e.seconds += secondsPerText
	default:
		e.seconds += e.numberSeconds(item)
	}
}

func (e *effort) numberSeconds(item *Item) float64 {
	if item.Block != "kpi" {
		return secondsPerNumber
	}
	from := e.in.compiled().texters[e.role]
	for i, role := range e.in.Roles {
		if role.Key == from {
			return min(secondsPerNumber+secondsMoreByKPI*float64(i), secondsMostByKPI)
		}
	}
	return (secondsPerNumber + secondsMostByKPI) / 2
}
