package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/export"
	"github.com/salesbench/salesbench/survey/store"
)

// exportCommand writes the answers of a wave to a file.
type exportCommand struct {
	storeFlags
	Wave     string `name:"wave" required:"" help:"Short name of the wave."`
	Format   string `name:"format" default:"csv" enum:"csv,xlsx" help:"csv or xlsx (default csv)."`
	Out      string `name:"out" required:"" help:"File to write; it must not exist yet. - is standard output."`
	Values   string `name:"values" default:"both" enum:"codes,labels,both" help:"Answers as codes, as labels, or both (default both)."`
	Language string `name:"language" help:"Language of the labels, such as en; the first of the questionnaire without it."`
	JSON     bool   `name:"json" help:"Print what was written as JSON on the error stream."`
}

// Help is the manual page.
func (exportCommand) Help() string {
	return `Writes one row per response: where it belongs, role, language, moment, weight, the answer to each question, and the seconds on each page. No reference of a roster, link or receipt is in it. It holds the answers of single people, also in small groups: keep it as carefully as the database.

A missing answer is a word that begins with a dot, so that it is never taken for an answer: ` + missingWords() + `. An open answer has a second column for its reason. Read it in R with na.strings = c("", ".skipped", ...), in pandas with na_values.

XLSX has the sheets data (codes), labels and codebook: the wording of each question for each role and language, the codes with their labels, and how often each occurs. It takes 1,048,575 responses; CSV takes any number. No cell of either is a formula: in CSV a text that a spreadsheet would run gets an apostrophe before it.

  salesbench export --wave autumn --format xlsx --out autumn.xlsx`
}

// Run writes the file.
func (c *exportCommand) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		_, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		from, err := export.Read(ctx, s, wave)
		if err != nil {
			return err
		}
		edition, err := s.CountResponses(ctx, wave.ID)
		if err != nil {
			return err
		}
		bar := newProgress(p.Err, int64(edition.Responses), "writing responses")
		options := export.Options{Format: export.Format(c.Format), Values: export.Values(c.Values), Language: c.Language, Progress: bar.set}
		var summary export.Summary
		fill := func(w io.Writer) error {
			summary, err = export.Write(ctx, w, s, from, options)
			return err
		}
		if c.Out == "-" {
			err = fill(p.Out)
		} else {
			err = newFile(c.Out, fill)
		}
		bar.done()
		if err != nil {
			return err
		}
		return c.report(p, summary)
	})
}

// report goes to the error stream: the file may be on the other one.
func (c *exportCommand) report(p *program, summary export.Summary) error {
	if c.JSON {
		return writeJSON(p.Err, summary)
	}
	if summary.CutTexts > 0 {
		fmt.Fprintf(p.Err, "cut %s that a cell of XLSX has no room for; CSV has all of every text\n", plural(int(summary.CutTexts), "text"))
	}
	if c.Out != "-" {
		fmt.Fprintf(p.Err, "%s written to %s\n", plural(int(summary.Responses), "response"), c.Out)
	}
	return nil
}

// missingWords lists what stands in the place of an answer.
func missingWords() string {
	var words []string
	for state := range survey.Valid {
		words = append(words, export.MissingCode(state))
	}
	return strings.Join(words, ", ")
}
