package store

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// DocumentKind says what a document is.
type DocumentKind string

// The kinds of documents.
const (
	InstrumentDocument DocumentKind = "instrument"
	CriteriaDocument   DocumentKind = "criteria"
)

// DraftDocument is a document that is not published: it can change, and no wave uses it.
type DraftDocument struct {
	ID        string
	StudyID   survey.StudyID
	Kind      DocumentKind
	Name      string
	Document  []byte
	UpdatedAt time.Time
}

type draftDocumentRow struct {
	ID        string
	StudyID   string
	Kind      string
	Name      string
	Document  string
	UpdatedAt time.Time
}

func (draftDocumentRow) TableName() string { return "draft_documents" }

func (r draftDocumentRow) draft() DraftDocument {
	return DraftDocument{r.ID, survey.StudyID(r.StudyID), DocumentKind(r.Kind), r.Name, []byte(r.Document), r.UpdatedAt.UTC()}
}

// PutDraftDocument keeps a document that is being worked on, as a new one where it
// has no id, and returns it with its id.
func (s *Store) PutDraftDocument(ctx context.Context, d DraftDocument) (DraftDocument, error) {
	if err := firstOf(known("study", d.StudyID), required("the name of the document", d.Name)); err != nil {
		return DraftDocument{}, err
	}
	if !storable(string(d.Document)) {
		return DraftDocument{}, survey.Errorf(survey.Invalid, "the document has characters that can not be stored: save it as UTF-8 text")
	}
	if d.ID == "" {
		d.ID = newID()
	}
	row := draftDocumentRow{ID: d.ID, StudyID: string(d.StudyID), Kind: string(d.Kind), Name: d.Name, Document: string(d.Document), UpdatedAt: s.now()}
	change := clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, DoUpdates: clause.AssignmentColumns([]string{"name", "document", "updated_at"})}
	return row.draft(), s.write(ctx, func(tx *gorm.DB) error {
		old, err := before[draftDocumentRow](ctx, tx, "id = ?", row.ID)
		if err != nil {
			return err
		}
		tell(ctx, old.changed(row))
		return rowsOf[draftDocumentRow](tx, change).Create(ctx, &row)
	})
}

// changed are what a draft becomes, for the audit log.
func (r draftDocumentRow) changed(now draftDocumentRow) changes {
	hash := func(document string) string {
		if document == "" {
			return ""
		}
		return auth.DocumentHash([]byte(document))
	}
	c := changes{made: r.ID == ""}
	if c.made {
		c.list = []string{"draft " + now.ID}
	}
	c.value("kind", r.Kind, now.Kind)
	c.text("name", r.Name, now.Name)
	c.value("content", hash(r.Document), hash(now.Document))
	return c
}

// DraftDocumentByID finds a document of the study that is not published. NotFound.
func (s *Store) DraftDocumentByID(ctx context.Context, study survey.StudyID, id string) (DraftDocument, error) {
	if err := known("document", id); err != nil {
		return DraftDocument{}, err
	}
	row, err := take[draftDocumentRow](ctx, s, "id = ? AND study_id = ?", id, string(study))
	return row.draft(), named(err, "this document does not exist or was published or deleted")
}

// DraftDocuments lists the documents of the study that are not published, the latest first.
func (s *Store) DraftDocuments(ctx context.Context, study survey.StudyID) ([]DraftDocument, error) {
	return list(ctx, s, draftDocumentRow.draft, "updated_at DESC", "study_id = ?", string(study))
}

// DeleteDraftDocument forgets a document that is not published. NotFound.
func (s *Store) DeleteDraftDocument(ctx context.Context, study survey.StudyID, id string) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		old, err := before[draftDocumentRow](ctx, tx, "id = ? AND study_id = ?", id, string(study))
		if err != nil {
			return err
		}
		tell(ctx, old.changed(draftDocumentRow{}))
		gone, err := rowsOf[draftDocumentRow](tx).Where("id = ? AND study_id = ?", id, string(study)).Delete(ctx)
		if err == nil && gone == 0 {
			return survey.Errorf(survey.NotFound, "this document does not exist or was published or deleted")
		}
		return err
	})
}

// PublishedDocument names a document that never changes any more.
type PublishedDocument struct {
	Hash      string
	Key       string
	Version   int // of an instrument
	CreatedAt time.Time
}

// Instruments lists the published instruments by key, the newest version first.
func (s *Store) Instruments(ctx context.Context) ([]PublishedDocument, error) {
	return list(ctx, s, func(r instrumentRow) PublishedDocument {
		return PublishedDocument{r.Hash, r.Key, r.Version, r.CreatedAt.UTC()}
	}, "key, version DESC", "1 = 1")
}

// CriteriaList lists the published criteria by name, the newest first.
func (s *Store) CriteriaList(ctx context.Context) ([]PublishedDocument, error) {
	return list(ctx, s, func(r criteriaRow) PublishedDocument {
		return PublishedDocument{Hash: r.Hash, Key: r.Name, CreatedAt: r.CreatedAt.UTC()}
	},
		"name, created_at DESC", "1 = 1")
}
