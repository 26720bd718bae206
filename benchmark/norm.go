package benchmark

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

//go:embed norms/published.csv
var publishedNorms []byte

var normColumns = []string{
	"practice_key", "label", "study_year", "measure", "world_class", "comparison", "comparison_base",
	"approximate", "grade", "source_title", "source_url", "note",
}

// The measures of published figures.
const (
	MeasureAgree     = "agree_pct"
	MeasureKPI       = "kpi_level_pct"
	MeasureWinRate   = "win_rate_pct"
	MeasureTime      = "time_share_pct"
	measureOddsAgree = "agree_ratio"

	measureRespondents = "share_of_respondents_pct"
)

// MeasureWords says what a published figure counts where that is no share who agree.
func (n NormReference) MeasureWords() string {
	if n.Measure == measureOddsAgree {
		return "times as likely to agree"
	}
	return "measured as " + n.Measure
}

// normTopGroup is the key of the published share of the study's top group.
const normTopGroup = "study_top_group"

var normMeasures = []string{
	MeasureAgree, measureOddsAgree, measureRespondents, "kpi_lead_pct", MeasureKPI, MeasureWinRate,
	MeasureTime, "more_likely_pct", "mean_count",
}

// Norms are published figures: shown beside own data with year, base and grade,
// never tested against them.
type Norms struct {
	byItem map[string][]NormReference
	keys   []string
}

// PublishedNorms are the figures that come with salesbench.
var PublishedNorms = sync.OnceValue(func() *Norms {
	norms, err := ParseNorms(publishedNorms)
	if err != nil {
		panic("benchmark: embedded norms: " + err.Error())
	}
	return norms
})

// ParseNorms reads a file of published figures strictly; an error names line and
// column.
func ParseNorms(data []byte) (*Norms, error) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, survey.Errorf(survey.Invalid, "norms: the file is empty")
	}
	if err != nil {
		return nil, survey.Errorf(survey.Invalid, "norms: %w", err)
	}
	if !slices.Equal(header, normColumns) {
		return nil, survey.Errorf(survey.Invalid, "norms: line 1 must name the columns %s", strings.Join(normColumns, ","))
	}
	norms := &Norms{byItem: map[string][]NormReference{}}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return norms, nil
		}
		if err != nil {
			return nil, survey.Errorf(survey.Invalid, "norms: %w", err)
		}
		line, _ := reader.FieldPos(0)
		if err := norms.add(record); err != nil {
			return nil, survey.Errorf(survey.Invalid, "norms: line %d, %w", line, err)
		}
	}
}

func (n *Norms) add(record []string) error {
	key := record[0]
	if key == "" || record[1] == "" {
		return fmt.Errorf("practice_key and label must not be empty")
	}
	reference := NormReference{Label: record[1], Measure: record[3], Base: record[6], Grade: record[8], SourceTitle: record[9], SourceURL: record[10], Note: record[11]}
	var err error
	if reference.Year, err = strconv.Atoi(record[2]); err != nil || reference.Year < 1900 || reference.Year > 2200 {
		return fmt.Errorf("study_year: %q is not a year", record[2])
	}
	if !slices.Contains(normMeasures, reference.Measure) {
		return fmt.Errorf("measure: %q is not one of %s", reference.Measure, strings.Join(normMeasures, ", "))
	}
	if reference.WorldClass, err = normFigure(record[4]); err != nil {
		return fmt.Errorf("world_class: %w", err)
	}
	if reference.Comparison, err = normFigure(record[5]); err != nil {
		return fmt.Errorf("comparison: %w", err)
	}
	if !reference.WorldClass.Valid && !reference.Comparison.Valid {
		return fmt.Errorf("world_class, comparison: both are empty")
	}
	if !slices.Contains([]string{"all", "others", "none"}, reference.Base) {
		return fmt.Errorf("comparison_base: %q is not all, others or none", reference.Base)
	}
	switch record[7] {
	case "true", "false":
		reference.Approximate = record[7] == "true"
	default:
		return fmt.Errorf("approximate: %q is not true or false", record[7])
	}
	if !slices.Contains([]string{"A", "B", "C"}, reference.Grade) {
		return fmt.Errorf("grade: %q is not A, B or C", reference.Grade)
	}
	if u, err := url.Parse(reference.SourceURL); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return fmt.Errorf("source_url: %q is not a web address", reference.SourceURL)
	}
	if n.byItem[key] == nil {
		n.keys = append(n.keys, key)
	}
	n.byItem[key] = append(n.byItem[key], reference)
	return nil
}

func normFigure(text string) (stat.Number, error) {
	if text == "" {
		return stat.Number{}, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return stat.Number{}, fmt.Errorf("%q is not a number", text)
	}
	return stat.Some(v), nil
}

// For returns the figures of an item that have one of the measures, in the
// order of the file. It may be called on nil.
func (n *Norms) For(item string, measures ...string) []NormReference {
	if n == nil {
		return nil
	}
	var found []NormReference
	for _, r := range n.byItem[item] {
		if slices.Contains(measures, r.Measure) {
			found = append(found, r)
		}
	}
	return found
}

// UnknownItems lists the keys that are neither items of the instrument nor
// figures about a whole study (study_...), for lint.
func (n *Norms) UnknownItems(inst *survey.Instrument) []string {
	var unknown []string
	for _, key := range n.keys {
		_, field := inst.FieldByKey(key)
		if !field && inst.ItemByKey(key) == nil && !strings.HasPrefix(key, "study_") {
			unknown = append(unknown, key)
		}
	}
	return unknown
}

// Credit says in one line where a published figure comes from and how sure it is.
func (r NormReference) Credit() string {
	base := map[string]string{"all": "all respondents", "others": "respondents outside the top group", "none": "base not stated"}[r.Base]
	text := fmt.Sprintf("%d study, %s, %s, grade %s", r.Year, r.SourceTitle, base, r.Grade)
	if r.Approximate {
		text += ", approximate"
	}
	return text
}
