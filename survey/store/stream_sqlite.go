package store

import (
	"bytes"
	"context"
	"database/sql"
	"strconv"
	"time"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
)

// What stands between the columns and the rows of one text: characters that
// neither JSON nor any other stored text has.
const (
	unitSeparator   = 0x1f
	recordSeparator = 0x1e
	sqliteUnits     = 12
)

// columnsAsText are the columns of a response as one text.
const columnsAsText = `concat_ws(char(31), position, id, organization_id, ifnull(team_id, ''), role, language, closed, numbers, texts,
	ifnull(seconds, ''), CASE weight WHEN 1 THEN '' ELSE '*' END, CAST(submitted_at AS text))`

const (
	// textByPlace reads rows as they lie in the file: those that were kept in the order of
	// their positions lie side by side, and finding each by the index would cost a third of
	// all. It gives nothing where the rows lie between twice as many others. The signs keep
	// SQLite from using the index.
	textByPlace = `SELECT (SELECT group_concat(row, char(30)) FROM (SELECT ` + columnsAsText + ` AS row
			FROM responses WHERE rowid BETWEEN low AND iif(high - low < 2 * n, high, low - 1) AND +wave_id = ?1 AND +position > ?2 AND +position <= ?3))
		FROM (SELECT count(*) AS n, min(rowid) AS low, max(rowid) AS high FROM responses WHERE wave_id = ?1 AND position > ?2 AND position <= ?3)`
	textByPosition = `SELECT group_concat(row, char(30)) FROM (SELECT ` + columnsAsText + ` AS row
		FROM responses WHERE wave_id = ? AND position > ? AND position <= ? ORDER BY position)`
)

// packedSQLite reads all rows as one text. The driver's price is per column, a
// microsecond for each row; inside SQLite the same columns cost a tenth of it.
func packedSQLite(ctx context.Context, db *gorm.DB, part *packedRange, take func(*survey.PackedResponse) error) error {
	l := liteRows{part: part, last: part.from, weights: func() (map[int64]float64, error) { return weightsSQLite(ctx, db, part) }}
	for from := part.from; from < part.to; from += textRows {
		for _, query := range []string{textByPlace, textByPosition} {
			var text sql.NullString
			// Not QueryRowContext: where a statement can not be prepared, as when the service
			// ends, GORM's pool returns a row without an error that can not be read.
			rows, err := db.Statement.ConnPool.QueryContext(ctx, query, string(part.wave), from, min(from+textRows, part.to))
			if err := scanAll(rows, err, func(row scanner) error { return row.Scan(&text) }); err != nil {
				return err
			}
			l.text = append(l.text[:0], text.String...)
			if len(l.text) > 0 && l.inOrder() {
				break
			}
		}
		if err := l.each(take); err != nil {
			return err
		}
	}
	return nil
}

// textRows is how many rows come as one text: few enough to stay in a cache on
// their way through SQLite, the driver and the reader.
const textRows = 256

// weightsSQLite are the weights other than 1: as text they would lose digits.
func weightsSQLite(ctx context.Context, db *gorm.DB, part *packedRange) (map[int64]float64, error) {
	weights := map[int64]float64{}
	rows, err := db.Statement.ConnPool.QueryContext(ctx,
		"SELECT position, weight FROM responses WHERE wave_id = ? AND position > ? AND position <= ? AND weight <> 1", string(part.wave), part.from, part.to)
	return weights, scanAll(rows, err, func(row scanner) error {
		var position int64
		var weight float64
		err := row.Scan(&position, &weight)
		weights[position] = weight
		return err
	})
}

// liteRows takes rows apart.
type liteRows struct {
	part    *packedRange
	last    int64
	weights func() (map[int64]float64, error)
	weighed map[int64]float64
	text    []byte
	current survey.PackedResponse
}

// inOrder says whether the rows of the text come in the order of their positions.
func (l *liteRows) inOrder() bool {
	last := l.last
	for text, more := l.text, true; more; {
		var row []byte
		row, text, more = bytes.Cut(text, []byte{recordSeparator})
		first, _, _ := bytes.Cut(row, []byte{unitSeparator})
		position, err := strconv.ParseInt(string(first), 10, 64)
		if err != nil || position <= last {
			return false
		}
		last = position
	}
	return true
}

// each hands the rows of the text over.
func (l *liteRows) each(take func(*survey.PackedResponse) error) error {
	for text, more := l.text, len(l.text) > 0; more; {
		var row []byte
		row, text, more = bytes.Cut(text, []byte{recordSeparator})
		if err := l.row(row); err != nil {
			return err
		}
		if err := take(&l.current); err != nil {
			return err
		}
	}
	return nil
}

func (l *liteRows) row(text []byte) error {
	var unit [sqliteUnits][]byte
	for i := range unit {
		var more bool
		if unit[i], text, more = bytes.Cut(text, []byte{unitSeparator}); more != (i < sqliteUnits-1) {
			return unreadable("a row has another number of columns")
		}
	}
	position, err := strconv.ParseInt(string(unit[0]), 10, 64)
	if err != nil || position <= l.last {
		return unreadable("positions are out of order")
	}
	l.last = position
	r := &l.current
	*r = survey.PackedResponse{Role: unit[4], Language: unit[5], Closed: unit[6], Numbers: unit[7], Texts: unit[8], Seconds: unit[9], Weight: 1}
	var id, organization, team, moment bool
	r.ID, id = survey.ParseUID(unit[1])
	r.Organization, organization = survey.ParseUID(unit[2])
	if team = len(unit[3]) == 0; !team {
		r.Team, team = survey.ParseUID(unit[3])
	}
	r.Submitted, moment = microseconds(unit[11])
	if !id || !organization || !team || !moment {
		return unreadable("an identifier or a time has another form")
	}
	if len(unit[10]) > 0 {
		return l.weigh(position)
	}
	return nil
}

func (l *liteRows) weigh(position int64) error {
	if l.weighed == nil {
		var err error
		if l.weighed, err = l.weights(); err != nil {
			return err
		}
	}
	l.current.Weight = l.weighed[position]
	return nil
}

// microseconds reads a time as it is stored: in UTC, in the form of sqliteTime.
func microseconds(text []byte) (int64, bool) {
	const date, short = len("2006-01-02 15:04:05"), len("+00:00")
	if len(text) >= date+short && string(text[len(text)-short:]) == "+00:00" {
		if v, ok := utcMicroseconds(text[:date], text[date:len(text)-short]); ok {
			return v, true
		}
	}
	t, err := time.Parse(sqliteTime, string(text))
	return t.UnixMicro(), err == nil
}

// utcMicroseconds is the quick way for the one form that the program writes.
func utcMicroseconds(date, fraction []byte) (int64, bool) {
	number := func(from, to int) int {
		n := 0
		for _, c := range date[from:to] {
			if c < '0' || c > '9' {
				return -1 << 20
			}
			n = 10*n + int(c-'0')
		}
		return n
	}
	year, month, day, hour, minute, second := number(0, 4), number(5, 7), number(8, 10), number(11, 13), number(14, 16), number(17, 19)
	if year < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || minute < 0 || second < 0 {
		return 0, false
	}
	micros := int64(0)
	if len(fraction) > 0 {
		if fraction[0] != '.' || len(fraction) > 7 {
			return 0, false
		}
		unit := int64(100_000)
		for _, c := range fraction[1:] {
			if c < '0' || c > '9' {
				return 0, false
			}
			micros += int64(c-'0') * unit
			unit /= 10
		}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	return t.UnixMicro() + micros, true
}
