package jobs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// filesFor are the files in a folder that name the address.
func filesFor(t *testing.T, folder, address string) []string {
	t.Helper()
	var found []string
	for _, name := range must[[]string](t)(filepath.Glob(filepath.Join(folder, "*.eml"))) {
		if strings.Contains(string(must[[]byte](t)(os.ReadFile(name))), address) {
			found = append(found, name)
		}
	}
	return found
}

func TestTheFilesOfMailToSomebodyWhoWasErasedGoFromEveryFolder(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		config = ticking(config)
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		f.People(t, s, 3)
		here, there := mail.Folder{Path: t.TempDir()}, mail.Folder{Path: t.TempDir()}
		start(t, runner(s, config, here))
		c := f.Campaign(t, s, survey.InvitationMail, 6000)
		eventually(t, "all invitations are written", func() bool { return counts(t, s, c).Sent == 3 })
		const erased, stays = "person-1@example.org", "person-2@example.org"
		files := filesFor(t, here.Path, erased)
		if len(files) != 1 || len(filesFor(t, here.Path, stays)) != 1 {
			t.Fatalf("written are %v", files)
		}
		// Another machine has written it, too, and one that was killed has left a part.
		twin := filepath.Join(there.Path, filepath.Base(files[0]))
		part := filepath.Join(there.Path, ".part-1")
		for _, name := range []string{twin, part} {
			if err := os.WriteFile(name, []byte("To: "+erased), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(part, storetest.Now, storetest.Now.Add(-2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		began := config.Clock()
		person := must[[]survey.Respondent](t)(s.PersonsByEmail(t.Context(), erased))[0]
		must[store.Erased](t)(s.EraseByInvitation(t.Context(), survey.Actor{Name: "test", Origin: "test"}, f.Wave.ID, person.InvitationID))
		if n := must[int](t)(jobs.ClearFolder(t.Context(), s, here, began)); n != 1 || len(filesFor(t, here.Path, erased)) > 0 || len(filesFor(t, here.Path, stays)) != 1 {
			t.Errorf("%d files were removed, %v are left", n, filesFor(t, here.Path, ""))
		}
		if n := must[int](t)(jobs.ClearFolder(t.Context(), s, mail.Folder{}, began)); n != 0 {
			t.Errorf("%d files were removed where there is no folder", n)
		}
		start(t, jobs.New(jobs.Options{Store: s, Outbox: there, Now: config.Clock, Pace: quick}))
		eventually(t, "the other machine removes its file and the part", func() bool {
			_, one := os.Stat(twin)
			_, two := os.Stat(part)
			return os.IsNotExist(one) && os.IsNotExist(two)
		})
	})
}
