package store

import (
	"context"
	"errors"

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
	return Edition{Responses: int(row.Position), Position: row.Position}, named(err, "this wave does not exist")
}

// EachResponse hands every response of the wave to fn, in the order of their
// positions, as they are at one moment, in constant memory. fn may keep what it
// gets. An error of fn ends it and is returned as it is. NotFound: no such wave.
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

func (s *Store) selectResponses() string {
	columns := "SELECT id, position, organization_id, team_id, role, language, closed, numbers, texts, seconds, weight, started_at, submitted_at FROM responses "
	if s.dialect == onPostgres {
		return columns + "WHERE wave_id = $1 AND position > $2 ORDER BY position"
	}
	return columns + "WHERE wave_id = ? AND position > ? ORDER BY position"
}

func scanResponse(row scanner, wave survey.WaveID) (responseRow, error) {
	r := responseRow{WaveID: string(wave)}
	err := row.Scan(&r.ID, &r.Position, &r.OrganizationID, &r.TeamID, &r.Role, &r.Language, &r.Closed, &r.Numbers, &r.Texts,
		&r.Seconds, &r.Weight, &r.StartedAt, &r.SubmittedAt)
	return r, err
}
