package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Session is what is remembered between two requests of somebody with an account.
type Session struct {
	TokenHash [32]byte
	UserID    survey.UserID // empty: nobody has signed in yet
	Data      []byte
	Origin    string // network address at the sign-in
	Agent     string // the browser, as it calls itself
	CreatedAt time.Time
	ExpiresAt time.Time
}

type sessionRow struct {
	TokenHash []byte
	UserID    sql.NullString
	Data      []byte
	Origin    string
	Agent     string
	CreatedAt time.Time
	ExpiresAt time.Time
}

func (sessionRow) TableName() string { return "sessions" }

func (r sessionRow) session() Session {
	n := Session{UserID: survey.UserID(r.UserID.String), Data: r.Data, Origin: r.Origin, Agent: r.Agent,
		CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC()}
	copy(n.TokenHash[:], r.TokenHash)
	return n
}

// PutSession adds the session or changes its data and end.
func (s *Store) PutSession(ctx context.Context, n Session) error {
	row := sessionRow{TokenHash: n.TokenHash[:], UserID: optional(n.UserID), Data: n.Data, Origin: n.Origin, Agent: n.Agent,
		CreatedAt: s.now(), ExpiresAt: stored(n.ExpiresAt)}
	update := clause.OnConflict{Columns: []clause.Column{{Name: "token_hash"}},
		DoUpdates: clause.AssignmentColumns([]string{"user_id", "data", "origin", "agent", "expires_at"})}
	return s.write(ctx, func(tx *gorm.DB) error { return rowsOf[sessionRow](tx, update).Create(ctx, &row) })
}

// SessionByToken finds a session that has not ended. NotFound.
func (s *Store) SessionByToken(ctx context.Context, token [32]byte) (Session, error) {
	row, err := take[sessionRow](ctx, s, "token_hash = ? AND expires_at > ?", token[:], s.now())
	return row.session(), named(err, "there is no such session")
}

// SessionsOf lists the sessions of an account, the newest first.
func (s *Store) SessionsOf(ctx context.Context, user survey.UserID) ([]Session, error) {
	if err := known("account", user); err != nil {
		return nil, err
	}
	return list(ctx, s, sessionRow.session, "created_at DESC", "user_id = ? AND expires_at > ?", string(user), s.now())
}

// EndSession forgets a session; one that is not there is no error.
func (s *Store) EndSession(ctx context.Context, token [32]byte) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		_, err := rowsOf[sessionRow](tx).Where("token_hash = ?", token[:]).Delete(ctx)
		return err
	})
}

// EndSessionOf ends one session of an account. NotFound: the account has no such session.
func (s *Store) EndSessionOf(ctx context.Context, by survey.Actor, user survey.UserID, token [32]byte) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		old, err := before[sessionRow](ctx, tx, "token_hash = ?", token[:])
		if err != nil {
			return err
		}
		ended, err := rowsOf[sessionRow](tx).Where("token_hash = ? AND user_id = ?", token[:], string(user)).Delete(ctx)
		if err == nil && ended == 0 {
			return survey.Errorf(survey.NotFound, "this session has ended already")
		}
		if err != nil {
			return err
		}
		return s.record(ctx, tx, by, Deed{Action: "session.end_other", Object: "user " + by.Name,
			Detail: "of " + old.Origin + ", since " + toldMoment(old.CreatedAt)})
	})
}

// EndSessionsOf signs the account out everywhere and says how many sessions ended.
func (s *Store) EndSessionsOf(ctx context.Context, by survey.Actor, user survey.UserID) (int, error) {
	var ended int
	err := s.write(ctx, func(tx *gorm.DB) error {
		account, err := before[userRow](ctx, tx, "id = ?", string(user))
		if err != nil {
			return err
		}
		if ended, err = rowsOf[sessionRow](tx).Where("user_id = ?", string(user)).Delete(ctx); err != nil {
			return err
		}
		return s.record(ctx, tx, by, Deed{Action: "session.end_all", Object: "user " + account.Email, Detail: strconv.Itoa(ended) + " sessions"})
	})
	return ended, err
}

// ForgetExpired removes sessions, tickets and counted attempts that are over.
func (s *Store) ForgetExpired(ctx context.Context) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		if _, err := rowsOf[sessionRow](tx).Where("expires_at <= ?", s.now()).Delete(ctx); err != nil {
			return err
		}
		if _, err := rowsOf[ticketRow](tx).Where("expires_at <= ?", s.now()).Delete(ctx); err != nil {
			return err
		}
		_, err := rowsOf[attemptRow](tx).Where("failed_at <= ?", s.now().Add(-attemptMemory)).Delete(ctx)
		return err
	})
}
