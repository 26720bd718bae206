package rig

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// Plan says how large a study to prepare.
type Plan struct {
	Organizations int    // 8 unless set
	Links         int    // how many of them have an open link; all unless set
	Responses     int    // imported ones, as many for each organization, with random answers to closed questions
	Invitations   int    // personal links in all, spread over the organizations
	MinimumGroup  int    // of the wave; as the store has it unless set
	Instrument    []byte // document; empty: the built-in one
	Wave          string // key; empty: "rig"
}

// Study is an open wave with links to answer.
type Study struct {
	Wave          survey.Wave
	Instrument    *survey.Instrument
	Organizations []Organization
	Invitations   []string // tokens of personal links: the address is /r/TOKEN
}

// Organization is one with its open link.
type Organization struct {
	survey.Organization
	Open string // token of the open link, if it has one: the address is /o/TOKEN
}

// Prepare makes the database where it is absent, and in it a study with an open
// wave, organizations, an open link for each and personal links. A server may run
// on the same database.
func Prepare(ctx context.Context, config store.Config, plan Plan) (*Study, error) {
	if plan.Organizations == 0 {
		plan.Organizations = 8
	}
	if plan.Instrument == nil {
		plan.Instrument = survey.BuiltinDocument()
	}
	if plan.Wave == "" {
		plan.Wave = "rig"
	}
	config.Migrate = true
	s, err := store.Open(ctx, config)
	if err != nil {
		return nil, err
	}
	study, err := prepare(ctx, s, plan)
	return study, errors.Join(err, s.Close())
}

func prepare(ctx context.Context, s *store.Store, plan Plan) (*Study, error) {
	hash, err := s.PutInstrument(ctx, plan.Instrument)
	if err != nil {
		return nil, err
	}
	study := &Study{}
	if study.Instrument, err = s.Instrument(ctx, hash); err != nil {
		return nil, err
	}
	of, err := s.PutStudy(ctx, survey.Study{Key: plan.Wave, Title: "A study under load", Purpose: "To see what the service stands.",
		Contact: "research@example.org", Origin: survey.Generated})
	if err != nil {
		return nil, err
	}
	study.Wave, err = s.PutWave(ctx, survey.Wave{StudyID: of.ID, Key: plan.Wave, Title: "Under load", InstrumentHash: hash, OpensAt: time.Now().Add(-time.Hour), MinimumGroup: plan.MinimumGroup})
	if err != nil {
		return nil, err
	}
	if err := study.organize(ctx, s, plan); err != nil {
		return nil, err
	}
	if err := study.invite(ctx, s, plan.Invitations); err != nil || plan.Responses == 0 {
		return study, err
	}
	_, err = s.ImportResponses(ctx, study.Wave.ID, study.responses(plan.Responses), nil)
	return study, err
}

// organize makes the organizations with an open link each.
func (st *Study) organize(ctx context.Context, s *store.Store, plan Plan) error {
	organizations := make([]survey.Organization, plan.Organizations)
	for i := range organizations {
		organizations[i] = survey.Organization{StudyID: st.Wave.StudyID, Key: fmt.Sprintf("organization-%05d", i), Name: fmt.Sprintf("Organization %d", i)}
	}
	kept, err := s.PutOrganizations(ctx, st.Wave.StudyID, organizations)
	if err != nil {
		return err
	}
	for i, o := range kept {
		if plan.Links > 0 && i >= plan.Links {
			st.Organizations = append(st.Organizations, Organization{Organization: o})
			continue
		}
		token := auth.NewToken()
		if err := s.CreateOpenLink(ctx, survey.OpenLink{WaveID: st.Wave.ID, OrganizationID: o.ID}, auth.HashToken(token)); err != nil {
			return err
		}
		st.Organizations = append(st.Organizations, Organization{o, token})
	}
	return nil
}

// responses are random answers to all closed questions, the organizations in turn.
// The sequence is the same each time.
func (st *Study) responses(n int) iter.Seq2[store.ImportedResponse, error] {
	random := rand.New(rand.NewPCG(1, 2))
	fields, roles := st.Instrument.Fields(), st.Instrument.Roles
	return func(yield func(store.ImportedResponse, error) bool) {
		for i := range n {
			r := &survey.Response{OrganizationID: st.Organizations[i%len(st.Organizations)].ID, Role: roles[random.IntN(len(roles))].Key,
				Weight: 1, Answers: st.Instrument.NewAnswers(), SubmittedAt: st.Wave.OpensAt}
			for k, field := range fields {
				if field.Closed() {
					r.Answers[k] = survey.Answer{State: survey.Valid, Code: 1 + random.IntN(field.Points)}
				}
			}
			if !yield(store.ImportedResponse{Response: r}, nil) {
				return
			}
		}
	}
}

// invite makes personal links, for the organizations in turn.
func (st *Study) invite(ctx context.Context, s *store.Store, n int) error {
	invitations := make([]store.NewInvitation, n)
	for i := range invitations {
		token := auth.NewToken()
		st.Invitations = append(st.Invitations, token)
		invitations[i] = store.NewInvitation{OrganizationID: st.Organizations[i%len(st.Organizations)].ID,
			Reference: fmt.Sprintf("person-%07d", i), Token: auth.HashToken(token)}
	}
	_, err := s.CreateInvitations(ctx, st.Wave.ID, invitations)
	return err
}
