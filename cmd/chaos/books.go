package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// keepBooks writes the ledger and what the database holds for somebody else's script.
func (t *trial) keepBooks(ctx context.Context) error {
	if err := os.MkdirAll(t.ledger, 0o755); err != nil {
		return err
	}
	name := strings.ToLower(strings.Fields(t.name)[0])
	path := filepath.Join(t.ledger, fmt.Sprintf("%02d-%s", len(t.results)+1, name))
	return errors.Join(
		writeFile(path+".csv", t.crowd.book.WriteCSV),
		writeFile(path+".json", t.crowd.book.WriteJSON),
		writeFile(path+"-rows.csv", func(w io.Writer) error { return t.database.WriteRows(ctx, w) }))
}

func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
