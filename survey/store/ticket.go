package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
)

// Purpose says what a ticket is for.
type Purpose string

// The purposes of tickets.
const (
	SetUp       Purpose = "setup"    // the first account of an installation
	Welcome     Purpose = "welcome"  // the first password of a new account
	NewPassword Purpose = "password" // a forgotten password
)

// Ticket is a link that can be used once.
type Ticket struct {
	Purpose   Purpose
	UserID    survey.UserID // empty for SetUp
	ExpiresAt time.Time
}

type ticketRow struct {
	TokenHash []byte
	Purpose   string
	UserID    sql.NullString
	CreatedAt time.Time
	ExpiresAt time.Time
}

func (ticketRow) TableName() string { return "tickets" }

func (r ticketRow) ticket() Ticket {
	return Ticket{Purpose: Purpose(r.Purpose), UserID: survey.UserID(r.UserID.String), ExpiresAt: r.ExpiresAt.UTC()}
}

const usedTicket = "this link was used already, has expired or was replaced by a newer one: ask for a new one"

// CreateTicket keeps the hash of a ticket's token. For an account only the newest of
// a purpose counts.
func (s *Store) CreateTicket(ctx context.Context, t Ticket, token auth.Hash) error {
	return s.write(ctx, func(tx *gorm.DB) error { return s.createTicket(ctx, tx, t, token) })
}

func (s *Store) createTicket(ctx context.Context, tx *gorm.DB, t Ticket, token auth.Hash) error {
	row := ticketRow{TokenHash: token[:], Purpose: string(t.Purpose), UserID: optional(t.UserID), CreatedAt: s.now(), ExpiresAt: stored(t.ExpiresAt)}
	if t.UserID != "" {
		if _, err := rowsOf[ticketRow](tx).Where("user_id = ? AND purpose = ?", string(t.UserID), row.Purpose).Delete(ctx); err != nil {
			return err
		}
	}
	return rowsOf[ticketRow](tx).Create(ctx, &row)
}

// MailTicket keeps a ticket and puts the mail that carries its link into the outbox:
// both or neither. Unavailable: without the key of the installation no mail is kept.
func (s *Store) MailTicket(ctx context.Context, by survey.Actor, t Ticket, token auth.Hash, m SingleMail) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		if err := s.createTicket(ctx, tx, t, token); err != nil {
			return err
		}
		if err := s.enqueueMail(ctx, tx, m); err != nil {
			return err
		}
		return s.record(ctx, tx, by, Deed{Action: "user.link", Object: "user " + m.Email, Detail: "by mail"})
	})
}

// TicketByToken looks at a ticket without using it. NotFound: unknown, used or expired.
func (s *Store) TicketByToken(ctx context.Context, token auth.Hash) (Ticket, error) {
	row, err := take[ticketRow](ctx, s, "token_hash = ? AND expires_at > ?", token[:], s.now())
	return row.ticket(), named(err, usedTicket)
}

// useTicket takes the ticket away, so that nobody else can use it.
func (s *Store) useTicket(ctx context.Context, tx *gorm.DB, token auth.Hash) (Ticket, error) {
	row, err := rowsOf[ticketRow](tx).Where("token_hash = ? AND expires_at > ?", token[:], s.now()).Take(ctx)
	if err != nil {
		return Ticket{}, named(translate(err), usedTicket)
	}
	gone, err := rowsOf[ticketRow](tx).Where("token_hash = ?", token[:]).Delete(ctx)
	if err == nil && gone == 0 {
		return Ticket{}, survey.Errorf(survey.NotFound, usedTicket)
	}
	return row.ticket(), err
}

// CreateFirstUser uses the set-up ticket: the account becomes the administrator of
// the installation. NotFound: the ticket does not count. Conflict: there is an
// account already. Invalid: the account is not right.
func (s *Store) CreateFirstUser(ctx context.Context, by survey.Actor, u survey.User, password string, token auth.Hash) (survey.User, error) {
	u.Administrator = true
	row, err := newUserRow(u, s.now())
	if err != nil {
		return survey.User{}, err
	}
	row.PasswordHash = optional(password)
	by.UserID, by.Name = survey.UserID(row.ID), row.Email
	err = s.write(ctx, func(tx *gorm.DB) error {
		// This entry is waited for by every other set-up, so the count is the last word.
		if err := s.record(ctx, tx, by, Deed{Action: "user.setup", Object: "user " + row.Email}); err != nil {
			return err
		}
		ticket, err := s.useTicket(ctx, tx, token)
		if err == nil && ticket.Purpose != SetUp {
			err = survey.Errorf(survey.NotFound, usedTicket)
		}
		if err != nil {
			return err
		}
		n, err := rowsOf[userRow](tx).Count(ctx, "id")
		if err == nil && n > 0 {
			return survey.Errorf(survey.Conflict, "this installation was set up already: sign in, or ask its administrator for an account")
		}
		if err != nil {
			return err
		}
		if _, err := rowsOf[ticketRow](tx).Where("purpose = ?", string(SetUp)).Delete(ctx); err != nil {
			return err
		}
		return rowsOf[userRow](tx).Create(ctx, &row)
	})
	return row.user(), err
}

// UsePasswordTicket uses a ticket for a first or a new password: the account gets
// the password of the hash and is signed out everywhere. NotFound: the ticket does
// not count. Forbidden: the account is disabled.
func (s *Store) UsePasswordTicket(ctx context.Context, by survey.Actor, token auth.Hash, password string) (survey.User, error) {
	var user survey.User
	err := s.write(ctx, func(tx *gorm.DB) error {
		ticket, err := s.useTicket(ctx, tx, token)
		if err == nil && ticket.UserID == "" {
			err = survey.Errorf(survey.NotFound, usedTicket)
		}
		if err != nil {
			return err
		}
		row, err := rowsOf[userRow](tx).Where("id = ?", string(ticket.UserID)).Take(ctx)
		if err != nil {
			return err
		}
		if row.DisabledAt.Valid {
			return survey.Errorf(survey.Forbidden, "this account is disabled: ask the administrator of this installation")
		}
		by.UserID, by.Name = survey.UserID(row.ID), row.Email
		user = row.user()
		return s.setPassword(ctx, tx, by, PasswordChange{UserID: user.ID, Hash: password})
	})
	return user, err
}
