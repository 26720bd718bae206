package rig

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// Plan says how large a study to prepare.
type Plan struct {
	Organizations int    // 8 unless set
	Invitations   int    // personal links in all, spread over the organizations
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
	Open string // token of the open link: the address is /o/TOKEN
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
	study.Wave, err = s.PutWave(ctx, survey.Wave{StudyID: of.ID, Key: plan.Wave, Title: "Under load", InstrumentHash: hash, OpensAt: time.Now().Add(-time.Hour)})
	if err != nil {
		return nil, err
	}
	if err := study.organize(ctx, s, plan.Organizations); err != nil {
		return nil, err
	}
	return study, study.invite(ctx, s, plan.Invitations)
}

// organize makes the organizations with an open link each.
func (st *Study) organize(ctx context.Context, s *store.Store, n int) error {
	organizations := make([]survey.Organization, n)
	for i := range organizations {
		organizations[i] = survey.Organization{StudyID: st.Wave.StudyID, Key: fmt.Sprintf("organization-%05d", i), Name: fmt.Sprintf("Organization %d", i)}
	}
	kept, err := s.PutOrganizations(ctx, st.Wave.StudyID, organizations)
	if err != nil {
		return err
	}
	for _, o := range kept {
		token := auth.NewToken()
		if err := s.CreateOpenLink(ctx, survey.OpenLink{WaveID: st.Wave.ID, OrganizationID: o.ID}, auth.HashToken(token)); err != nil {
			return err
		}
		st.Organizations = append(st.Organizations, Organization{o, token})
	}
	return nil
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
