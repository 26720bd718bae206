package ledger

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	// The store registers the drivers "pgx" and "sqlite"; nothing else of it is used.
	_ "github.com/salesbench/salesbench/survey/store"
)

// Database says where the service keeps its answers.
type Database struct {
	URL  string // postgres://...
	Path string // or an SQLite file
}

func (d Database) open() (*sql.DB, error) {
	if d.URL != "" {
		return sql.Open("pgx", d.URL)
	}
	file := url.URL{Scheme: "file", Path: d.Path, RawQuery: "_pragma=busy_timeout(20000)&_pragma=query_only(1)"}
	return sql.Open("sqlite", file.String())
}

// Comparison is what came out. Lists hold submission keys unless said otherwise.
type Comparison struct {
	Sent         int `json:"sent"`         // submission keys
	Attempts     int `json:"attempts"`     // all sendings
	Acknowledged int `json:"acknowledged"` // keys with a receipt
	Retried      int `json:"retried"`      // keys sent more than once
	AskedAgain   int `json:"asked_again"`  // receipts after the first
	Refused      int `json:"refused"`      // keys the service did not want, in words
	Rows         int `json:"rows"`         // responses in the database
	Unconfirmed  int `json:"unconfirmed"`  // rows whose receipt never reached the sender
	Compared     int `json:"compared"`     // rows whose answers were compared one by one

	Lost         []string `json:"lost"`          // acknowledged and not there
	Doubled      []string `json:"doubled"`       // there more than once, under the key or under another
	WrongReceipt []string `json:"wrong_receipt"` // the receipt differs between two answers, or from the database
	Altered      []string `json:"altered"`       // there with other answers than were sent
	Unwanted     []string `json:"unwanted"`      // there although refused in words
	Strangers    []string `json:"strangers"`     // there and never sent
	Broken       []string `json:"broken"`        // sentences on what does not agree inside the database
}

// Clean says whether nothing is wrong.
func (c *Comparison) Clean() bool {
	return len(c.Lost)+len(c.Doubled)+len(c.WrongReceipt)+len(c.Altered)+len(c.Unwanted)+len(c.Strangers)+len(c.Broken) == 0
}

// Sentence sums the comparison up.
func (c *Comparison) Sentence() string {
	text := fmt.Sprintf("%d sent in %d attempts, %d acknowledged, %d retried, %d rows; lost %d, doubled %d",
		c.Sent, c.Attempts, c.Acknowledged, c.Retried, c.Rows, len(c.Lost), len(c.Doubled))
	for _, wrong := range []struct {
		keys []string
		what string
	}{
		{c.Lost, "lost"}, {c.Doubled, "doubled"}, {c.WrongReceipt, "wrong receipt"}, {c.Altered, "altered"},
		{c.Unwanted, "kept though refused"}, {c.Strangers, "never sent"}, {c.Broken, "broken"},
	} {
		if n := len(wrong.keys); n > 0 {
			text += fmt.Sprintf("; %s %d: %s", wrong.what, n, strings.Join(wrong.keys[:min(n, 5)], ", "))
		}
	}
	return text
}

// row is a response as it is stored.
type row struct {
	id, key, receipt, texts string
}

// mostCompared bounds how many rows are compared answer by answer; of more, every
// second, third ... is taken.
const mostCompared = 5000

// Compare reads the whole database and puts it beside the ledger.
func (l *Ledger) Compare(ctx context.Context, d Database) (*Comparison, error) {
	db, err := d.open()
	if err != nil {
		return nil, err
	}
	c, err := l.compare(ctx, db)
	return c, errors.Join(err, db.Close())
}

func (l *Ledger) compare(ctx context.Context, db *sql.DB) (*Comparison, error) {
	persons := l.Persons()
	c := &Comparison{Sent: len(persons)}
	rows, err := readRows(ctx, db)
	if err != nil {
		return nil, err
	}
	c.Rows = len(rows)
	c.rows(persons, rows)
	answers, err := readAnswers(ctx, db, 1+len(rows)/mostCompared)
	if err != nil {
		return nil, err
	}
	c.answers(persons, rows, answers)
	return c, c.inside(ctx, db)
}

// rows compares who is there.
func (c *Comparison) rows(persons []Person, rows []row) {
	byKey := make(map[string][]row, len(rows))
	for _, r := range rows {
		byKey[r.key] = append(byKey[r.key], r)
	}
	byMarker := markers(persons, rows)
	for _, p := range persons {
		c.Attempts += p.Attempts
		c.count(&p)
		there := byKey[p.Key]
		delete(byKey, p.Key)
		switch {
		case len(there) > 1 || byMarker[p.Marker] > 1:
			c.Doubled = append(c.Doubled, p.Key)
		case len(there) == 0 && p.Acked > 0:
			c.Lost = append(c.Lost, p.Key)
		case len(there) == 1 && p.Acked == 0:
			c.Unconfirmed++
		}
		if wrongReceipt(&p, there) {
			c.WrongReceipt = append(c.WrongReceipt, p.Key)
		}
		if p.Refused != "" && p.Acked == 0 && len(there) > 0 {
			c.Unwanted = append(c.Unwanted, p.Key)
		}
	}
	for key := range byKey {
		c.Strangers = append(c.Strangers, key)
	}
}

func (c *Comparison) count(p *Person) {
	if p.Acked > 0 {
		c.Acknowledged++
		c.AskedAgain += p.Acked - 1
	}
	if p.Attempts > 1 {
		c.Retried++
	}
	if p.Refused != "" {
		c.Refused++
	}
}

// wrongReceipt says whether somebody was given another receipt than the one of the row.
func wrongReceipt(p *Person, there []row) bool {
	if len(p.others) > 0 {
		return true
	}
	if p.Acked == 0 || len(there) != 1 {
		return false
	}
	return p.Receipt != "" && p.Receipt != there[0].receipt || p.ResponseID != "" && p.ResponseID != there[0].id
}

// markers counts the rows in which each person's open answer stands.
func markers(persons []Person, rows []row) map[string]int {
	if len(persons) == 0 {
		return nil
	}
	count := make(map[string]int, len(persons))
	for _, p := range persons {
		count[p.Marker] = 0
	}
	for _, r := range rows {
		for word := range strings.FieldsFuncSeq(r.texts, func(c rune) bool { return c == '"' || c == ' ' || c == ',' || c == ':' || c == '{' || c == '}' }) {
			if n, known := count[word]; known {
				count[word] = n + 1
			}
		}
	}
	return count
}

// answers compares what was answered.
func (c *Comparison) answers(persons []Person, rows []row, answers map[string]Answers) {
	sent := make(map[string]string, len(persons))
	for _, p := range persons {
		sent[p.Key] = p.Digest
	}
	for _, r := range rows {
		there, read := answers[r.id]
		if !read {
			continue
		}
		c.Compared++
		if digest, known := sent[r.key]; known && digest != there.Digest() {
			c.Altered = append(c.Altered, r.key)
		}
	}
}

// inside asks whether the database agrees with itself.
func (c *Comparison) inside(ctx context.Context, db *sql.DB) error {
	for _, check := range []struct{ query, sentence string }{
		{"SELECT count(*) FROM (SELECT wave_id, invitation_id FROM responses WHERE invitation_id IS NOT NULL GROUP BY wave_id, invitation_id HAVING count(*) > 1) t",
			"%d invitations have answered more than once"},
		{"SELECT count(*) FROM responses r JOIN invitations i ON i.id = r.invitation_id WHERE i.used_at IS NULL", "%d invitations have answered and are not marked as used"},
		{"SELECT count(*) FROM invitations i WHERE i.used_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM responses r WHERE r.invitation_id = i.id AND r.wave_id = i.wave_id)",
			"%d invitations are marked as used and have no response"},
		{"SELECT count(*) FROM (SELECT p.wave_id FROM wave_positions p LEFT JOIN responses r ON r.wave_id = p.wave_id GROUP BY p.wave_id, p.position HAVING p.position <> count(r.id) OR p.position <> coalesce(max(r.position), 0)) t",
			"%d waves have holes in their positions"},
		{"SELECT count(*) FROM drafts WHERE (wave_id, CAST(id AS text)) IN (SELECT wave_id, submission_key FROM responses)",
			"%d drafts are still there although they were submitted"},
	} {
		var n int
		if err := db.QueryRowContext(ctx, check.query).Scan(&n); err != nil {
			return fmt.Errorf("%s: %w", check.query, err)
		}
		if n > 0 {
			c.Broken = append(c.Broken, fmt.Sprintf(check.sentence, n))
		}
	}
	return nil
}

// WriteRows writes what the database holds as CSV: the same as the statements in
// docs/chaos.md give.
func (d Database) WriteRows(ctx context.Context, w io.Writer) error {
	db, err := d.open()
	if err != nil {
		return err
	}
	rows, err := readRows(ctx, db)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	table := csv.NewWriter(w)
	lines := [][]string{{"submission_key", "receipt_code", "id"}}
	for _, r := range rows {
		lines = append(lines, []string{r.key, r.receipt, r.id})
	}
	return table.WriteAll(lines)
}

// readRows reads every response that was submitted, not imported.
func readRows(ctx context.Context, db *sql.DB) ([]row, error) {
	found, err := db.QueryContext(ctx, "SELECT CAST(id AS text), submission_key, receipt_code, texts FROM responses WHERE receipt_code IS NOT NULL")
	if err != nil {
		return nil, err
	}
	var rows []row
	for found.Next() {
		var r row
		if err := found.Scan(&r.id, &r.key, &r.receipt, &r.texts); err != nil {
			return nil, errors.Join(err, found.Close())
		}
		rows = append(rows, r)
	}
	return rows, errors.Join(found.Err(), found.Close())
}

// readAnswers reads the valid answers of every n-th response through the view
// for analysts.
func readAnswers(ctx context.Context, db *sql.DB, nth int) (map[string]Answers, error) {
	found, err := db.QueryContext(ctx, `SELECT CAST(a.response_id AS text), a.item, a.value, a.number, a.text FROM answers a
		WHERE a.state = 'valid' AND a.response_id IN (SELECT id FROM responses WHERE position % `+strconv.Itoa(nth)+` = 0)`)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Answers)
	for found.Next() {
		var id, item string
		var value sql.NullInt64
		var number sql.NullFloat64
		var text sql.NullString
		if err := found.Scan(&id, &item, &value, &number, &text); err != nil {
			return nil, errors.Join(err, found.Close())
		}
		if all[id] == nil {
			all[id] = make(Answers)
		}
		all[id][item] = inWords(value, number, text)
	}
	return all, errors.Join(found.Err(), found.Close())
}

func inWords(value sql.NullInt64, number sql.NullFloat64, text sql.NullString) string {
	switch {
	case value.Valid:
		return strconv.FormatInt(value.Int64, 10)
	case number.Valid:
		return strconv.FormatFloat(number.Float64, 'g', -1, 64)
	}
	return text.String
}
