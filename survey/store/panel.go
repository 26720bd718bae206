package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// Edition says how far the responses of a wave have come.
type Edition struct {
	Responses int   // how many there are
	Position  int64 // of the last one; grows by one with each response, never goes back
}

// CountResponses returns the edition of the wave, from one small row: it costs
// the same for ten responses and for a million. NotFound.
func (s *Store) CountResponses(ctx context.Context, wave survey.WaveID) (Edition, error) {
	if err := known("wave", wave); err != nil {
		return Edition{}, err
	}
	row, err := take[wavePositionRow](ctx, s, "wave_id = ?", string(wave))
	return Edition{Responses: int(row.Position - row.Removed), Position: row.Position}, named(err, "this wave does not exist")
}

// EachResponse hands every response of the wave to fn, in the order of their
// positions, as they are at one moment, in constant memory. fn may keep what it
// gets. An error of fn ends it and is returned as it is. NotFound: no such wave.
// Forbidden: the wave is anonymous and not over.
func (s *Store) EachResponse(ctx context.Context, wave survey.WaveID, fn func(*survey.Response) error) error {
	_, err := s.ResponsesAfter(ctx, wave, 0, fn)
	return err
}

// ResponsesAfter is EachResponse for the responses after a position. It returns
// the position of the last response that fn has taken, from which the next call
// goes on. Positions become visible in their own order and without holes, so
// that on any replica nothing is missed and nothing comes twice.
func (s *Store) ResponsesAfter(ctx context.Context, wave survey.WaveID, position int64, fn func(*survey.Response) error) (int64, error) {
	facts, err := s.facts(ctx, wave)
	if err == nil {
		err = s.answersShown(ctx, wave, facts)
	}
	if err != nil {
		return position, err
	}
	var stopped error
	err = s.read(ctx, func(db *gorm.DB) error {
		rows, err := db.Statement.ConnPool.QueryContext(ctx, s.selectResponses(), string(wave), position)
		return scanAll(rows, err, func(row scanner) error {
			r, err := scanResponse(row, wave)
			if err != nil {
				return err
			}
			response, err := r.response(facts.instrument)
			if err != nil {
				return err
			}
			if stopped = fn(response); stopped != nil {
				return errStopped
			}
			position = r.Position
			return nil
		})
	})
	if stopped != nil {
		return position, stopped
	}
	return position, err
}

var errStopped = errors.New("the reader has stopped")

// selectResponses reads times on SQLite as the text that they are: the driver's
// own way of guessing their format took a fifth of the time of reading a wave.
func (s *Store) selectResponses() string {
	times, first, second := "CAST(started_at AS text), CAST(submitted_at AS text)", "?", "?"
	if s.dialect == onPostgres {
		times, first, second = "started_at, submitted_at", "$1", "$2"
	}
	return "SELECT id, position, organization_id, team_id, role, language, closed, numbers, texts, seconds, weight, " + times +
		" FROM responses WHERE wave_id = " + first + " AND position > " + second + " ORDER BY position"
}

func scanResponse(row scanner, wave survey.WaveID) (responseRow, error) {
	r := responseRow{WaveID: string(wave)}
	err := row.Scan(&r.ID, &r.Position, &r.OrganizationID, &r.TeamID, &r.Role, &r.Language, &r.Closed, &r.Numbers, &r.Texts,
		&r.Seconds, &r.Weight, (*moment)(&r.StartedAt), (*moment)(&r.SubmittedAt))
	return r, err
}

// moment scans a time, or the text in which SQLite has it.
type moment time.Time

const sqliteTime = "2006-01-02 15:04:05.999999999-07:00"

// Scan implements sql.Scanner.
func (m *moment) Scan(value any) error {
	switch v := value.(type) {
	case time.Time:
		*m = moment(v)
	case string:
		t, err := time.Parse(sqliteTime, v)
		*m = moment(t)
		return err
	default:
		return fmt.Errorf("a time is stored as %T", value)
	}
	return nil
}
