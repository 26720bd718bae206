package store

import (
	"errors"
	"os"

	"github.com/salesbench/salesbench/survey"
)

// lockName follows the name of the database file. The lock is on the file, not in
// it: it ends with the process, however that ends, and the file may stay.
const lockName = ".serving"

// errLocked says that another process has the lock.
var errLocked = errors.New("locked by another process")

// lockService keeps a second service away from an SQLite file. Two would not
// damage it, but each would wait for the other and know nothing of its answers.
func lockService(path string) (*os.File, error) {
	if path == "" || path == inMemory {
		return nil, nil
	}
	file, err := lockFile(path + lockName)
	switch {
	case errors.Is(err, errLocked):
		return nil, survey.Errorf(survey.Conflict, "another salesbench serves the database file %s already: end it, or give this one another folder; for several services use PostgreSQL", path)
	case err != nil:
		return nil, survey.Errorf(survey.Unavailable, "the file %s can not be made: check that its folder exists and may be written: %w", path+lockName, err)
	}
	return file, nil
}
