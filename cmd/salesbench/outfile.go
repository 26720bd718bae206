package main

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/salesbench/salesbench/survey"
)

// newFile makes a file that is not there yet, for the eyes of its owner only, and
// has it filled. A file that could not be finished is removed.
func newFile(name string, fill func(io.Writer) error) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return survey.Errorf(survey.Conflict, "%s exists already and is not overwritten: name another file", name)
	}
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(file, 1<<20)
	err = fill(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
