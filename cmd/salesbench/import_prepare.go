package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/salesbench/salesbench/survey"
)

// importPrepare writes the documents that an import needs.
type importPrepare struct {
	File       string   `arg:"" help:"CSV file, also compressed (.csv.gz)."`
	Group      []string `name:"group" required:"" help:"Column that names the organization; several (A,B) are joined."`
	Items      []string `name:"items" required:"" help:"Columns that hold the answers or shares, by name (A,B) or by prefix (q*)."`
	Scale      string   `name:"scale" help:"Single answers: MIN:MAX, the lowest and highest scale point, such as 1:5."`
	Share      string   `name:"share" enum:"fraction,percent," default:"" help:"Shares per organization: how they are written, fraction (0 to 1) or percent."`
	Respondent string   `name:"respondent" help:"Single answers: column with an id of the person; one that comes twice is refused."`
	Team       string   `name:"team" help:"Single answers: column with the team in the organization."`
	Role       string   `name:"role" help:"Single answers: column with the role; its different cells become the roles of the questionnaire."`
	Weight     string   `name:"weight" help:"Single answers: column with weights."`
	Key        string   `name:"key" help:"Key of the instrument and start of the names of both files (default: name of the data file)."`
	Title      string   `name:"title" help:"Title of the data (default: the key)."`
}

// Help is the manual page.
func (importPrepare) Help() string {
	return `Writes KEY-instrument.json and KEY-mapping.json in the current folder, made from the header of the data file: every item labelled with the name of its column, all items in one area, other columns ignored. Read them, better the labels and name author and licence in "attribution"; then rehearse the import:

  salesbench import prepare answers.csv --group company --items 'q*' --scale 1:7 --respondent id --key own
  salesbench import responses answers.csv --wave own --mapping own-mapping.json --instrument own-instrument.json

Give --scale for single answers, --share for shares of agreement. Files that exist are not overwritten.`
}

// Run writes both documents.
func (c *importPrepare) Run(_ context.Context, p *program) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	instrument, mapping, err := c.propose(options)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	for _, document := range []struct {
		name  string
		value any
	}{{options.Key + "-instrument.json", instrument}, {options.Key + "-mapping.json", mapping}} {
		if err := writeNew(document.name, document.value); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(p.Out, document.name); err != nil {
			return err
		}
	}
	return c.suggest(p, mapping, options.Key+"-mapping.json")
}

// propose makes the documents from the header and, for roles, from the rows.
func (c *importPrepare) propose(options survey.ProposalOptions) (*survey.Instrument, *survey.Mapping, error) {
	src := source{open: func() (io.ReadCloser, int64, error) { return openData(c.File) }}
	var header []string
	var delimiter rune
	err := src.pass(io.Discard, "", func(r io.Reader) error {
		var err error
		header, delimiter, err = survey.ReadHeader(r)
		return err
	})
	if err == nil && c.Role != "" {
		err = src.pass(io.Discard, "", func(r io.Reader) error {
			var err error
			options.Roles, err = survey.ReadValues(r, delimiter, c.Role)
			return err
		})
	}
	if err != nil {
		return nil, nil, err
	}
	return survey.Propose(header, delimiter, options)
}

// suggest speaks of a column with ids that nobody named: without it the import
// takes a person who comes twice for two.
func (c *importPrepare) suggest(p *program, mapping *survey.Mapping, file string) error {
	column := survey.SuggestRespondent(mapping.Ignore)
	if column == "" || mapping.Kind != survey.MapResponses || mapping.Respondent != "" {
		return nil
	}
	quoted, err := json.Marshal(column)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Err, "column %s looks like an id of the person and is left out: write \"respondent\": %s into %s, and a person who comes twice is refused (or begin anew with --respondent)\n",
		quoted, quoted, file)
	return err
}

func (c *importPrepare) options() (survey.ProposalOptions, error) {
	o := survey.ProposalOptions{Key: c.Key, Title: c.Title, Group: c.Group, Items: c.Items, Kind: survey.MapAggregates, Share: survey.ShareUnit(c.Share),
		Respondent: c.Respondent, Team: c.Team, Weight: c.Weight, Role: c.Role}
	if o.Key == "" {
		stem, _, _ := strings.Cut(filepath.Base(c.File), ".")
		o.Key = strings.ToLower(stem)
	}
	if !survey.GoodKey(o.Key) {
		return o, usagef("--key: %q must be small letters, digits and hyphens", o.Key)
	}
	if o.Title == "" {
		o.Title = o.Key
	}
	switch {
	case (c.Scale == "") == (c.Share == ""):
		return o, usagef("give either --scale MIN:MAX for single answers or --share fraction|percent for shares of organizations")
	case c.Scale != "":
		o.Kind = survey.MapResponses
		var err error
		o.Min, o.Max, err = parseScale(c.Scale)
		return o, err
	case c.Respondent+c.Team+c.Weight+c.Role != "":
		return o, usagef("--respondent, --team, --role and --weight belong to single answers: shares of organizations have none")
	}
	return o, nil
}

// writeNew writes a document as JSON; a file that exists stays as it is.
func writeNew(name string, document any) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(file)
	encoder.SetIndent("", "  ")
	return errors.Join(encoder.Encode(document), file.Close())
}
