package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// keyFlags say where the key of the installation is.
type keyFlags struct {
	KeyFile string `name:"key-file" setting:"SALESBENCH_KEY_FILE" help:"File with the key of the installation, from which links in mails are made; made at the first start where it is absent. Default: installation.key beside the embedded database. With --database name one, the same for every replica."`
}

// use gives the store its key. A database that has not met one yet gets one made;
// for one that has, another is never made, since links that were sent would die.
func (f keyFlags) use(ctx context.Context, s *store.Store, where storeFlags) error {
	key, there, err := f.find(ctx, s, where)
	if err == nil && !there {
		key, err = makeKey(f.path(where))
	}
	if err != nil {
		return err
	}
	return s.UseKey(ctx, key)
}

// find reads the key. Without an error and without a key one may be made; otherwise
// the error is errNoKeyNamed, or says that the key of the database is elsewhere.
func (f keyFlags) find(ctx context.Context, s *store.Store, where storeFlags) (key auth.Key, there bool, err error) {
	key, err = readKey(f.path(where))
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err == nil, err
	}
	has, err := s.HasKey(ctx)
	switch {
	case err != nil:
		return key, false, err
	case has:
		return key, false, f.lost(where)
	case f.KeyFile == "" && where.Database != "":
		return key, false, errNoKeyNamed
	}
	return key, false, nil
}

var errNoKeyNamed = survey.Errorf(survey.NotFound, "there is no key of the installation: with --database name a --key-file, the same for every replica; it is made where it is absent")

// lost is the error of a database whose key is elsewhere.
func (f keyFlags) lost(where storeFlags) error {
	return survey.Errorf(survey.NotFound, "the key of this database is not in %s: copy the file from the machine where it was begun, or name it with --key-file", f.path(where))
}

// path is the file with the key.
func (f keyFlags) path(where storeFlags) string {
	if f.KeyFile != "" {
		return f.KeyFile
	}
	return filepath.Join(where.Data, keyFile)
}

// keyFile is the key beside an embedded database.
const keyFile = "installation.key"

func readKey(path string) (auth.Key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return auth.Key{}, err
	}
	key, ok := auth.ParseKey(string(text))
	if !ok {
		return auth.Key{}, survey.Errorf(survey.Invalid, "%s holds no key of an installation (64 hexadecimal digits)", path)
	}
	return key, nil
}

// makeKey writes beside the final name first, so that nobody reads half a key; of
// two programs that begin together both use the key of the first.
func makeKey(path string) (auth.Key, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return auth.Key{}, fmt.Errorf("making a key: %w", err)
	}
	part, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return auth.Key{}, fmt.Errorf("making a key: %w", err)
	}
	_, err = fmt.Fprintln(part, auth.NewKey().Text())
	err = errors.Join(err, part.Sync(), part.Close())
	if err == nil {
		if err = os.Link(part.Name(), path); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	if err = errors.Join(err, os.Remove(part.Name())); err != nil {
		return auth.Key{}, fmt.Errorf("making a key: %w", err)
	}
	return readKey(path)
}
