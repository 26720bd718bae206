package export

import (
	"slices"

	"github.com/salesbench/salesbench/survey"
)

var codebookHeader = []string{"column", "kind", "about", "role", "language", "code", "text", "n"}

// addCodebook writes what every column means: its wording for each role and
// language, its codes with their labels, its reasons for a missing answer, and
// how often each of them occurs.
func (b *workbook) addCodebook(w Wave, o Options, n counts) error {
	s, err := b.add(codebookSheet, codebookHeader)
	if err != nil {
		return err
	}
	c := &codebook{sheet: s, in: w.Instrument, languages: w.Instrument.Languages, counts: n}
	if i := slices.Index(c.languages, o.Language); i > 0 {
		c.languages = slices.Concat(c.languages[i:i+1], c.languages[:i], c.languages[i+1:])
	}
	c.attributes(w)
	for _, f := range c.in.Fields() {
		c.field(f)
	}
	for i := range c.in.Sections {
		section := &c.in.Sections[i]
		c.texts(codebookRow{column: "seconds." + section.Key, kind: "seconds", about: "time on the page"}, section.Title)
	}
	return c.err
}

// codebook writes lines until one fails.
type codebook struct {
	sheet     *bookSheet
	in        *survey.Instrument
	languages []string
	counts    counts
	err       error
}

// codebookRow is one line of the codebook; n below 0 is left empty.
type codebookRow struct {
	column, kind, about, role, language, code, text string
	n                                               int64
}

func (c *codebook) line(r codebookRow, counted bool) {
	if c.err != nil {
		return
	}
	cells := make([]any, 0, len(codebookHeader))
	for _, text := range []string{r.column, r.kind, r.about, r.role, r.language, r.code, r.text} {
		value, _ := xlsxValue(foreignCell(text))
		cells = append(cells, value)
	}
	if counted {
		cells = append(cells, r.n)
	}
	c.err = c.sheet.write(cells)
}

// texts writes a line for each language that has a text.
func (c *codebook) texts(r codebookRow, text survey.Text) {
	for _, language := range c.languages {
		if said, ok := text[language]; ok && said != "" {
			r.language, r.text = language, said
			c.line(r, false)
		}
	}
}

// attributes explains the columns before the answers.
func (c *codebook) attributes(w Wave) {
	c.line(codebookRow{column: "study", kind: "about", code: w.Study.Key, text: w.Study.Title}, false)
	c.line(codebookRow{column: "wave", kind: "about", code: w.Wave.Key, text: w.Wave.Title}, false)
	c.line(codebookRow{column: "questionnaire", kind: "about", code: c.in.Key + " " + number(float64(c.in.Version)), text: c.in.Hash()}, false)
	for _, a := range []struct{ column, text string }{
		{"response.id", "the response; it leads to no person"},
		{"organization.key", "short name of the organization"},
		{"organization.name", "its name"},
		{"team.name", "the team inside it, where there is one"},
		{"response.role", "role in which the questionnaire was answered"},
		{"response.language", "language in which it was answered"},
		{"response.submitted", "when it was submitted, as exactly as the wave keeps it (UTC)"},
		{"response.weight", "1 unless an import brought another"},
		{"response.excluded", "why it is left out of results; late: since they are final, and figures do not change any more"},
	} {
		c.line(codebookRow{column: a.column, kind: "attribute", text: a.text}, false)
	}
}

// field explains one column of answers.
func (c *codebook) field(f survey.Field) {
	row := codebookRow{column: f.Key, kind: string(f.Kind), about: f.Item.Block}
	c.wordings(row, f)
	if scale := c.in.ScaleOf(f.Item); scale != nil {
		for i, point := range scale.Points {
			c.code(row, f, i+1, number(float64(i+1)), point.Label)
		}
	}
	for i, option := range f.Item.Options {
		c.code(row, f, i+1, option.Code, option.Label)
	}
	row.about = "answers"
	if !f.Closed() {
		row.n = c.counts.coded(f.Index, 1)
		c.line(row, true)
	}
	row.about = "missing"
	for state := range survey.Valid {
		row.code, row.text, row.n = MissingCode(state), reasons[state], c.counts.missing(f.Index, state)
		c.line(row, true)
	}
}

// reasons say what the reasons for a missing answer mean.
var reasons = [survey.Valid]string{
	survey.NotShown: "not asked: another role, or a condition did not hold", survey.Skipped: "shown and left empty",
	survey.DontKnow: "chose: don't know", survey.NotApplicable: "chose: not applicable", survey.Refused: "chose: rather not say",
}

// wordings writes what each role reads. A wording for everybody has the role *.
func (c *codebook) wordings(row codebookRow, f survey.Field) {
	label, texts := f.Item.Label, f.Item.Texts
	if f.Part != nil {
		label, texts = f.Part.Label, f.Part.Texts
	}
	row.about = "label"
	c.texts(row, label)
	row.about = "wording"
	roles := make([]string, 0, len(texts))
	for role := range texts {
		roles = append(roles, role)
	}
	slices.Sort(roles)
	for _, role := range roles {
		row.role = role
		c.texts(row, texts[role])
	}
}

// code writes a scale point or an option: the label in each language, how often
// it was chosen in the first line.
func (c *codebook) code(row codebookRow, f survey.Field, code int, written string, label survey.Text) {
	row.about, row.code, row.n = "code", written, c.counts.coded(f.Index, code)
	first := true
	for _, language := range c.languages {
		if said := label[language]; said != "" {
			row.language, row.text = language, said
			c.line(row, first)
			first = false
		}
	}
	if first { // a point between two that have a label
		c.line(row, true)
	}
}
