package web

import (
	"context"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// publishedWaves are the waves that everybody who reaches the service may read;
// where results are for readers with a link, there are none.
func (s *Server) publishedWaves(ctx context.Context) ([]templates.StudyCard, error) {
	if !s.OpenResults || s.Store == nil {
		return nil, nil
	}
	studies, err := s.Store.Studies(ctx)
	if err != nil {
		return nil, err
	}
	type entry struct {
		study survey.Study
		wave  survey.Wave
	}
	var entries []entry
	var ids []survey.WaveID
	for _, study := range studies {
		waves, err := s.Store.Waves(ctx, study.ID)
		if err != nil {
			return nil, err
		}
		for _, wave := range waves {
			entries, ids = append(entries, entry{study, wave}), append(ids, wave.ID)
		}
	}
	standings, err := s.Store.Standings(ctx, ids)
	if err != nil {
		return nil, err
	}
	var cards []templates.StudyCard
	for _, e := range entries {
		cards = append(cards, templates.StudyCard{Title: waveName(e.study, e.wave), Words: waveWords(e.study, standings[e.wave.ID].Position > 0),
			URL: resultsPath(e.wave.Key, ""), State: string(e.wave.State(s.Now()))})
	}
	return cards, nil
}

func waveName(study survey.Study, wave survey.Wave) string {
	if wave.Title == "" || wave.Title == study.Title {
		return study.Title
	}
	return study.Title + ": " + wave.Title
}

// waveWords do not say how many people answered: beside the number that a page of
// results shows, it would tell how many there are in the organizations withheld.
func waveWords(study survey.Study, answered bool) string {
	words := "published shares of organizations"
	if answered {
		words = "answers of people"
	}
	return eyebrow(words, originWord(study.Origin))
}
