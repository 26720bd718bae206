package store_test

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// eachEmpty runs a test on databases without a schema.
func eachEmpty(t *testing.T, test func(t *testing.T, config store.Config)) {
	t.Run("SQLite", func(t *testing.T) {
		test(t, store.Config{Path: filepath.Join(t.TempDir(), "empty.db"), Logger: quiet})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		test(t, store.Config{URL: storetest.EmptyPostgresURL(t), Logger: quiet})
	})
}

func TestAFreshDatabaseIsRefusedUntilItIsMigrated(t *testing.T) {
	eachEmpty(t, func(t *testing.T, config store.Config) {
		_, err := store.Open(t.Context(), config)
		wantKind(t, err, survey.Conflict)
		if err == nil || !strings.Contains(err.Error(), "salesbench migrate up") {
			t.Errorf("the refusal does not say what to do: %v", err)
		}
		status := must[store.MigrationStatus](t)(store.ReadMigrationStatus(t.Context(), config))
		if status.Current != 0 || status.Target < 1 || len(status.Migrations) != int(status.Target) || status.Migrations[0].Applied {
			t.Errorf("status of a fresh database: %+v", status)
		}
		applied := must[[]string](t)(store.MigrateUp(t.Context(), config))
		if len(applied) != int(status.Target) || applied[0] != "00001_initial.sql" {
			t.Errorf("applied %v", applied)
		}
		if again := must[[]string](t)(store.MigrateUp(t.Context(), config)); len(again) != 0 {
			t.Errorf("applied again: %v", again)
		}
		s := storetest.Open(t, config)
		if version := must[int64](t)(s.SchemaVersion(t.Context())); version != status.Target {
			t.Errorf("schema version %d", version)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.WritableCheck(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestReplicasMayMigrateTogether(t *testing.T) {
	eachEmpty(t, func(t *testing.T, config store.Config) {
		config.Migrate = true
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				s, err := store.Open(t.Context(), config)
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestASchemaThatIsNotOursIsRefusedInWords(t *testing.T) {
	for name, c := range map[string]struct{ change, says string }{
		"ahead":         {"INSERT INTO schema_versions (version_id, is_applied) VALUES (99999, TRUE)", "start the newer program"},
		"half-migrated": {"DELETE FROM schema_versions WHERE version_id = 1; INSERT INTO schema_versions (version_id, is_applied) VALUES (99999, TRUE)", "99999"},
		"foreign":       {"DELETE FROM schema_versions", "another program"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachConfig(t, func(t *testing.T, config store.Config) {
				storetest.Open(t, config)
				if _, err := open(t, config).Exec(c.change); err != nil {
					t.Fatal(err)
				}
				for _, migrate := range []bool{false, true} {
					config.Migrate = migrate
					_, err := store.Open(t.Context(), config)
					wantKind(t, err, survey.Conflict)
					if err == nil || !strings.Contains(err.Error(), c.says) {
						t.Errorf("migrate %v: %v does not say %q", migrate, err, c.says)
					}
				}
			})
		})
	}
}

// released are the hashes of all migrations. A released migration is never
// edited; a change of the schema gets a new number and a new line here.
var released = map[string]string{
	"migrations/postgres/00001_initial.sql":          "sha256:b5dfe310351a8e6d376e78f3e51bfd6933613eb0f067222f13c636a9e84e522e",
	"migrations/sqlite/00001_initial.sql":            "sha256:cd79f3be8eae7652ebc3c944a627e052a11aa2f780c3102a35f70e82ae37771d",
	"migrations/postgres/00002_published_shares.sql": "sha256:5647d0e655111e75002858e2b5bda133256b80f47116ae86d659780630d30f8b",
	"migrations/sqlite/00002_published_shares.sql":   "sha256:5654bc99d83cf003d9fd781db0f3d138a874079eb49b0a4b64b61be53fa242f5",
	"migrations/postgres/00003_lean_responses.sql":   "sha256:203c23256d78b90272535456cc629086433296017dbf40c11e46d422d60e2a93",
	"migrations/sqlite/00003_lean_responses.sql":     "sha256:6f504e4caad3dad0ef32b5ec0cd6c605c1672e198e756ef292a8c265407d647d",
	"migrations/postgres/00004_accounts.sql":         "sha256:fa8d3f200510f373348f2c236f6bc1fa18f2d32eef6f0868e629bc0bcbb2d82a",
	"migrations/sqlite/00004_accounts.sql":           "sha256:500c710253ddc538cc2a9150ba6d6d933aac20736a225ee22ac9ce57c188376b",
	"migrations/sqlite/00005_sealed_waves.sql":       "sha256:240255e69c6ed7e40b7495c5d27957e0e3fc4622cbd500198c555c18b612a1a5",
	"migrations/postgres/00005_sealed_waves.sql":     "sha256:a7f6c40a5e63694141a418f94510e953d1427f2d5238ba0a57037431396b55f1",
	"migrations/postgres/00006_draft_documents.sql":  "sha256:6d3beeab8697192f96a3e17fe4c7322c96d1cf211299e6cdffb3a8336bac8bf8",
	"migrations/sqlite/00006_draft_documents.sql":    "sha256:230f1a1d235ea254ec578f80121fa46a459b741c40e23642b2fb3b12922387a6",
	"migrations/postgres/00007_mail.sql":             "sha256:598bb74bb3803872cababca525bcd4edf00851609904eaf7befae6a3cf76e2f8",
	"migrations/sqlite/00007_mail.sql":               "sha256:5dee22b3c198795a91b18c2d523f8e169d41ea4df42f3bb61dbf145beb48076f",
	"migrations/postgres/00008_review.sql":           "sha256:12b6a54f7fdaaf142965a9ce8f9c725af6aef1fdce4f25ded3678c8c5fb9a56c",
	"migrations/sqlite/00008_review.sql":             "sha256:3c3ca29ae276138ff00cfe02b1cdda65be15f4929a72a44b03071ebdf8047b80",
	"migrations/sqlite/00009_second_factor.sql":      "sha256:f0b2f1f4631e92552babcda001b09f6c9f4af74b905d22bdc8bfde41effab120",
	"migrations/postgres/00009_second_factor.sql":    "sha256:5b2fa34f9be998ebea58bad75f6d1c5e3b616cb48d1c0da668452df157714a8f",
	"migrations/postgres/00010_fieldwork.sql":        "sha256:1a8c0d637641102d2721c1d5eb06e95a99a7e57a78c47e1c5f9f5a25f9b1be1c",
	"migrations/sqlite/00010_fieldwork.sql":          "sha256:19791c92971f315d41d74cfbbfda22070ec9d7e11a0d06d9ed92b592f4bbf992",
	"migrations/sqlite/00011_retention.sql":          "sha256:fc5e4135d9f29da087a41a98e0e9eafc9584bf394bf4c112e1aa05e696fdd7e7",
	"migrations/sqlite/00012_zones.sql":              "sha256:6b1d9e57436c4dbc4d86cbaa57986970bea757285a03e4d7d1bbcfa66c22c642",
	"migrations/sqlite/00015_noted_waves.sql":        "sha256:9958477c94ff4d09e79c3864e36de16db89c0b1f2acfbce0db2823c8dfbc349c",
	"migrations/postgres/00015_noted_waves.sql":      "sha256:0c6c8eb0785adbfc70406b51f0745fbf8c6f648443d17b5d78820e9dc4b44de1",
	"migrations/sqlite/00013_erased_mail.sql":        "sha256:3a6368ef6b7b6419035909e7ecefb96506863068c3cfe251ce0586098a97d59a",
	"migrations/postgres/00013_erased_mail.sql":      "sha256:aaa8bdfc5470c38a90adb0257ce428c6ee8ca7503731d5b3b563a2232cb1372f",
	"migrations/postgres/00014_purposes.sql":         "sha256:dd8d619f3303cdae4f54124bd43a3d93a9a539847b70aa48f06253e5bdf3850f",
	"migrations/sqlite/00014_purposes.sql":           "sha256:dd8d619f3303cdae4f54124bd43a3d93a9a539847b70aa48f06253e5bdf3850f",
	"migrations/postgres/00012_zones.sql":            "sha256:6b1d9e57436c4dbc4d86cbaa57986970bea757285a03e4d7d1bbcfa66c22c642",
	"migrations/sqlite/00016_submission_marks.sql":   "sha256:b1d3b0088ee5a8a1553ed4cc42b5b48bb1cef28faadb4cdb7fbebdf84bd12321",
	"migrations/postgres/00016_submission_marks.sql": "sha256:9e513e7310e88073a9fe7733673f7f11b8056eab5409461cad8232790d7dde53",
	"migrations/postgres/00011_retention.sql":        "sha256:5de2b58def9a1cbce064f75a4d858936c69ce6fd0af481b7cba103aab0133b5e",
}

func TestReleasedMigrationsNeverChangeAndNumbersHaveNoHoles(t *testing.T) {
	for _, dialect := range []string{"sqlite", "postgres"} {
		files := must[[]string](t)(filepath.Glob("migrations/" + dialect + "/*.sql"))
		for i, file := range files {
			if !strings.HasPrefix(filepath.Base(file), fmt.Sprintf("%05d_", i+1)) {
				t.Errorf("%s is number %d", file, i+1)
			}
			text := must[[]byte](t)(os.ReadFile(file))
			if !strings.HasPrefix(string(text), "-- +goose Up\n") || strings.Contains(string(text), "+goose Down") {
				t.Errorf("%s is not a forward-only migration", file)
			}
			if got := auth.DocumentHash(text); got != released[file] {
				t.Errorf("%s has the hash %s: a released migration must not be edited, a new one belongs in the list", file, got)
			}
		}
	}
}

func TestADatabaseThatCanNotBeUsedIsNamedInWords(t *testing.T) {
	folder := t.TempDir()
	damaged := filepath.Join(folder, "damaged.db")
	if err := os.WriteFile(damaged, []byte(strings.Repeat("this is no database ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config store.Config
		kind   survey.ErrorKind
		says   string
	}{
		"nothing given":    {store.Config{}, survey.Invalid, "neither"},
		"no such folder":   {store.Config{Path: filepath.Join(folder, "absent", "x.db")}, survey.Unavailable, "does not exist"},
		"a damaged file":   {store.Config{Path: damaged}, survey.Unavailable, "damaged"},
		"a folder":         {store.Config{Path: folder}, survey.Unavailable, "can not be opened"},
		"another scheme":   {store.Config{URL: "mysql://root:secret@localhost/x"}, survey.Invalid, "postgres://"},
		"a broken address": {store.Config{URL: "postgres://u:secret@localhost:port/x"}, survey.Invalid, "postgres://"},
		"nobody listens":   {store.Config{URL: "postgres://u:secret@127.0.0.1:1/x"}, survey.Unavailable, "does not take the connection"},
		"a broken setting": {store.Config{URL: "postgres://u:secret@localhost/x?sslmode=perhaps"}, survey.Invalid, "can not be read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := store.Open(t.Context(), c.config)
			wantKind(t, err, c.kind)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %q", err, c.says)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the sentence shows the password: %v", err)
			}
		})
	}
}

func TestAPostgresDatabaseThatDoesNotExistIsNamedInWords(t *testing.T) {
	address := strings.Replace(storetest.PostgresURL(t), "/salesbench_", "/absent_", 1)
	_, err := store.Open(t.Context(), store.Config{URL: address})
	wantKind(t, err, survey.Unavailable)
	if err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("error is %v", err)
	}
}

func TestAFileThatAnotherProgramHoldsIsNamedInWords(t *testing.T) {
	config := storetest.SQLite(t)
	config.Busy = 20 * time.Millisecond
	s := storetest.Open(t, config)
	other := open(t, config)
	other.SetMaxOpenConns(1)
	says := func(err error) {
		t.Helper()
		wantKind(t, err, survey.Unavailable)
		if err == nil || !strings.Contains(err.Error(), "in use by another program") {
			t.Errorf("error is %v", err)
		}
	}
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	_, err := s.PutStudy(t.Context(), survey.Study{Key: "k", Title: "T"})
	says(err)
	says(s.WritableCheck(t.Context()))
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("reading waits for the writer: %v", err)
	}
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	must[survey.Study](t)(s.PutStudy(t.Context(), survey.Study{Key: "k", Title: "T"}))
	exclusive := storetest.SQLite(t)
	exclusive.Busy = 20 * time.Millisecond
	holder := open(t, exclusive)
	holder.SetMaxOpenConns(1)
	if _, err := holder.Exec("CREATE TABLE t (x); PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(t.Context(), exclusive)
	says(err)
}
