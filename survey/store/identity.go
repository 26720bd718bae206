package store

import (
	"context"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

type identityRow struct {
	Issuer    string
	Subject   string
	UserID    string
	CreatedAt time.Time
}

func (identityRow) TableName() string { return "user_identities" }

// BoundUsers are the accounts that sign in by a provider of identities, with or
// without a password.
func (s *Store) BoundUsers(ctx context.Context) (map[survey.UserID]bool, error) {
	ids, err := list(ctx, s, func(r identityRow) survey.UserID { return survey.UserID(r.UserID) }, "user_id", "1 = 1")
	bound := make(map[survey.UserID]bool, len(ids))
	for _, id := range ids {
		bound[id] = true
	}
	return bound, err
}

// SignInIdentity finds the account of somebody whom a provider of identities has
// confirmed. One that is not known yet is bound to the account with its address, if
// the provider has verified that; create says whether an account is made where there
// is none. Forbidden: there is none, it is disabled, or the address proves nothing.
func (s *Store) SignInIdentity(ctx context.Context, by survey.Actor, id survey.Identity, create bool) (survey.User, error) {
	user, err := s.signInIdentity(ctx, by, id, create)
	if survey.KindOf(err) == survey.Conflict { // the same person in another tab was first
		user, err = s.signInIdentity(ctx, by, id, create)
	}
	return user, err
}

func (s *Store) signInIdentity(ctx context.Context, by survey.Actor, id survey.Identity, create bool) (survey.User, error) {
	if id.Issuer == "" || id.Subject == "" {
		return survey.User{}, survey.Errorf(survey.Forbidden, "the sign-in service does not say who you are")
	}
	var row userRow
	err := s.write(ctx, func(tx *gorm.DB) error {
		known, err := rowsOf[identityRow](tx).Where("issuer = ? AND subject = ?", id.Issuer, id.Subject).Take(ctx)
		switch kind := survey.KindOf(translate(err)); {
		case err == nil:
			row, err = rowsOf[userRow](tx).Where("id = ?", known.UserID).Take(ctx)
		case kind == survey.NotFound:
			row, err = s.bindIdentity(ctx, tx, by, id, create)
		}
		if err == nil && row.DisabledAt.Valid {
			err = survey.Errorf(survey.Forbidden, "this account is disabled: ask the administrator of this installation")
		}
		return err
	})
	return row.user(), err
}

// bindIdentity finds or makes the account of an address that the provider has
// verified. An account that is bound to somebody of the same provider already is
// not bound to another: the address may have been given to somebody else.
func (s *Store) bindIdentity(ctx context.Context, tx *gorm.DB, by survey.Actor, id survey.Identity, create bool) (userRow, error) {
	email, err := survey.NormalEmail(id.Email)
	if err != nil || !id.Verified {
		return userRow{}, survey.Errorf(survey.Forbidden, "the sign-in service has not verified your e-mail address, so it can not be told which account is yours: verify it there, then sign in again")
	}
	row, err := rowsOf[userRow](tx).Where("email = ?", email).Take(ctx)
	switch kind := survey.KindOf(translate(err)); {
	case err == nil:
		if row.DisabledAt.Valid {
			return row, nil // refused by the caller
		}
		bound, err := rowsOf[identityRow](tx).Where("issuer = ? AND user_id = ?", id.Issuer, row.ID).Count(ctx, "subject")
		if err != nil {
			return row, err
		}
		if bound > 0 {
			return row, survey.Errorf(survey.Forbidden, "the account of this address belongs to somebody else at the sign-in service: ask the administrator of this installation")
		}
	case kind == survey.NotFound && create:
		if row, err = s.createIdentityUser(ctx, tx, by, id); err != nil {
			return row, err
		}
	case kind == survey.NotFound:
		return row, survey.Errorf(survey.Forbidden, "there is no account for your address: ask whoever runs the study for one")
	default:
		return row, err
	}
	binding := identityRow{Issuer: id.Issuer, Subject: id.Subject, UserID: row.ID, CreatedAt: s.now()}
	if err := rowsOf[identityRow](tx).Create(ctx, &binding); err != nil {
		return row, err
	}
	by.UserID, by.Name = survey.UserID(row.ID), row.Email
	return row, s.record(ctx, tx, by, Deed{Action: "user.bind", Object: "user " + row.Email, Detail: id.Issuer})
}

func (s *Store) createIdentityUser(ctx context.Context, tx *gorm.DB, by survey.Actor, id survey.Identity) (userRow, error) {
	u := survey.User{Email: id.Email, Name: strings.TrimSpace(id.Name)}
	if survey.CheckUser(u) != nil { // no name, or a strange one
		u.Name, _, _ = strings.Cut(id.Email, "@")
	}
	row, err := newUserRow(u, s.now())
	if err != nil {
		return row, err
	}
	if err := rowsOf[userRow](tx).Create(ctx, &row); err != nil {
		return row, err
	}
	return row, s.record(ctx, tx, by, Deed{Action: "user.create", Object: "user " + row.Email, Detail: id.Issuer})
}
