package main

import (
	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
)

type instrumentDiff struct {
	Before   string `arg:"" help:"The earlier document; builtin is the built-in questionnaire."`
	After    string `arg:"" help:"The later document; - reads standard input."`
	Criteria bool   `name:"criteria" help:"Both are criteria documents (a built-in name such as organizations/1, or a file)."`
	JSON     bool   `name:"json" help:"Print JSON."`
}

// Help is the manual page.
func (instrumentDiff) Help() string {
	return `Lists what differs between two versions and what each change does to comparisons between waves: it breaks them (figures before and after are not about the same), asks for a check (they may differ because of it), or keeps them. Questions, options, parts and roles are known by their keys; spaces are no change.

Exit code 0 whatever differs.`
}

// diffReport is a comparison for scripts.
type diffReport struct {
	Breaks  bool            `json:"breaks"`
	Changes []survey.Change `json:"changes"`
}

// Run prints the changes.
func (c *instrumentDiff) Run(p *program) error {
	changes, err := c.changes(p)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(p.Out, diffReport{survey.BreaksComparison(changes), append([]survey.Change{}, changes...)})
	}
	t := &printer{w: p.Out}
	for _, change := range changes {
		t.line("%-6s %s: %s; %s", change.Effect, plain(change.Path), plain(change.What), change.Reason)
		if change.Before != "" {
			t.line("       - %s", plain(change.Before))
		}
		if change.After != "" {
			t.line("       + %s", plain(change.After))
		}
	}
	switch {
	case len(changes) == 0:
		t.line("nothing differs that anybody would notice")
	case survey.BreaksComparison(changes):
		t.line("waves with these two versions can not be compared in everything")
	}
	return t.err
}

func (c *instrumentDiff) changes(p *program) ([]survey.Change, error) {
	if c.Criteria {
		before, err := readCriteria(c.Before)
		if err != nil {
			return nil, err
		}
		after, err := readCriteria(c.After)
		if err != nil {
			return nil, err
		}
		return benchmark.DiffCriteria(before, after), nil
	}
	before, err := readInstrument(p, c.Before)
	if err != nil {
		return nil, err
	}
	after, err := readInstrument(p, c.After)
	if err != nil {
		return nil, err
	}
	return survey.Diff(before, after), nil
}
