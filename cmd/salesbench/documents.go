package main

import (
	"context"
	"strings"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// documents are what a wave is asked with and judged by.
type documents struct {
	instrument *survey.Instrument
	criteria   *benchmark.Criteria // nil: the wave names no tiers
}

// readDocuments reads both and makes sure that they fit together.
func readDocuments(p *program, instrumentFile, criteriaName string) (documents, error) {
	var d documents
	var err error
	if d.instrument, err = readInstrument(p, instrumentFile); err != nil {
		return d, err
	}
	if criteriaName == "" || criteriaName == "none" {
		return d, nil
	}
	if d.criteria, err = readCriteria(criteriaName); err != nil {
		return d, err
	}
	if misfits := d.criteria.Lint(d.instrument); len(misfits) > 0 {
		return d, survey.Errorf(survey.Invalid, "criteria %s do not fit the instrument: %s", d.criteria.Rule(), strings.Join(misfits, "; "))
	}
	return d, nil
}

// put keeps the documents and then the wave that uses them.
func (d documents) put(ctx context.Context, s *store.Store, wave survey.Wave) (survey.Wave, error) {
	var err error
	if wave.InstrumentHash, err = s.PutInstrument(ctx, d.instrument.Canonical()); err != nil {
		return wave, err
	}
	if d.criteria != nil {
		if wave.CriteriaHash, err = s.PutCriteria(ctx, d.criteria.Rule(), d.criteria.Canonical()); err != nil {
			return wave, err
		}
	}
	return s.PutWave(audited(ctx, "wave.put", "wave "+wave.Key, wave.StudyID), wave)
}
