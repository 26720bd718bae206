package store

import (
	"context"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type instrumentRow struct {
	Hash      string
	Key       string
	Version   int
	Document  string
	CreatedAt time.Time
}

func (instrumentRow) TableName() string { return "instruments" }

type instrumentFieldRow struct {
	InstrumentHash string
	Position       int
	Key            string
	Kind           string
	Slot           int
}

func (instrumentFieldRow) TableName() string { return "instrument_fields" }

// PutInstrument keeps an instrument document for good and returns its hash; the
// same document again changes nothing. Invalid: the document has an error.
// Conflict: another document has the same key and version.
func (s *Store) PutInstrument(ctx context.Context, document []byte) (string, error) {
	in, err := survey.ParseInstrument(document)
	if err != nil {
		return "", err
	}
	return in.Hash(), s.keepInstrument(ctx, in)
}

func (s *Store) keepInstrument(ctx context.Context, in *survey.Instrument) error {
	row := instrumentRow{Hash: in.Hash(), Key: in.Key, Version: in.Version, Document: string(in.Canonical()), CreatedAt: s.now()}
	err := s.write(ctx, func(tx *gorm.DB) error {
		tell(ctx, changes{list: []string{row.Hash}})
		result := gorm.WithResult()
		same := clause.OnConflict{Columns: []clause.Column{{Name: "hash"}}, DoNothing: true}
		if err := rowsOf[instrumentRow](tx, same, result).Create(ctx, &row); err != nil || result.RowsAffected == 0 {
			return err
		}
		fields := fieldRows(in)
		return rowsOf[instrumentFieldRow](tx).CreateInBatches(ctx, &fields, 200)
	})
	if survey.KindOf(err) == survey.Conflict {
		return survey.Errorf(survey.Conflict, "instrument %s version %d exists with other content: a published instrument never changes, give it a new version", in.Key, in.Version)
	}
	return err
}

// fieldRows describes the packed form for the view answers.
func fieldRows(in *survey.Instrument) []instrumentFieldRow {
	slots := map[int]int{}
	for _, group := range [][]int{in.ClosedFields(), in.NumberFields(), in.TextFields()} {
		for slot, field := range group {
			slots[field] = slot + 1
		}
	}
	rows := make([]instrumentFieldRow, 0, len(in.Fields()))
	for _, f := range in.Fields() {
		rows = append(rows, instrumentFieldRow{InstrumentHash: in.Hash(), Position: f.Index, Key: f.Key, Kind: string(f.Kind), Slot: slots[f.Index]})
	}
	return rows
}

// Instrument returns the instrument with the hash, always the same pointer:
// it never changes. NotFound.
func (s *Store) Instrument(ctx context.Context, hash string) (*survey.Instrument, error) {
	if in, ok := s.instruments.Load(hash); ok {
		return in.(*survey.Instrument), nil
	}
	return together(ctx, &s.reads, "instrument "+hash, func(ctx context.Context) (*survey.Instrument, error) { return s.readInstrument(ctx, hash) })
}

func (s *Store) readInstrument(ctx context.Context, hash string) (*survey.Instrument, error) {
	row, err := take[instrumentRow](ctx, s, "hash = ?", hash)
	if err != nil {
		return nil, named(err, "there is no instrument %q", hash)
	}
	in, err := survey.ReadInstrument([]byte(row.Document))
	if err != nil {
		return nil, survey.Errorf(survey.Internal, "instrument %s in the database can not be read: %w", hash, err)
	}
	kept, _ := s.instruments.LoadOrStore(hash, in)
	return kept.(*survey.Instrument), nil
}

// Criteria is a versioned criteria document; what is in it is the business of
// package benchmark.
type Criteria struct {
	Hash     string
	Name     string
	Document []byte
}

type criteriaRow struct {
	Hash      string
	Name      string
	Document  string
	CreatedAt time.Time
}

func (criteriaRow) TableName() string { return "criteria" }

// PutCriteria keeps a criteria document for good and returns its hash; the same
// document again changes nothing. Invalid: a blank name.
func (s *Store) PutCriteria(ctx context.Context, name string, document []byte) (string, error) {
	if err := required("the name of the criteria", name); err != nil {
		return "", err
	}
	row := criteriaRow{Hash: auth.DocumentHash(document), Name: name, Document: string(document), CreatedAt: s.now()}
	err := s.write(ctx, func(tx *gorm.DB) error {
		tell(ctx, changes{list: []string{row.Hash}})
		return rowsOf[criteriaRow](tx, clause.OnConflict{DoNothing: true}).Create(ctx, &row)
	})
	return row.Hash, err
}

// Criteria returns the criteria document with the hash. NotFound.
func (s *Store) Criteria(ctx context.Context, hash string) (Criteria, error) {
	row, err := take[criteriaRow](ctx, s, "hash = ?", hash)
	return Criteria{Hash: row.Hash, Name: row.Name, Document: []byte(row.Document)}, named(err, "there are no criteria %q", hash)
}
