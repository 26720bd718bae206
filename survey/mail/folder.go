package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Folder writes each message to a file of its own, named after its id, for its
// owner only: nothing leaves the machine. The files are in the format of mail
// programs (.eml). A message whose file is there already is not written again,
// so that a folder gets every message exactly once.
type Folder struct{ Path string }

// Open makes the folder where it is absent.
func (f Folder) Open(context.Context) (Session, error) {
	if err := os.MkdirAll(f.Path, 0o700); err != nil {
		return nil, &Error{Phase: Connecting, Reason: "the folder for mail can not be made", Err: err}
	}
	return folderSession{f.Path}, nil
}

// Remove takes the file of a message away and says whether there was one. A folder
// without a path has none.
func (f Folder) Remove(id string) (bool, error) {
	if f.Path == "" {
		return false, nil
	}
	err := os.Remove(filepath.Join(f.Path, fileName(id)))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Tidy removes what processes that ended in the middle have left of messages that they
// began to write before the moment.
func (f Folder) Tidy(before time.Time) error {
	if f.Path == "" {
		return nil
	}
	parts, err := filepath.Glob(filepath.Join(f.Path, partPattern))
	for _, part := range parts {
		info, e := os.Stat(part)
		if e == nil && info.ModTime().Before(before) {
			e = os.Remove(part)
		}
		if e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// partPattern is the name of a message that is being written.
const partPattern = ".part-*"

// Destination names the folder.
func (f Folder) Destination() string { return "files in " + f.Path }

type folderSession struct{ path string }

// Send writes beside the final name first: a file that has its name is whole.
func (s folderSession) Send(ctx context.Context, m Message, hold func(context.Context) error) error {
	data, err := m.bytes()
	if err != nil {
		return err
	}
	part, err := os.CreateTemp(s.path, partPattern)
	if err != nil {
		return &Error{Phase: Body, Reason: "the folder for mail can not be written", Err: err}
	}
	name := part.Name()
	_, err = part.Write(data)
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return &Error{Phase: Body, Reason: "the file of a message can not be written", Err: errors.Join(err, os.Remove(name))}
	}
	if err := hold(ctx); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	// A link, unlike a rename, does not replace what is there.
	err = os.Link(name, filepath.Join(s.path, fileName(m.ID)))
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	if err = errors.Join(err, os.Remove(name)); err != nil {
		return &Error{Phase: Body, Reason: "the file of a message can not be given its name", Err: err}
	}
	return nil
}

// fileName keeps letters, digits and what ids are made of.
func fileName(id string) string {
	local, _, _ := strings.Cut(id, "@")
	safe := strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, local)
	return fmt.Sprintf("%s.eml", strings.TrimLeft(safe, "."))
}

func (folderSession) Alive() bool  { return true }
func (folderSession) Close() error { return nil }
