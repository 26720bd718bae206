package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
)

// instrumentCommand looks at questionnaire documents.
type instrumentCommand struct {
	Lint instrumentLint `cmd:"" help:"Say what is wrong with a questionnaire document."`
	Diff instrumentDiff `cmd:"" help:"Say what differs between two versions, and what that does to comparisons."`
	Show instrumentShow `cmd:"" help:"Describe a questionnaire: sections, items, minutes per role."`
}

// instrumentFile names a document.
type instrumentFile struct {
	File string `arg:"" help:"JSON document; - reads standard input, builtin is the built-in questionnaire, builtin/1 its first version."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// document reads the bytes of the named instrument.
func (f instrumentFile) document(p *program) ([]byte, error) {
	switch f.File {
	case "builtin/1":
		return survey.BuiltinVersion(1)
	case "builtin":
		return survey.Builtin().Canonical(), nil
	case "-":
		return io.ReadAll(p.In)
	}
	return os.ReadFile(f.File)
}

// readInstrument reads a document that must be sound.
func readInstrument(p *program, file string) (*survey.Instrument, error) {
	if file == "builtin" {
		return survey.Builtin(), nil
	}
	data, err := instrumentFile{File: file}.document(p)
	if err != nil {
		return nil, err
	}
	instrument, err := survey.ParseInstrument(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return instrument, nil
}

type instrumentLint struct {
	instrumentFile
	Criteria string `name:"criteria" help:"Also check that this criteria document (a built-in name such as organizations/1, or a file) counts on items that exist."`
}

// Help is the manual page.
func (instrumentLint) Help() string {
	return `Prints one finding per line with the line of the document and the field. Errors make a document unusable (duplicate key, unreachable item, unknown scale, condition on a later or unknown item, role left without a path, criteria naming a missing item); warnings are worth a look.

Exit code 1 when there is an error, 0 with warnings only.`
}

// Run prints the findings.
func (c *instrumentLint) Run(p *program) error {
	data, err := c.document(p)
	if err != nil {
		return err
	}
	var criteria *benchmark.Criteria
	if c.Criteria != "" {
		if criteria, err = readCriteria(c.Criteria); err != nil {
			return err
		}
	}
	findings, err := lint(data, criteria)
	if err != nil {
		return err
	}
	if c.JSON {
		if findings == nil {
			findings = []survey.Finding{}
		}
		if err := writeJSON(p.Out, findings); err != nil {
			return err
		}
	} else {
		c.print(p.Out, findings)
	}
	broken := 0
	for _, f := range findings {
		if f.Severity == survey.SeverityError {
			broken++
		}
	}
	if broken > 0 {
		return fmt.Errorf("%s: %s", c.File, plural(broken, "error"))
	}
	return nil
}

// lint returns the findings of a document; one that can not be read has one finding.
func lint(data []byte, criteria *benchmark.Criteria) ([]survey.Finding, error) {
	instrument, err := survey.ReadInstrument(data)
	var wrong *survey.ParseError
	if errors.As(err, &wrong) {
		return []survey.Finding{{Severity: survey.SeverityError, Path: wrong.Path, Line: wrong.Line, Message: wrong.Message}}, nil
	}
	if err != nil {
		return nil, err
	}
	findings := survey.Lint(instrument, nil)
	if criteria == nil {
		return findings, nil
	}
	for _, message := range criteria.Lint(instrument) {
		findings = append(findings, survey.Finding{Severity: survey.SeverityError, Path: "criteria", Message: message})
	}
	return findings, nil
}

func (c *instrumentLint) print(w io.Writer, findings []survey.Finding) {
	for _, f := range findings {
		place := c.File
		if f.Line > 0 {
			place += fmt.Sprintf(":%d", f.Line)
		}
		what := string(f.Severity)
		if f.Path != "" { // a finding about the document itself has none
			what += ": " + plain(f.Path)
		}
		fmt.Fprintf(w, "%s: %s: %s\n", place, what, plain(f.Message))
	}
	if len(findings) == 0 {
		fmt.Fprintf(w, "%s: nothing is wrong\n", c.File)
	}
}

type instrumentShow struct {
	instrumentFile
	Document bool `name:"document" help:"Print the document itself in its canonical form instead of a description."`
}

// instrumentReport describes an instrument.
type instrumentReport struct {
	Key       string          `json:"key"`
	Version   int             `json:"version"`
	Title     string          `json:"title"`
	Hash      string          `json:"hash"`
	Languages []string        `json:"languages"`
	Items     int             `json:"items"`
	Practices int             `json:"practices"`
	Keys      int             `json:"key_practices"`
	Roles     []roleReport    `json:"roles"`
	Sections  []sectionReport `json:"sections"`
}

type roleReport struct {
	Key     string  `json:"role"`
	Label   string  `json:"label"`
	Items   int     `json:"items"`
	Minutes float64 `json:"minutes"`
}

type sectionReport struct {
	Key   string       `json:"section"`
	Title string       `json:"title"`
	Items []itemReport `json:"items"`
}

type itemReport struct {
	Key         string `json:"item"`
	Kind        string `json:"kind"`
	Label       string `json:"label"`
	KeyPractice bool   `json:"key_practice"`
	Reverse     bool   `json:"reverse"`
	Required    bool   `json:"required"`
}

// Run describes the instrument.
func (c *instrumentShow) Run(p *program) error {
	instrument, err := readInstrument(p, c.File)
	if err != nil {
		return err
	}
	if c.Document {
		_, err := fmt.Fprintf(p.Out, "%s\n", instrument.Canonical())
		return err
	}
	report := describe(instrument)
	if c.JSON {
		return writeJSON(p.Out, report)
	}
	return report.print(p.Out)
}

// describe counts what an instrument holds.
func describe(in *survey.Instrument) instrumentReport {
	language := "en"
	if len(in.Languages) > 0 {
		language = in.Languages[0]
	}
	report := instrumentReport{
		Key: in.Key, Version: in.Version, Title: in.Title.In(language), Hash: in.Hash(), Languages: in.Languages,
		Roles: []roleReport{}, Sections: []sectionReport{},
	}
	roles := in.Roles
	if len(roles) == 0 {
		roles = []survey.Role{{Label: survey.Text{"en": "everybody"}}}
	}
	for _, role := range roles {
		items, minutes := survey.Effort(in, role.Key)
		report.Roles = append(report.Roles, roleReport{role.Key, role.Label.In(language), items, minutes})
	}
	for _, section := range in.Sections {
		s := sectionReport{Key: section.Key, Title: section.Title.In(language)}
		for _, item := range section.Items {
			s.Items = append(s.Items, itemReport{
				item.Key, string(item.Kind), item.Label.In(language), item.KeyPractice, item.Reverse, item.Required,
			})
			report.Items++
			if item.Block == "practice" {
				report.Practices++
			}
			if item.KeyPractice {
				report.Keys++
			}
		}
		report.Sections = append(report.Sections, s)
	}
	return report
}

func (r instrumentReport) print(w io.Writer) error {
	p := &printer{w: w}
	p.line("%s, version %d: %s", plain(r.Key), r.Version, plain(r.Title))
	p.line("%s", r.Hash)
	p.line("%d items, %d practices, %d key practices; languages: %s", r.Items, r.Practices, r.Keys, strings.Join(r.Languages, ", "))
	var rows [][]string
	for _, role := range r.Roles {
		rows = append(rows, []string{role.Label, fmt.Sprint(role.Items), fmt.Sprintf("%.1f", role.Minutes)})
	}
	p.table("Roles", []string{"role", "items", "minutes"}, rows)
	for _, section := range r.Sections {
		p.line("\n%s (%s)", plain(section.Title), section.Key)
		for _, item := range section.Items {
			note := ""
			if item.Required {
				note = ", required"
			}
			p.line("  %s%-24s %s (%s%s)", mark(item.KeyPractice, item.Reverse), item.Key, plain(item.Label), words(item.Kind), note)
		}
	}
	return p.err
}

// plural counts things in words.
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
