package store

import (
	"context"
	"fmt"
)

// Synchronous asks the connection of an SQLite store that writes how long it
// waits for the disk, as whoever gets it next would find it: 1 NORMAL, 2 FULL.
func (s *Store) Synchronous(ctx context.Context) (level int, err error) {
	pool, err := s.writer.DB()
	if err == nil {
		err = pool.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&level)
	}
	return level, err
}

// LimitPages keeps an SQLite file from growing beyond a number of pages, or beyond
// its present size where that is more.
func (s *Store) LimitPages(ctx context.Context, pages int) error {
	pool, err := s.writer.DB()
	if err == nil {
		_, err = pool.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	}
	return err
}
