package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
)

// SecondFactor is what somebody needs besides the password: codes of an authenticator.
type SecondFactor struct {
	UserID   survey.UserID
	Secret   string      // that the authenticator knows, too
	Step     int64       // of time, whose code was used last
	Recovery []auth.Hash // of the codes that replace one, once each
}

type recoveryRow struct {
	UserID    string
	CodeHash  []byte
	CreatedAt time.Time
}

func (recoveryRow) TableName() string { return "recovery_codes" }

// usedCode is told whoever types a code for the second time.
const usedCode = "this code was used already: wait for the next one"

// SetSecondFactor turns the second factor of an account on, with new recovery codes,
// and ends all its sessions but the one that is kept. NotFound. Conflict: it is on already.
func (s *Store) SetSecondFactor(ctx context.Context, by survey.Actor, f SecondFactor, keep [32]byte) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		row, err := rowsOf[userRow](tx).Where("id = ?", string(f.UserID)).Take(ctx)
		if err != nil {
			return named(translate(err), "this account does not exist")
		}
		secret := sql.NullString{String: s.SealFactor(f), Valid: true}
		on, err := rowsOf[userRow](tx).Where("id = ? AND totp_secret IS NULL", row.ID).
			Select("totp_secret", "totp_step").Updates(ctx, userRow{TotpSecret: secret, TotpStep: f.Step})
		if err == nil && on == 0 {
			err = survey.Errorf(survey.Conflict, "codes are asked for already: turn them off before you set up another authenticator")
		}
		if err == nil {
			_, err = rowsOf[sessionRow](tx).Where("user_id = ? AND token_hash <> ?", row.ID, keep[:]).Delete(ctx)
		}
		if err == nil {
			err = s.putRecovery(ctx, tx, f)
		}
		if err != nil {
			return err
		}
		return s.record(ctx, tx, by, Deed{Action: "user.second_factor", Object: "user " + row.Email, Detail: "on"})
	})
}

// putRecovery replaces the recovery codes of an account.
func (s *Store) putRecovery(ctx context.Context, tx *gorm.DB, f SecondFactor) error {
	if _, err := rowsOf[recoveryRow](tx).Where("user_id = ?", string(f.UserID)).Delete(ctx); err != nil {
		return err
	}
	for _, hash := range f.Recovery {
		row := recoveryRow{UserID: string(f.UserID), CodeHash: hash[:], CreatedAt: s.now()}
		if err := rowsOf[recoveryRow](tx).Create(ctx, &row); err != nil {
			return err
		}
	}
	return nil
}

// NewRecoveryCodes replaces the recovery codes of an account that has a second
// factor. NotFound: it has none.
func (s *Store) NewRecoveryCodes(ctx context.Context, by survey.Actor, f SecondFactor) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		row, err := rowsOf[userRow](tx).Where("id = ? AND totp_secret IS NOT NULL", string(f.UserID)).Take(ctx)
		if err != nil {
			return named(translate(err), "no codes are asked for with this account")
		}
		if err := s.putRecovery(ctx, tx, f); err != nil {
			return err
		}
		return s.record(ctx, tx, by, Deed{Action: "user.recovery_codes", Object: "user " + row.Email})
	})
}

// How a secret is kept: sealed with the key of the installation, or as it is where
// the program that kept it was given none.
const (
	plainSecret  = "plain:"
	sealedSecret = "sealed:"
)

// SealFactor is the form in which the secret of an account is kept, also while it is
// being set up.
func (s *Store) SealFactor(f SecondFactor) string {
	key, err := s.Key()
	if err != nil {
		return plainSecret + f.Secret
	}
	return sealedSecret + base64.RawStdEncoding.EncodeToString(key.Seal("second factor of "+string(f.UserID), []byte(f.Secret)))
}

// OpenFactor reads what SealFactor has made for the account. Unavailable: it is sealed
// with a key that is not here.
func (s *Store) OpenFactor(user survey.UserID, kept string) (string, error) {
	if plain, ok := strings.CutPrefix(kept, plainSecret); ok {
		return plain, nil
	}
	key, err := s.Key()
	if err != nil {
		return "", survey.Errorf(survey.Unavailable, "codes can not be checked, because this program was not given the key of the installation: see \"salesbench help serve\"")
	}
	sealed, err := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(kept, sealedSecret))
	if err != nil {
		return "", err
	}
	plain, ok := key.Open("second factor of "+string(user), sealed)
	if !ok {
		return "", survey.Errorf(survey.Unavailable, "codes can not be checked, because the key of the installation is another: an administrator can turn codes off for the account")
	}
	return string(plain), nil
}

// SecondFactorOf returns what codes of the account are checked against. NotFound: it
// has no second factor. Unavailable: it is sealed with a key that is not here.
func (s *Store) SecondFactorOf(ctx context.Context, user survey.UserID) (SecondFactor, error) {
	row, err := take[userRow](ctx, s, "id = ? AND totp_secret IS NOT NULL", string(user))
	if err != nil {
		return SecondFactor{}, named(err, "no codes are asked for with this account")
	}
	f := SecondFactor{UserID: user, Step: row.TotpStep}
	if f.Secret, err = s.OpenFactor(user, row.TotpSecret.String); err != nil {
		return f, err
	}
	f.Recovery, err = list(ctx, s, func(r recoveryRow) auth.Hash { return auth.Hash(r.CodeHash) }, "code_hash", "user_id = ?", string(user))
	return f, err
}

// UseFactorStep takes a step of time, so that its code counts once, whatever replica
// it is typed at. Conflict: it or a later one was taken.
func (s *Store) UseFactorStep(ctx context.Context, user survey.UserID, step int64) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		taken, err := rowsOf[userRow](tx).Where("id = ? AND totp_step < ? AND totp_secret IS NOT NULL", string(user), step).Update(ctx, "totp_step", step)
		if err == nil && taken == 0 {
			return survey.Errorf(survey.Conflict, usedCode)
		}
		return err
	})
}

// UseRecoveryCode takes a recovery code away. NotFound: the account has no such code.
func (s *Store) UseRecoveryCode(ctx context.Context, by survey.Actor, user survey.UserID, code auth.Hash) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		gone, err := rowsOf[recoveryRow](tx).Where("user_id = ? AND code_hash = ?", string(user), code[:]).Delete(ctx)
		if err == nil && gone == 0 {
			return survey.Errorf(survey.NotFound, "this is none of your recovery codes, or it was used already")
		}
		if err != nil {
			return err
		}
		return s.record(ctx, tx, by, Deed{Action: "user.recovery_code_used", Object: "user " + by.Name})
	})
}

// RemoveSecondFactor lets the account sign in without codes again. NotFound.
func (s *Store) RemoveSecondFactor(ctx context.Context, by survey.Actor, user survey.UserID) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		row, err := rowsOf[userRow](tx).Where("id = ?", string(user)).Take(ctx)
		if err != nil {
			return named(translate(err), "this account does not exist")
		}
		if _, err := rowsOf[userRow](tx).Where("id = ?", row.ID).Update(ctx, "totp_secret", sql.NullString{}); err != nil {
			return err
		}
		// totp_step stays: a code that was used does not count again with the same secret.
		if _, err := rowsOf[recoveryRow](tx).Where("user_id = ?", row.ID).Delete(ctx); err != nil {
			return err
		}
		return s.record(ctx, tx, by, Deed{Action: "user.second_factor", Object: "user " + row.Email, Detail: "off"})
	})
}
