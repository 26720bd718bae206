package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
)

type auditRow struct {
	Position   int64
	HappenedAt time.Time
	ActorID    sql.NullString
	Actor      string
	Origin     string
	Action     string
	Object     string
	StudyID    sql.NullString
	Detail     string
	Previous   []byte
	Hash       []byte
}

func (auditRow) TableName() string { return "audit_log" }

func (r auditRow) entry() survey.AuditEntry {
	e := survey.AuditEntry{Position: r.Position, HappenedAt: r.HappenedAt.UTC(), Action: r.Action, Object: r.Object,
		StudyID: survey.StudyID(r.StudyID.String), Detail: r.Detail,
		Actor: survey.Actor{UserID: survey.UserID(r.ActorID.String), Name: r.Actor, Origin: r.Origin}}
	copy(e.Previous[:], r.Previous)
	copy(e.Hash[:], r.Hash)
	return e
}

// auditHeadRow is held by whoever adds to the log, so that entries are in the order
// of commits.
type auditHeadRow struct {
	ID         int
	Position   int64
	Hash       []byte
	WavesUntil sql.NullTime // see NoteWaves
}

func (auditHeadRow) TableName() string { return "audit_head" }

// Deed is what is written into the audit log.
type Deed struct {
	Action string
	Object string
	Study  survey.StudyID
	Detail string
}

// record adds an entry to the audit log in the transaction of what was done. It is
// called last: from here to the commit every other entry waits.
func (s *Store) record(ctx context.Context, tx *gorm.DB, by survey.Actor, d Deed) error {
	if _, err := rowsOf[auditHeadRow](tx).Where("id = 1").Update(ctx, "position", gorm.Expr("position + 1")); err != nil {
		return err
	}
	head, err := rowsOf[auditHeadRow](tx).Where("id = 1").Take(ctx)
	if err != nil {
		return err
	}
	row := auditRow{Position: head.Position, HappenedAt: s.now(), ActorID: optional(by.UserID), Actor: by.Name, Origin: by.Origin,
		Action: d.Action, Object: d.Object, StudyID: optional(d.Study), Detail: d.Detail, Previous: head.Hash}
	hash := HashAudit(row.entry())
	row.Hash = hash[:]
	if err := rowsOf[auditRow](tx).Create(ctx, &row); err != nil {
		return err
	}
	_, err = rowsOf[auditHeadRow](tx).Where("id = 1").Update(ctx, "hash", row.Hash)
	return err
}

type auditKey struct{}

// askedDeed is a deed that waits in a context for its transaction.
type askedDeed struct {
	by   survey.Actor
	deed Deed
	told string // what the transaction has found: which values became others
}

// whole is the deed with all that is to be told.
func (a askedDeed) whole() Deed {
	d := a.deed
	d.Detail = strings.Trim(d.Detail+"; "+a.told, "; ")
	return d
}

// Audited returns a context in which the next change is written into the audit log,
// in the same transaction: the log never tells what was not kept, nor misses what was.
// What the transaction finds, such as the values that were there before, it adds.
func Audited(ctx context.Context, by survey.Actor, d Deed) context.Context {
	return context.WithValue(ctx, auditKey{}, &askedDeed{by: by, deed: d})
}

// recordAsked adds the entry that the context asks for.
func (s *Store) recordAsked(ctx context.Context, tx *gorm.DB) error {
	asked, ok := ctx.Value(auditKey{}).(*askedDeed)
	if !ok {
		return nil
	}
	return s.record(ctx, tx, asked.by, asked.whole())
}

// Record adds an entry about something that changes nothing in the database, such
// as an export.
func (s *Store) Record(ctx context.Context, by survey.Actor, d Deed) error {
	return s.write(ctx, func(tx *gorm.DB) error { return s.record(ctx, tx, by, d) })
}

// HashAudit is the hash that an entry must have: SHA-256 over the hash of the entry
// before and every field, each with its length.
func HashAudit(e survey.AuditEntry) [32]byte {
	var position [8]byte
	binary.BigEndian.PutUint64(position[:], uint64(e.Position))
	return auth.Digest(e.Previous[:], position[:], []byte(e.HappenedAt.UTC().Format(time.RFC3339Nano)),
		[]byte(e.Actor.UserID), []byte(e.Actor.Name), []byte(e.Actor.Origin), []byte(e.Action), []byte(e.Object),
		[]byte(e.StudyID), []byte(e.Detail))
}

// AuditPage asks for a part of the log, the newest entries first.
type AuditPage struct {
	Study  survey.StudyID // empty: of the whole installation
	Text   string         // only entries in which it stands; empty: all
	Before int64          // only entries before this position; 0: from the end
	After  int64          // only those right after this position instead; 0: not
	Limit  int
}

// inAudit finds a text in whatever an entry shows.
const inAudit = `(lower(actor) LIKE ? ESCAPE '!' OR lower(origin) LIKE ? ESCAPE '!' OR lower(action) LIKE ? ESCAPE '!' OR lower(object) LIKE ? ESCAPE '!' OR lower(detail) LIKE ? ESCAPE '!')`

// AuditEntries lists a part of the audit log, the newest first.
func (s *Store) AuditEntries(ctx context.Context, page AuditPage) ([]survey.AuditEntry, error) {
	conditions, args := "position > ?", []any{page.After}
	order := "position DESC"
	if page.After > 0 {
		order = "position"
	}
	if page.Study != "" {
		conditions, args = conditions+" AND study_id = ?", append(args, string(page.Study))
	}
	if page.Before > 0 {
		conditions, args = conditions+" AND position < ?", append(args, page.Before)
	}
	if page.Text != "" {
		pattern := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(page.Text)) + "%"
		conditions, args = conditions+" AND "+inAudit, append(args, pattern, pattern, pattern, pattern, pattern)
	}
	entries, err := list(ctx, s, auditRow.entry, order+" LIMIT "+strconv.Itoa(page.Limit), append([]any{conditions}, args...)...)
	if page.After > 0 {
		slices.Reverse(entries)
	}
	return entries, err
}

// BrokenAudit is the position of an entry that does not have the hash it must have,
// or does not follow the one before it, among entries as AuditEntries lists them;
// 0: all fit.
func BrokenAudit(entries []survey.AuditEntry) int64 {
	for i, e := range entries {
		if HashAudit(e) != e.Hash {
			return e.Position
		}
		if i+1 < len(entries) && entries[i+1].Position == e.Position-1 && entries[i+1].Hash != e.Previous {
			return e.Position
		}
	}
	return 0
}

// AuditChain walks through the whole log from its first entry, a batch at a time.
func (s *Store) AuditChain(ctx context.Context, each func(survey.AuditEntry) error) error {
	const batch = 1000
	for last := int64(0); ; {
		rows, err := list(ctx, s, auditRow.entry, "position LIMIT 1000", "position > ?", last)
		if err != nil {
			return err
		}
		for _, entry := range rows {
			if err := each(entry); err != nil {
				return err
			}
			last = entry.Position
		}
		if len(rows) < batch {
			return nil
		}
	}
}

// AuditHead returns the position and hash of the last entry, as they are kept apart
// from the log.
func (s *Store) AuditHead(ctx context.Context) (position int64, hash [32]byte, err error) {
	row, err := take[auditHeadRow](ctx, s, "id = 1")
	copy(hash[:], row.Hash)
	return row.Position, hash, err
}
