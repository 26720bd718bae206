package store

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/salesbench/salesbench/survey"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// changes are what becomes of values, for the audit log: each with its name, what it
// was and what it is. They never hold what a respondent said, or who that is.
type changes struct {
	made bool // nothing was there before
	list []string
}

// Bounds of one entry: a log must stay readable, and whoever fills it must not fill
// the disk.
const (
	longestTold = 160  // characters of one value
	mostTold    = 4000 // characters of a detail
)

// value notes a value that is another one now. An empty one is called none.
func (c *changes) value(name, old, now string) {
	if old != now {
		c.note(name, old, now)
	}
}

func (c *changes) note(name, old, now string) {
	if c.made {
		c.list = append(c.list, name+" "+now)
		return
	}
	c.list = append(c.list, name+" "+orNone(old)+" → "+orNone(now))
}

// text notes a text that people have written; it stands between quotation marks.
func (c *changes) text(name, old, now string) {
	if old == now {
		return
	}
	old, now = apart(old, now)
	c.note(name, inQuotes(old), inQuotes(now))
}

// number notes a whole number.
func (c *changes) number(name string, old, now int) {
	if old != now {
		c.value(name, strconv.Itoa(old), strconv.Itoa(now))
	}
}

// moment notes a moment, which may be absent.
func (c *changes) moment(name string, old, now time.Time) {
	c.value(name, toldMoment(old), toldMoment(now))
}

// words are the whole detail.
func (c changes) words() string {
	words := strings.Join(c.list, "; ")
	if utf8.RuneCountInString(words) <= mostTold {
		return words
	}
	return string([]rune(words)[:mostTold]) + " …"
}

func inQuotes(text string) string {
	if text == "" {
		return ""
	}
	return "“" + text + "”"
}

func orNone(value string) string {
	if value == "" {
		return "none"
	}
	return value
}

// orEmpty writes a number that is none where it is zero.
func orEmpty(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func toldMoment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// apart shortens two values to where they differ: of a long text one word may be new.
func apart(old, now string) (string, string) {
	a, b := []rune(old), []rune(now)
	if len(a) <= longestTold && len(b) <= longestTold {
		return old, now
	}
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	from := max(0, same-20) // a few characters say where
	return part(a, from), part(b, from)
}

func part(text []rune, from int) string {
	from = min(from, len(text))
	cut := string(text[from:min(len(text), from+longestTold)])
	if from > 0 {
		cut = "… " + cut
	}
	if from+longestTold < len(text) {
		cut += " …"
	}
	return cut
}

// before is a row as it is, held until the transaction ends; a zero one where there
// is none.
func before[R any](ctx context.Context, tx *gorm.DB, where string, args ...any) (R, error) {
	row, err := rowsOf[R](tx, clause.Locking{Strength: "UPDATE"}).Where(where, args...).Take(ctx)
	if err != nil && survey.KindOf(translate(err)) == survey.NotFound {
		var none R
		return none, nil
	}
	return row, err
}

// tell adds to the deed that waits in the context what its transaction has found.
func tell(ctx context.Context, c changes) {
	if asked, ok := ctx.Value(auditKey{}).(*askedDeed); ok {
		asked.told = c.words()
	}
}

// tellStudy names the study of a deed that has made it.
func tellStudy(ctx context.Context, study string) {
	if asked, ok := ctx.Value(auditKey{}).(*askedDeed); ok {
		asked.deed.Study = survey.StudyID(study)
	}
}
