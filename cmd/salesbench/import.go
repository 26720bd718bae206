package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// importCommand takes data that were collected elsewhere.
type importCommand struct {
	Prepare    importPrepare    `cmd:"" help:"Write the mapping and instrument documents for a file, from its header."`
	Responses  importResponses  `cmd:"" help:"Import single answers, one row per respondent."`
	Aggregates importAggregates `cmd:"" help:"Import shares of agreement, one row per organization."`
}

const importHelp = `FILE is CSV in UTF-8, also compressed (.gz). The mapping document says which column is what: organization, items, codes of missing answers, rows to leave out. The instrument document describes the items. Both are JSON; cmd/salesbench/examples has real ones.

Without --commit nothing is changed: the command reads the whole file and says what would be taken and what is refused and why, with line and column. With --commit it does the same and then takes everything in one transaction. As long as one row is refused, nothing is taken.

Exit code 1 when something is refused.`

// importTarget is where imported data go.
type importTarget struct {
	Wave         string `name:"wave" required:"" help:"Short name of the wave that takes the data; it is created when it does not exist."`
	Title        string `name:"title" help:"Title of the wave (default: that of the mapping)."`
	Study        string `name:"study" help:"Short name of the study (default: that of the wave, or for a new wave its own name)."`
	MinimumGroup int    `name:"minimum-group" default:"10" help:"Smallest number of respondents in a shown group, at least 5 (default 10)."`
	Append       bool   `name:"append" help:"Add to a wave that has data already."`
}

// importFlags are what both kinds of import need.
type importFlags struct {
	storeFlags
	importTarget
	File       string `arg:"" help:"CSV file, also compressed (.csv.gz)."`
	Mapping    string `name:"mapping" required:"" help:"Mapping document."`
	Instrument string `name:"instrument" required:"" help:"Instrument document with the items, or builtin."`
	Commit     bool   `name:"commit" help:"Take the data; without it this is a rehearsal."`
	JSON       bool   `name:"json" help:"Print JSON."`
}

// source is a data file with the documents that explain it.
type source struct {
	open      func() (io.ReadCloser, int64, error) // from the beginning, with the size where known
	name      string
	mapping   *survey.Mapping
	documents documents
}

func (f importFlags) check() problems {
	wrong := f.storeFlags.check()
	if !survey.GoodKey(f.Wave) {
		wrong = append(wrong, fmt.Errorf("--wave: %q must be small letters, digits and hyphens", f.Wave))
	}
	if f.Study != "" && !survey.GoodKey(f.Study) {
		wrong = append(wrong, fmt.Errorf("--study: %q must be small letters, digits and hyphens", f.Study))
	}
	if f.MinimumGroup < 5 {
		wrong = append(wrong, fmt.Errorf("--minimum-group: %d is less than 5; answers of so few people can be guessed", f.MinimumGroup))
	}
	return wrong
}

// source reads the documents of an import.
func (f importFlags) source(p *program, kind survey.MappingKind, criteria string) (source, error) {
	if err := f.check().orNil(); err != nil {
		return source{}, err
	}
	data, err := readLimited(f.Mapping)
	if err != nil {
		return source{}, err
	}
	mapping, err := survey.ParseMapping(data)
	if err != nil {
		return source{}, fmt.Errorf("%s: %w", f.Mapping, err)
	}
	if mapping.Kind != kind {
		return source{}, survey.Errorf(survey.Invalid, "%s is a mapping for %s: use \"salesbench import %s\"", f.Mapping, mapping.Kind, mapping.Kind)
	}
	s := source{name: f.File, mapping: mapping, open: func() (io.ReadCloser, int64, error) { return openData(f.File) }}
	if criteria != criteriaOwn {
		s.documents, err = readDocuments(p, f.Instrument, criteria)
		return s, err
	}
	if s.documents.instrument, err = readInstrument(p, f.Instrument); err == nil {
		s.documents.criteria, err = ownCriteria(s.documents.instrument)
	}
	return s, err
}

// openData opens a file, decompressing one that ends in .gz.
func openData(file string) (io.ReadCloser, int64, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, 0, err
	}
	if !strings.HasSuffix(file, ".gz") {
		size := int64(-1)
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
		return f, size, nil
	}
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("%s: is not compressed with gzip, as its name says: %w", file, err), f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{unpacked, f}, -1, nil
}

// counted reports how far a reader has come.
type counted struct {
	io.Reader
	position int64
	bar      progress
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.position += int64(n)
	c.bar.set(c.position)
	return n, err
}

// pass reads the file once from the beginning.
func (s source) pass(w io.Writer, label string, read func(io.Reader) error) error {
	data, size, err := s.open()
	if err != nil {
		return err
	}
	bar := newProgress(w, size, label)
	err = read(&counted{Reader: data, bar: bar})
	bar.done()
	if e := data.Close(); err == nil {
		err = e
	}
	return err
}

// importReport is what an import would do or has done.
type importReport struct {
	File      string        `json:"file"`
	Wave      string        `json:"wave"`
	Committed bool          `json:"committed"`
	Report    survey.Report `json:"report"`
	Check     string        `json:"check,omitempty"` // own medians against the source's published row
}

// print prints the report and turns refusals into a failure.
func (r importReport) print(p *program, asJSON bool) error {
	if asJSON {
		if err := writeJSON(p.Out, r); err != nil {
			return err
		}
	} else if err := r.text(p.Out); err != nil {
		return err
	}
	if len(r.Report.Refusals) > 0 {
		return fmt.Errorf("%s: nothing was taken, because not everything can be", r.File)
	}
	return nil
}

func (r importReport) text(w io.Writer) error {
	t := &printer{w: w}
	t.line("%s: %s, %d can be taken, %d refused, %d left out by the mapping; %s",
		r.File, plural(r.Report.Rows, "row"), r.Report.Taken, r.Report.Refused, r.Report.Excluded, plural(r.Report.Organizations, "organization"))
	if len(r.Report.Unused) > 0 {
		t.line("columns that nothing is made of: %s", plain(strings.Join(r.Report.Unused, ", ")))
	}
	for _, warning := range r.Report.Warnings {
		t.line("warning: %s", plain(warning))
	}
	for i, refusal := range r.Report.Refusals {
		if i == survey.MostComplaints {
			break
		}
		t.line("refused: %s%s", plain(refusal.String()), r.alike(refusal))
	}
	codes := make([]string, 0, len(r.Report.Counts))
	for code, n := range r.Report.Counts {
		codes = append(codes, fmt.Sprintf("%s %d", code, n))
	}
	sort.Strings(codes)
	if len(codes) > 0 {
		t.line("refusals by kind: %s", strings.Join(codes, ", "))
	}
	t.paragraphs(r.Check)
	switch {
	case r.Committed:
		t.line("taken into wave %s", r.Wave)
	case len(r.Report.Refusals) == 0:
		t.line("nothing was changed; add --commit to take the data")
	}
	return t.err
}

// alike says how many refusals one line stands for.
func (r importReport) alike(refusal survey.Refusal) string {
	more := r.Report.Counts[refusal.Code] - 1
	if refusal.Code != survey.RefusedEncoding || more < 1 {
		return ""
	}
	return fmt.Sprintf("; %d more of this kind", more)
}

// prepare finds or makes the wave that takes the data.
func (f importTarget) prepare(ctx context.Context, p *program, s *store.Store, src source) (survey.Study, survey.Wave, error) {
	study := survey.Study{Key: f.Study, Title: src.mapping.Title, Origin: survey.Imported, Attribution: src.mapping.Attribution,
		Purpose: "Data collected by others and imported into salesbench.", Contact: "see the attribution"}
	old, err := s.WaveByKey(ctx, f.Wave)
	known := err == nil
	if known && study.Key == "" {
		of, err := s.StudyByID(ctx, old.StudyID)
		if err != nil {
			return study, survey.Wave{}, err
		}
		study.Key = of.Key
	}
	if study.Key == "" {
		study.Key = f.Wave
	}
	if study.Title == "" {
		study.Title = study.Key
	}
	existing, err := s.StudyByKey(ctx, study.Key)
	switch {
	case err == nil && existing.Origin != survey.Imported:
		return study, survey.Wave{}, survey.Errorf(survey.Conflict, "study %q was not imported: name another --study, so that collected and imported answers stay apart", study.Key)
	case err != nil && survey.KindOf(err) != survey.NotFound:
		return study, survey.Wave{}, err
	}
	if study, err = s.PutStudy(audited(ctx, "study.import", "study "+study.Key, ""), study); err != nil {
		return study, survey.Wave{}, err
	}
	now := p.now()
	wave := survey.Wave{StudyID: study.ID, Key: f.Wave, Title: f.Title, OpensAt: now.Add(-time.Minute), ClosesAt: now, MinimumGroup: f.MinimumGroup}
	if wave.Title == "" {
		wave.Title = study.Title
	}
	if known {
		wave.OpensAt, wave.ClosesAt, wave.Mode, wave.LateHours = old.OpensAt, old.ClosesAt, old.Mode, old.LateHours
	}
	wave, err = src.documents.put(ctx, s, wave)
	return study, wave, err
}

// criteriaOwn asks for criteria made from the instrument's own key practices.
const criteriaOwn = "own"

// ownCriteria makes criteria for an instrument that nobody wrote any for: its key
// practices, or all practices where none is marked, with cuts made from the wave.
func ownCriteria(instrument *survey.Instrument) (*benchmark.Criteria, error) {
	c := &benchmark.Criteria{Key: instrument.Key, Version: instrument.Version, Title: instrument.Title.In("en"),
		Unit: benchmark.UnitOrganization, Column: benchmark.ColumnExpectedNumber}
	var all []string
	for _, field := range instrument.Fields() {
		if field.Kind != survey.Likert || field.Item.Reverse {
			continue
		}
		all = append(all, field.Key)
		if field.Item.KeyPractice {
			c.Items = append(c.Items, field.Key)
		}
	}
	if len(c.Items) == 0 {
		c.Items = all
	}
	if len(c.Items) == 0 {
		return nil, survey.Errorf(survey.Invalid, "instrument %s has no agreement item: use --criteria none", instrument.Key)
	}
	return benchmark.ParseCriteria(c.Canonical())
}
