package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// packedPostgres reads by COPY in its binary form, which costs neither a
// conversion nor an allocation per row. COPY takes no parameters: the wave is
// known to be a UUID here.
func packedPostgres(ctx context.Context, db *gorm.DB, part *packedRange, take func(*survey.PackedResponse) error) error {
	query := fmt.Sprintf(`COPY (SELECT id, organization_id, team_id, role, language, closed, numbers, texts, seconds, weight, submitted_at
		FROM responses WHERE wave_id = '%s' AND position > %d AND position <= %d ORDER BY position) TO STDOUT (FORMAT binary)`,
		part.wave, part.from, part.to)
	return withPgx(ctx, db, func(conn *pgx.Conn) error {
		c := &copyReader{take: take}
		if _, err := conn.PgConn().CopyTo(ctx, c, query); err != nil {
			return err
		}
		return c.end()
	})
}

// copyReader takes the binary form of COPY apart as it comes.
type copyReader struct {
	take    func(*survey.PackedResponse) error
	rest    []byte // of a row that came in part
	begun   bool
	ended   bool
	current survey.PackedResponse
}

const (
	copySignature = "PGCOPY\n\xff\r\n\x00"
	copyHeader    = len(copySignature) + 8
	copyFields    = 11
	// postgresEpoch is 2000-01-01 in microseconds since 1970.
	postgresEpoch = 946_684_800_000_000
)

// Write implements io.Writer for pgx.
func (c *copyReader) Write(p []byte) (int, error) {
	b := p
	if len(c.rest) > 0 {
		c.rest = append(c.rest, p...)
		b = c.rest
	}
	if !c.begun {
		if len(b) < copyHeader {
			c.rest = append(c.rest[:0], b...)
			return len(p), nil
		}
		if string(b[:len(copySignature)]) != copySignature {
			return 0, unreadable("the server sent another form than binary")
		}
		b, c.begun = b[copyHeader:], true
	}
	for len(b) >= 2 && !c.ended {
		n, err := c.row(b)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			break
		}
		b = b[n:]
	}
	c.rest = append(c.rest[:0], b...)
	return len(p), nil
}

func (c *copyReader) end() error {
	if !c.ended {
		return unreadable("the server stopped in the middle")
	}
	return nil
}

// row takes one row and returns its length, 0 where not all of it has come.
func (c *copyReader) row(b []byte) (int, error) {
	if int16(binary.BigEndian.Uint16(b)) == -1 {
		c.ended = true
		return 2, nil
	}
	if binary.BigEndian.Uint16(b) != copyFields {
		return 0, unreadable("a row has another number of columns")
	}
	at := 2
	var fields [copyFields][]byte
	for i := range fields {
		if len(b) < at+4 {
			return 0, nil
		}
		size := int(int32(binary.BigEndian.Uint32(b[at:])))
		at += 4
		if size < 0 {
			continue
		}
		if len(b) < at+size {
			return 0, nil
		}
		fields[i] = b[at : at+size]
		at += size
	}
	if len(fields[0]) != 16 || len(fields[1]) != 16 || len(fields[9]) != 8 || len(fields[10]) != 8 {
		return 0, unreadable("a column has another type")
	}
	r := &c.current
	*r = survey.PackedResponse{ID: survey.UID(fields[0]), Organization: survey.UID(fields[1]),
		Role: fields[3], Language: fields[4], Closed: fields[5], Numbers: fields[6], Texts: fields[7], Seconds: fields[8],
		Weight:    math.Float64frombits(binary.BigEndian.Uint64(fields[9])),
		Submitted: int64(binary.BigEndian.Uint64(fields[10])) + postgresEpoch}
	if len(fields[2]) == 16 {
		r.Team = survey.UID(fields[2])
	}
	return at, c.take(r)
}
