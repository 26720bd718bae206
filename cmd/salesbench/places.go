package main

import (
	"context"
	"errors"
	"slices"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// errStopped ends reading a file that nobody wants the rest of.
var errStopped = errors.New("the reader has stopped")

// places are the organizations and teams of a file, in the order of the file.
type places struct {
	order []survey.Organization
	index map[string]int // organization key -> position
	teams []map[string]survey.TeamID
}

func newPlaces() *places { return &places{index: make(map[string]int)} }

// add remembers an organization, and its team where there is one.
func (l *places) add(o survey.Organization, team string) {
	i, known := l.index[o.Key]
	if !known {
		i = len(l.order)
		l.index[o.Key] = i
		l.order = append(l.order, o)
		l.teams = append(l.teams, make(map[string]survey.TeamID))
	}
	if team != "" {
		l.teams[i][team] = ""
	}
}

// put keeps all of them and remembers their ids.
func (l *places) put(ctx context.Context, s *store.Store, study survey.StudyID) error {
	kept, err := s.PutOrganizations(audited(ctx, "organization.import", "study", study), study, l.order)
	if err != nil {
		return err
	}
	l.order = kept
	for i, o := range kept {
		if len(l.teams[i]) == 0 {
			continue
		}
		names := make([]string, 0, len(l.teams[i]))
		for name := range l.teams[i] {
			names = append(names, name)
		}
		slices.Sort(names)
		teams, err := s.PutTeams(audited(ctx, "team.create", "organization "+o.Key, study), o.ID, names)
		if err != nil {
			return err
		}
		for n, team := range teams {
			l.teams[i][names[n]] = team.ID
		}
	}
	return nil
}

// find returns the ids of a place that was put.
func (l *places) find(key, team string) (survey.OrganizationID, survey.TeamID) {
	i := l.index[key]
	return l.order[i].ID, l.teams[i][team]
}
