package store

import (
	"database/sql"
	"database/sql/driver"
	"slices"
	"strings"
)

// insertStatement may add columns after those of each response. It is for one row: SQLite
// copies every page that a statement of several rows changes before it does, into a file
// of its own from 64 KB on, to undo the rows before one that is refused. That took more
// than calling it once for each row.
func insertStatement(more ...string) string {
	columns := slices.Concat(responseColumns, more)
	return "INSERT OR FAIL INTO responses (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Repeat("?, ", len(columns)-1) + "?)"
}

// directInsert is the statement that adds a response, prepared on the connection beneath
// database/sql, whose way to it costs a fifth of a row. Whoever has the connection that
// writes may use it.
type directInsert struct {
	conn     any // of the driver, on which it was prepared
	prepared driver.Stmt
	values   []driver.NamedValue // of a row; used again
}

// on prepares the statement where it was not.
func (d *directInsert) on(t *liteTx, conn any) error {
	if d.conn == conn {
		return nil
	}
	prepared, err := conn.(driver.ConnPrepareContext).PrepareContext(t.ctx, insertStatement())
	if err != nil {
		return err
	}
	*d = directInsert{conn: conn, prepared: prepared, values: make([]driver.NamedValue, len(responseColumns))}
	for i := range d.values {
		d.values[i].Ordinal = i + 1
	}
	return nil
}

// close lets the connection be closed: with a statement left on it the file would stay open.
func (d *directInsert) close() {
	if d.prepared != nil {
		_ = d.prepared.Close() // tells of the last call, which was answered
	}
	*d = directInsert{}
}

// insert adds rows.
func (t *liteTx) insert(rows []*responseRow) error {
	if t.conn != nil {
		return t.conn.Raw(func(conn any) error { return t.insertDirectly(conn, rows) })
	}
	for _, row := range rows {
		if err := t.exec(t.insertOne, row.appendValues(nil)...); err != nil {
			return err
		}
	}
	return nil
}

func (t *liteTx) insertDirectly(conn any, rows []*responseRow) error {
	d := &t.direct
	if err := d.on(t, conn); err != nil {
		return err
	}
	defer d.clear()
	statement := d.prepared.(driver.StmtExecContext)
	for _, row := range rows {
		d.fill(row)
		if _, err := statement.ExecContext(t.ctx, d.values); err != nil {
			return err
		}
	}
	return nil
}

// fill has the values in the order of responseColumns, as appendValues, in the types that
// a driver takes.
func (d *directInsert) fill(r *responseRow) {
	for i, value := range [...]driver.Value{r.WaveID, r.ID, r.Position, r.OrganizationID, orNull(r.TeamID), orNull(r.InvitationID), r.ResumeHash,
		r.Role, r.Language, r.Closed, r.Numbers, r.Texts, orNull(r.Seconds), r.Weight, r.StartedAt, r.SubmittedAt,
		r.SubmissionKey, r.SubmissionMark, r.SubmissionDigest, orNull(r.ReceiptCode)} {
		d.values[i].Value = value
	}
}

// clear leaves nothing of a person behind.
func (d *directInsert) clear() {
	for i := range d.values {
		d.values[i].Value = nil
	}
}

func orNull(s sql.NullString) driver.Value {
	if !s.Valid {
		return nil
	}
	return s.String
}
