package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/store"
)

// Each replica has a folder of its own for mail, so that this is no duty, which one
// replica would do for all: everybody looks at each turn who was erased, a little
// further back than the last look, since a message may have been on its way.
const (
	folderTurn    = time.Minute
	folderOverlap = 10 * time.Minute
	folderTidy    = time.Hour
)

// folderState is how far the folder of this process has been looked through.
type folderState struct {
	looked time.Time // zero: not yet, so that everything is looked at
	tidied time.Time
}

// ClearFolder removes the files of messages to people who were erased since the
// moment, and says how many there were.
func ClearFolder(ctx context.Context, s *store.Store, folder mail.Folder, since time.Time) (int, error) {
	if folder.Path == "" {
		return 0, nil
	}
	ids, err := s.ErasedMail(ctx, since)
	if err != nil {
		return 0, err
	}
	removed, wrong := 0, error(nil)
	for _, id := range ids {
		there, err := folder.Remove(string(id))
		if there {
			removed++
		}
		wrong = errors.Join(wrong, err)
	}
	return removed, wrong
}

// clearFolder is the turn of this replica.
func (r *Runner) clearFolder(ctx context.Context) (more bool) {
	now, f := r.Now(), &r.folder
	if now.Sub(f.looked) < folderTurn {
		return false
	}
	var since time.Time
	if !f.looked.IsZero() {
		since = f.looked.Add(-folderOverlap)
	}
	removed, err := ClearFolder(ctx, r.Store, r.Outbox, since)
	if removed > 0 {
		r.Log.Info("files of mail to people who were erased are removed", "files", removed)
	}
	if err == nil && now.Sub(f.tidied) >= folderTidy {
		err, f.tidied = r.Outbox.Tidy(now.Add(-folderTidy)), now
	}
	if err != nil && ctx.Err() == nil {
		r.Log.Warn("files of mail to people who were erased may be there still", "error", err)
		return false // the next look tries the same again
	}
	f.looked = now
	return false
}
