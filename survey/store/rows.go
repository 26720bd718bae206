package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// selection is a statement about the table of the rows R while it is being put
// together; each method returns a further one. GORM's own generics would do the same,
// but they cost the compiler seconds for each kind of row.
type selection[R any] struct{ db *gorm.DB }

// rowsOf begins a statement about the table of the rows R.
func rowsOf[R any](db *gorm.DB, with ...clause.Expression) selection[R] {
	if len(with) > 0 {
		db = db.Clauses(with...)
	}
	return selection[R]{db}
}

func (q selection[R]) Where(condition any, args ...any) selection[R] {
	return selection[R]{q.db.Where(condition, args...)}
}

func (q selection[R]) Order(by string) selection[R] { return selection[R]{q.db.Order(by)} }

func (q selection[R]) Limit(n int) selection[R] { return selection[R]{q.db.Limit(n)} }

// Select names the columns that Find reads or Updates writes.
func (q selection[R]) Select(columns string, more ...any) selection[R] {
	return selection[R]{q.db.Select(columns, more...)}
}

// Raw reads rows by a whole statement.
func (q selection[R]) Raw(statement string, args ...any) selection[R] {
	return selection[R]{q.db.Raw(statement, args...)}
}

// Take reads one row; gorm.ErrRecordNotFound where there is none.
func (q selection[R]) Take(ctx context.Context) (R, error) {
	var row R
	err := q.db.WithContext(ctx).Take(&row).Error
	return row, err
}

// Find reads all rows.
func (q selection[R]) Find(ctx context.Context) ([]R, error) {
	var rows []R
	err := q.db.WithContext(ctx).Find(&rows).Error
	return rows, err
}

// Count counts the rows in which the column is not null; "*" counts all.
func (q selection[R]) Count(ctx context.Context, column string) (int64, error) {
	var n int64
	err := q.db.WithContext(ctx).Model(new(R)).Select(column).Count(&n).Error
	return n, err
}

func (q selection[R]) Create(ctx context.Context, row *R) error {
	return q.db.WithContext(ctx).Create(row).Error
}

func (q selection[R]) CreateInBatches(ctx context.Context, rows *[]R, size int) error {
	return q.db.WithContext(ctx).CreateInBatches(rows, size).Error
}

// Update sets one column and returns how many rows it changed.
func (q selection[R]) Update(ctx context.Context, column string, value any) (int, error) {
	result := q.db.WithContext(ctx).Model(new(R)).Update(column, value)
	return int(result.RowsAffected), result.Error
}

// Updates sets the columns that Select has named and returns how many rows it changed.
func (q selection[R]) Updates(ctx context.Context, row R) (int, error) {
	result := q.db.WithContext(ctx).Updates(row)
	return int(result.RowsAffected), result.Error
}

func (q selection[R]) Delete(ctx context.Context) (int, error) {
	result := q.db.WithContext(ctx).Delete(new(R))
	return int(result.RowsAffected), result.Error
}
