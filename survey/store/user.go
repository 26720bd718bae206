package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

type userRow struct {
	ID            string
	Email         string
	Name          string
	PasswordHash  sql.NullString
	TotpSecret    sql.NullString
	TotpStep      int64
	Administrator int
	CreatedAt     time.Time
	DisabledAt    sql.NullTime
	Zone          string
}

func (userRow) TableName() string { return "users" }

func (r userRow) user() survey.User {
	u := survey.User{ID: survey.UserID(r.ID), Email: r.Email, Name: r.Name, Administrator: r.Administrator == 1,
		Zone: r.Zone, HasPassword: r.PasswordHash.Valid, SecondFactor: r.TotpSecret.Valid, CreatedAt: r.CreatedAt.UTC()}
	if r.DisabledAt.Valid {
		u.DisabledAt = r.DisabledAt.Time.UTC()
	}
	return u
}

func newUserRow(u survey.User, now time.Time) (userRow, error) {
	email, err := survey.NormalEmail(u.Email)
	if err != nil {
		return userRow{}, err
	}
	u.Email = email
	if err := survey.CheckUser(u); err != nil {
		return userRow{}, err
	}
	return userRow{ID: newID(), Email: email, Name: u.Name, Administrator: flag(u.Administrator), Zone: u.Zone, CreatedAt: now}, nil
}

func flag(set bool) int {
	if set {
		return 1
	}
	return 0
}

// HasUsers says whether there is any account yet.
func (s *Store) HasUsers(ctx context.Context) (bool, error) {
	users, err := list(ctx, s, userRow.user, "created_at LIMIT 1", "1 = 1")
	return len(users) > 0, err
}

// CreateUser adds an account without a password. Invalid: address or name are not
// right. Conflict: the address has an account.
func (s *Store) CreateUser(ctx context.Context, by survey.Actor, u survey.User) (survey.User, error) {
	row, err := newUserRow(u, s.now())
	if err != nil {
		return survey.User{}, err
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		if err := rowsOf[userRow](tx).Create(ctx, &row); err != nil {
			return err
		}
		return s.record(ctx, tx, by, Deed{Action: "user.create", Object: "user " + row.Email, Detail: userRow{}.changed(row).words()})
	})
	if survey.KindOf(err) == survey.Conflict {
		return survey.User{}, survey.Errorf(survey.Conflict, "the address %s has an account already", row.Email)
	}
	return row.user(), err
}

// UserByID finds an account. NotFound.
func (s *Store) UserByID(ctx context.Context, id survey.UserID) (survey.User, error) {
	if err := known("account", id); err != nil {
		return survey.User{}, err
	}
	row, err := take[userRow](ctx, s, "id = ?", string(id))
	return row.user(), named(err, "this account does not exist")
}

// UserByEmail finds an account by its address. NotFound.
func (s *Store) UserByEmail(ctx context.Context, email string) (survey.User, error) {
	u, _, err := s.Credentials(ctx, email)
	return u, err
}

// Credentials are what a sign-in is checked against: the account of the address and
// the hash of its password, empty where it has none. NotFound.
func (s *Store) Credentials(ctx context.Context, email string) (survey.User, string, error) {
	row, err := take[userRow](ctx, s, "email = ?", email)
	return row.user(), row.PasswordHash.String, named(err, "there is no account for this address")
}

// Users lists all accounts by name.
func (s *Store) Users(ctx context.Context) ([]survey.User, error) {
	return list(ctx, s, userRow.user, "name, email", "1 = 1")
}

// SetZone keeps the time zone in which the account reads and types moments. Invalid:
// there is no such zone. NotFound.
func (s *Store) SetZone(ctx context.Context, user survey.UserID, zone string) error {
	if err := known("account", user); err != nil {
		return err
	}
	if _, err := survey.LoadZone(zone); err != nil {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		old, err := before[userRow](ctx, tx, "id = ?", string(user))
		if err == nil && old.ID == "" {
			return survey.Errorf(survey.NotFound, "this account does not exist")
		}
		if err != nil {
			return err
		}
		var told changes
		told.value("time zone", old.Zone, zone)
		tell(ctx, told)
		_, err = rowsOf[userRow](tx).Where("id = ?", string(user)).Update(ctx, "zone", zone)
		return err
	})
}

// ChangeUser changes name, address and rights over the installation, and disables
// the account where DisabledAt is set, which ends its sessions. Conflict: it is the
// last administrator, or the address has another account. NotFound.
func (s *Store) ChangeUser(ctx context.Context, by survey.Actor, u survey.User) error {
	row, err := newUserRow(u, s.now())
	if err != nil {
		return err
	}
	row.ID = string(u.ID) // else it would stand in the condition
	row.DisabledAt = sql.NullTime{Time: stored(u.DisabledAt), Valid: !u.DisabledAt.IsZero()}
	err = s.write(ctx, func(tx *gorm.DB) error {
		old, err := before[userRow](ctx, tx, "id = ?", string(u.ID))
		if err != nil {
			return err
		}
		if old.ID == "" {
			return survey.Errorf(survey.NotFound, "this account does not exist")
		}
		if _, err := rowsOf[userRow](tx).Where("id = ?", string(u.ID)).
			Select("email", "name", "administrator", "disabled_at").Updates(ctx, row); err != nil {
			return err
		}
		if err := someAdministrator(ctx, tx); err != nil {
			return err
		}
		if row.DisabledAt.Valid {
			if _, err := rowsOf[sessionRow](tx).Where("user_id = ?", string(u.ID)).Delete(ctx); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, by, Deed{Action: "user.change", Object: "user " + row.Email, Detail: old.changed(row).words()})
	})
	if survey.KindOf(err) == survey.Conflict && violates(err, "users_email_unique", "users.email") {
		return survey.Errorf(survey.Conflict, "the address %s has another account", row.Email)
	}
	return err
}

// changed are what an account becomes, for the audit log.
func (r userRow) changed(now userRow) changes {
	yes := func(is bool) string {
		if is {
			return "yes"
		}
		return "no"
	}
	c := changes{made: r.ID == ""}
	c.value("address", r.Email, now.Email)
	c.text("name", r.Name, now.Name)
	c.value("administrator", yes(r.Administrator == 1), yes(now.Administrator == 1))
	c.value("disabled", yes(r.DisabledAt.Valid), yes(now.DisabledAt.Valid))
	return c
}

// someAdministrator keeps an installation from being locked for ever. All such
// changes wait for one another at the administrators' rows.
func someAdministrator(ctx context.Context, tx *gorm.DB) error {
	if _, err := rowsOf[userRow](tx).Where("administrator = 1").Update(ctx, "administrator", 1); err != nil {
		return err
	}
	n, err := rowsOf[userRow](tx).Where("administrator = 1 AND disabled_at IS NULL").Count(ctx, "id")
	if err == nil && n == 0 {
		return survey.Errorf(survey.Conflict, "this is the last administrator of the installation: make somebody else one first")
	}
	return err
}

// SetPassword gives the account a password by its hash, and ends all its sessions
// but the one that is kept. NotFound.
func (s *Store) SetPassword(ctx context.Context, by survey.Actor, p PasswordChange) error {
	return s.write(ctx, func(tx *gorm.DB) error { return s.setPassword(ctx, tx, by, p) })
}

// PasswordChange is a new password by its hash.
type PasswordChange struct {
	UserID survey.UserID
	Hash   string
	Keep   [32]byte // hash of the session's token that goes on; zero: none
}

func (s *Store) setPassword(ctx context.Context, tx *gorm.DB, by survey.Actor, p PasswordChange) error {
	row, err := rowsOf[userRow](tx).Where("id = ?", string(p.UserID)).Take(ctx)
	if err != nil {
		return named(translate(err), "this account does not exist")
	}
	if _, err := rowsOf[userRow](tx).Where("id = ?", row.ID).Update(ctx, "password_hash", p.Hash); err != nil {
		return err
	}
	if _, err := rowsOf[sessionRow](tx).Where("user_id = ? AND token_hash <> ?", row.ID, p.Keep[:]).Delete(ctx); err != nil {
		return err
	}
	return s.record(ctx, tx, by, Deed{Action: "user.password", Object: "user " + row.Email})
}
