package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/salesbench/salesbench/benchmark/analysis"
	"github.com/salesbench/salesbench/benchmark/stat"
)

// analyzeCommand analyzes a file without a server.
type analyzeCommand struct {
	File        string   `arg:"" help:"A delimited text file with a header line, one row per respondent; .gz is unpacked, - is standard input."`
	Group       []string `name:"group" required:"" help:"Column that holds the organization; several columns (A,B) are joined."`
	Items       []string `name:"items" required:"" help:"Columns that hold the answers, by name or by prefix."`
	Scale       string   `name:"scale" required:"" help:"Lowest and highest scale point, such as 1:5 or 0:10."`
	Reverse     []string `name:"reverse" help:"Items worded the other way round; they are recoded first."`
	Role        string   `name:"role" help:"Column that holds the role: roles are compared inside organizations, and organizations are scored at one mix of roles."`
	Outcome     string   `name:"outcome" help:"Numeric column: which items go together with it?"`
	Weight      string   `name:"weight" help:"Column of weights, for item means and shares."`
	Top         int      `name:"top" default:"2" help:"How many of the highest scale points count as agreement (${default})."`
	Criteria    string   `name:"criteria" help:"Criteria document with key practices and frozen cuts; without one all items count and the cuts are made from the file."`
	Seed        uint64   `name:"seed" help:"Seed of random results; by default it follows from the answers."`
	Replicates  int      `name:"replicates" default:"1000" help:"Replicates of the bootstrap over organizations (${default}); 0 leaves it out."`
	ClosedForms bool     `name:"closed-forms" help:"Leave out split half and ranks, which draw random numbers."`
	HTML        string   `name:"html" help:"Write the report as one page with charts, which opens without a network."`
	JSON        bool     `name:"json" help:"Print JSON."`
}

// Help is the manual page.
func (analyzeCommand) Help() string {
	return `Analyzes any file of answers on a rating scale by people in organizations: items with intervals that allow for organizations, reliability, agreement, what may be said about organizations, gaps between the best and the rest with the circular part taken out, what goes together with an outcome, and how carefully people answered.

Empty cells, NA, NaN, N/A, NULL, "." and "-" are missing answers. A cell that is neither missing nor a scale point is refused with its row and column. Nothing is sent anywhere or stored.

  salesbench analyze answers.csv --group company --items 'q*' --scale 1:7 --reverse q4,q11 --outcome quota
  salesbench analyze courses.csv --group instr,class --items 'Q*' --scale 1:5 --json > courses.json

The report is for the one who holds the file: groups are not withheld. Do not publish figures of small groups.`
}

// Run analyzes the file.
func (c *analyzeCommand) Run(ctx context.Context, p *program) error {
	columns, err := c.columns()
	if err != nil {
		return err
	}
	options := analysis.Options{
		File: c.File, Version: version, Top: c.Top, Seed: c.Seed, Replicates: c.Replicates, ClosedForms: c.ClosedForms,
	}
	if options.Criteria, err = c.criteria(); err != nil {
		return err
	}
	table, err := c.read(p, columns)
	if err != nil {
		return err
	}
	bar := newProgress(p.Err, analysis.Steps, "analyzing")
	options.Step = func(step int) { bar.set(int64(step)) }
	result, err := analysis.Analyze(ctx, table, options)
	bar.done()
	if err != nil {
		return err
	}
	return c.write(p, result)
}

func (c *analyzeCommand) columns() (analysis.Columns, error) {
	lowest, highest, err := parseScale(c.Scale)
	if err != nil {
		return analysis.Columns{}, err
	}
	return analysis.Columns{
		Group: c.Group, Items: c.Items, Reverse: c.Reverse, Role: c.Role, Outcome: c.Outcome, Weight: c.Weight, Min: lowest, Max: highest,
	}, nil
}

// parseScale reads MIN:MAX.
func parseScale(text string) (lowest, highest int, err error) {
	low, high, ok := strings.Cut(text, ":")
	lowest, errLow := strconv.Atoi(strings.TrimSpace(low))
	highest, errHigh := strconv.Atoi(strings.TrimSpace(high))
	if !ok || errLow != nil || errHigh != nil {
		return 0, 0, usagef("--scale %q: give the lowest and highest scale point as whole numbers, such as --scale 1:5", text)
	}
	return lowest, highest, nil
}

// criteria are the key practices and cuts of a document; none without --criteria.
func (c *analyzeCommand) criteria() (*analysis.Criteria, error) {
	if c.Criteria == "" {
		return nil, nil
	}
	document, err := readCriteria(c.Criteria)
	if err != nil {
		return nil, err
	}
	criteria := &analysis.Criteria{Name: document.Key, Items: document.Items}
	if document.Cuts != nil {
		criteria.Cuts = &stat.TierCuts{WorldClass: document.Cuts.WorldClass, HighPerforming: document.Cuts.HighPerforming, Average: document.Cuts.Average}
	}
	return criteria, nil
}

// read opens the file, unpacks it where its name ends in .gz, and reads it.
func (c *analyzeCommand) read(p *program, columns analysis.Columns) (*analysis.Table, error) {
	var in io.Reader = p.In
	size := int64(-1)
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
		if info, err := file.Stat(); err == nil {
			size = info.Size()
		}
	}
	if strings.HasSuffix(c.File, ".gz") {
		unpacked, err := gzip.NewReader(bufio.NewReader(in))
		if err != nil {
			return nil, err
		}
		in, size = unpacked, -1
	}
	bar := newProgress(p.Err, size, "reading")
	defer bar.done()
	return analysis.Read(in, columns, bar.set)
}

func (c *analyzeCommand) write(p *program, result *analysis.Analysis) error {
	if c.HTML != "" {
		if err := writeAnalysisPage(c.HTML, result); err != nil {
			return err
		}
	}
	switch {
	case c.JSON:
		return writeJSON(p.Out, result)
	case c.HTML != "":
		_, err := fmt.Fprintf(p.Out, "The report is in %s; a browser opens it.\n", plain(c.HTML))
		return err
	}
	return printAnalysis(&printer{w: p.Out}, result)
}
