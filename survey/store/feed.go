package store

import (
	"context"
	"encoding/binary"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// Standing tells two states of a wave apart: how far its responses have come, and
// how often something that had counted was taken out of it, or let in again.
type Standing struct {
	Position int64
	Removed  int64 // erased responses
	Revision int64
}

// Standings returns the standing of each wave, by one small statement however many
// waves there are. A wave that does not exist is left out.
func (s *Store) Standings(ctx context.Context, waves []survey.WaveID) (map[survey.WaveID]Standing, error) {
	positions := make(map[survey.WaveID]Standing, len(waves))
	if len(waves) == 0 {
		return positions, nil
	}
	err := s.read(ctx, func(db *gorm.DB) error {
		rows, err := rowsOf[wavePositionRow](db).Where("wave_id IN ?", waves).Find(ctx)
		for _, row := range rows {
			positions[survey.WaveID(row.WaveID)] = Standing{row.Position, row.Removed, row.Revision}
		}
		return err
	})
	return positions, err
}

// Digest tells two sets of responses apart by their number and a sum over their
// ids. It does not depend on the order in which they are added.
type Digest struct {
	Responses int
	Sum       uint64
}

// Add counts one more response.
func (d *Digest) Add(id survey.UID) {
	d.Responses++
	d.Sum += mixed(binary.BigEndian.Uint64(id[:8]) ^ mixed(binary.BigEndian.Uint64(id[8:])))
}

// mixed spreads every bit of x over the whole word, so that a sum of mixed ids
// does not hide two that differ a little.
func mixed(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// digestSlice is how many ids are read by one statement, so that no reader keeps
// the database from cleaning up for long.
const digestSlice = 20000

// DigestResponses returns the digest of the responses of the wave up to a
// position. It reads the ids only, in slices. NotFound: no such wave.
func (s *Store) DigestResponses(ctx context.Context, wave survey.WaveID, upTo int64) (Digest, error) {
	var d Digest
	if err := known("wave", wave); err != nil {
		return d, err
	}
	first, second, third := "?", "?", "?"
	if s.dialect == onPostgres {
		first, second, third = "$1", "$2", "$3"
	}
	query := "SELECT id FROM responses WHERE wave_id = " + first + " AND position > " + second + " AND position <= " + third
	for from := int64(0); from < upTo; from += digestSlice {
		var slice Digest
		err := s.read(ctx, func(db *gorm.DB) error {
			slice = Digest{}
			rows, err := db.Statement.ConnPool.QueryContext(ctx, query, string(wave), from, min(from+digestSlice, upTo))
			return scanAll(rows, err, func(row scanner) error {
				var id string
				if err := row.Scan(&id); err != nil {
					return err
				}
				uid, ok := survey.ParseUID(id)
				if !ok {
					return survey.Errorf(survey.Internal, "a response is stored under an id that is none")
				}
				slice.Add(uid)
				return nil
			})
		})
		if err != nil {
			return d, err
		}
		d.Responses, d.Sum = d.Responses+slice.Responses, d.Sum+slice.Sum
	}
	return d, nil
}
