package store

import (
	"context"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
)

// Entrance is what the link of a respondent opens.
type Entrance struct {
	Place      *Place
	Invitation survey.Invitation // zero: the draft was begun from an open link
	Draft      survey.Draft      // set when Started
	Started    bool
	// Submitted says that the link has done its work: ResponseByInvitation or,
	// without an invitation, ResponseByToken has the receipt.
	Submitted bool
	Err       error // NotFound: no link has this token
}

// Entrances looks up the links with the hashes of their tokens, personal ones
// and those of drafts that were begun from an open link, and returns one
// entrance for each hash. It costs the same few statements for one hash and for
// a hundred.
func (s *Store) Entrances(ctx context.Context, hashes []auth.Hash) ([]Entrance, error) {
	entrances := make([]Entrance, len(hashes))
	for i, hash := range hashes {
		e := &entrances[i]
		e.Err = s.entrance(ctx, hash, e)
		if kind := survey.KindOf(e.Err); e.Err != nil && kind != survey.NotFound {
			return nil, e.Err
		}
	}
	return entrances, nil
}

func (s *Store) entrance(ctx context.Context, hash auth.Hash, e *Entrance) error {
	var err error
	wave, organization := survey.WaveID(""), survey.OrganizationID("")
	e.Invitation, err = s.InvitationByToken(ctx, hash)
	switch {
	case err == nil:
		wave, organization = e.Invitation.WaveID, e.Invitation.OrganizationID
		if e.Submitted = !e.Invitation.UsedAt.IsZero(); !e.Submitted {
			e.Draft, err = s.DraftByInvitation(ctx, e.Invitation.ID)
			e.Started = err == nil
		}
		if survey.KindOf(err) == survey.NotFound {
			err = nil
		}
	case survey.KindOf(err) == survey.NotFound:
		unknown := err
		e.Draft, err = s.DraftByToken(ctx, hash)
		e.Started = err == nil
		wave, organization = e.Draft.WaveID, e.Draft.OrganizationID
		if survey.KindOf(err) == survey.NotFound && err != nil {
			kept, e2 := s.ResponseByToken(ctx, hash)
			if e2 != nil {
				return named(e2, "%v", unknown)
			}
			err, e.Submitted = nil, true
			wave, organization = kept.Response.WaveID, kept.Response.OrganizationID
		}
	}
	if err != nil {
		return err
	}
	e.Place, err = s.Place(ctx, wave, organization)
	return err
}
