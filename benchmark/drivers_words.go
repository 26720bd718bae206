package benchmark

import (
	"fmt"
	"slices"
)

// driverWords says the finding; it reads only figures that the gate leaves open.
func (e *engine) driverWords(d *Drivers) {
	d.Caveats = []string{
		"Goes together, not more: that organizations with better results agree more with a practice does not say that the practice brings results. Good results may bring good practices, or good moods, or both may come from something that was not asked.",
		"One source: the same people tell practices and results, so a link between them may be one mood. Results from records would be a better test.",
		"The shares divide what all practices together explain. Where organizations that are good at one practice are good at others too, the shares of these are hard to tell apart; look at the intervals.",
		"The mean of a few respondents is not exact, which makes links look weaker than they are.",
		"Figures are over organizations, not over people: within organizations the link may differ in size and even in sign.",
	}
	if d.Reason != "" {
		d.Headline = "Nothing can be set against results here."
		d.Story = []string{d.Reason}
		return
	}
	d.Headline = "What goes together with results can not be told from these organizations."
	for i := range d.Outcomes {
		if sentence := e.outcomeSentence(&d.Outcomes[i]); sentence != "" {
			d.Headline = sentence
			break
		}
	}
	d.Story = append(d.Story, e.driverStory(d)...)
}

// outcomeSentence names what goes together with a result; empty where nothing
// may be named.
func (e *engine) outcomeSentence(o *DriverOutcome) string {
	if o.Level != "" && e.gate.open(o.R2) {
		if e.strongest(o.Rows) < 0 {
			return ""
		}
		sure := slices.DeleteFunc(slices.Clone(o.Rows), func(r DriverRow) bool { return !e.gate.open(r.Johnson) || !r.StandsOut(len(o.Rows)) })
		if top := e.strongest(sure); top >= 0 {
			row := sure[top]
			return fmt.Sprintf("Of the %d %s, “%s” goes together most with %s: %s of what they explain together (95%% interval %s).",
				len(o.Rows), o.Level, row.Label, inside(o.Label), row.Johnson.Text(), row.Johnson.Range())
		}
		return fmt.Sprintf("The %d %s together go with %s of the differences in %s, but no single one stands out beyond doubt.",
			len(o.Rows), o.Level, FormatNumber(100*o.R2.Value.Value, 0)+"%", inside(o.Label))
	}
	top, held := -1, 0
	for i, row := range o.Single {
		if !e.gate.open(row.R) || !row.R.PBH.Valid || row.R.PBH.Value >= 0.05 {
			continue
		}
		held++
		if top < 0 || row.R.Value.Value > o.Single[top].R.Value.Value {
			top = i
		}
	}
	if top < 0 {
		return ""
	}
	return fmt.Sprintf("Taken one at a time, %d of %d practices go together with %s, most of all “%s” (r = %s).",
		held, len(o.Single), inside(o.Label), o.Single[top].Label, o.Single[top].R.Text())
}

// StandsOut says whether a row of several has beyond doubt more than the mean share of
// what all explain: the one rule of sentences and titles.
func (r DriverRow) StandsOut(rows int) bool {
	return r.Johnson.Shown() && r.Johnson.CI != nil && r.Johnson.CI.Lower > 1/float64(rows)
}

func (e *engine) strongest(rows []DriverRow) int {
	top := -1
	for i, r := range rows {
		if e.gate.open(r.Johnson) && (top < 0 || r.Johnson.Value.Value > rows[top].Johnson.Value.Value) {
			top = i
		}
	}
	return top
}

// inside quotes the label of a result in a sentence.
func inside(label string) string { return "“" + inSentence(label) + "”" }

func (e *engine) driverStory(d *Drivers) []string {
	weighed, unstable, placed := 0, 0, 0
	for _, o := range d.Outcomes {
		if o.Level == "" {
			continue
		}
		weighed++
		for _, r := range o.Rows {
			if r.Quadrant != "" {
				placed++
			}
			if r.Unstable {
				unstable++
			}
		}
	}
	if weighed == 0 {
		return []string{fmt.Sprintf("%d organizations are too few to weigh practices against each other: at least %d are needed, and five for each practice. One at a time they are shown below.",
			len(e.units), fewestForDrivers)}
	}
	story := []string{fmt.Sprintf("Each result is set against practices over %s organizations. The importance of a practice is its share of what all of them explain together; how much organizations agree with it is a second question. The map shows both.", FormatCount(len(e.units)))}
	if unstable > 0 {
		story = append(story, fmt.Sprintf("%d of %d points change their quarter of the map in more than a fifth of the resamples; they are marked unstable.", unstable, placed))
	}
	return story
}
