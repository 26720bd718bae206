package store_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// everything fills a store with all kinds of rows.
func everything(t *testing.T, s *store.Store) storetest.Fieldwork {
	t.Helper()
	ctx := t.Context()
	f := storetest.OpenWave(t, s)
	team := must[[]survey.Team](t)(s.PutTeams(ctx, f.Organization.ID, []string{"North \"=1+1\"", "\u202esüd\n\t\\ \x01"}))[1]
	must[string](t)(s.PutCriteria(ctx, "none", []byte("{}")))
	invitation, _ := f.Invite(t, s, "jane.doe")
	f.Invite(t, s, "")
	submission := f.Submission(701)
	submission.InvitationID = invitation.ID
	must[[]store.Outcome](t)(s.SubmitBatch(ctx, []survey.Submission{submission, f.Submission(700)}))
	must[int](t)(s.ImportResponses(ctx, f.Wave.ID, varied(f, 700, team.ID), nil))
	must[[]survey.Exclusion](t)(s.Exclude(ctx, ada, f.Wave.ID, excluding(survey.Careless, "", collect(t, s, f.Wave.ID)[3])))
	must[int](t)(s.ImportAggregates(ctx, f.Wave.ID, func(yield func(survey.Aggregate, error) bool) {
		yield(survey.Aggregate{OrganizationID: f.Organization.ID, Measure: "a", Share: 1.0 / 3, N: 7}, nil)
	}, nil))
	return f
}

// empties are databases without a schema, by name.
func empties(t *testing.T) map[string]store.Config {
	t.Helper()
	config := store.Config{Path: filepath.Join(t.TempDir(), "restored.db"), Clock: func() time.Time { return storetest.Now }}
	return map[string]store.Config{"SQLite": config, "PostgreSQL": {URL: storetest.EmptyPostgresURL(t), Clock: config.Clock}}
}

func opened(t *testing.T, file []byte) *store.OpenedBackup {
	t.Helper()
	return must[*store.OpenedBackup](t)(store.OpenBackup(t.Context(), bytes.NewReader(file), int64(len(file)), nil))
}

func TestABackupIsTheSameOnEitherDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		everything(t, s)
		var b bytes.Buffer
		manifest := must[store.BackupManifest](t)(s.Backup(t.Context(), &b, store.BackupOptions{Program: "test"}))
		for name, config := range empties(t) {
			if err := store.Restore(t.Context(), config, opened(t, b.Bytes())); err != nil {
				t.Fatalf("into %s: %v", name, err)
			}
			again := must[store.BackupManifest](t)(storetest.Open(t, config).Backup(t.Context(), io.Discard, store.BackupOptions{}))
			if again.Schema != manifest.Schema || len(again.Tables) != len(manifest.Tables) {
				t.Fatalf("%s: %+v", name, again)
			}
			for i, table := range again.Tables {
				if want := manifest.Tables[i]; table.SHA256 != want.SHA256 || table.Rows != want.Rows || table.Name != want.Name {
					t.Errorf("%s: table %s has %d rows with the sum %s, was %d with %s", name, table.Name, table.Rows, table.SHA256, want.Rows, want.SHA256)
				}
			}
		}
	})
}

func TestARestoredDatabaseIsUsable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := everything(t, s)
		all := collect(t, s, f.Wave.ID)
		var b bytes.Buffer
		must[store.BackupManifest](t)(s.Backup(t.Context(), &b, store.BackupOptions{}))
		for name, config := range empties(t) {
			if err := store.Restore(t.Context(), config, opened(t, b.Bytes())); err != nil {
				t.Fatalf("into %s: %v", name, err)
			}
			restored := storetest.Open(t, config)
			again := collect(t, restored, f.Wave.ID)
			if len(again) != len(all) || fmt.Sprintf("%+v", again[5]) != fmt.Sprintf("%+v", all[5]) {
				t.Errorf("%s: %d responses of %d", name, len(again), len(all))
			}
			outcomes := must[[]store.Outcome](t)(restored.SubmitBatch(t.Context(), []survey.Submission{f.Submission(700), f.Submission(9999)}))
			if !outcomes[0].Receipt.Again || outcomes[0].Err != nil || outcomes[1].Receipt.Again || outcomes[1].Err != nil {
				t.Errorf("%s: %+v", name, outcomes)
			}
			if sound := must[store.Soundness](t)(restored.Sound(t.Context())); sound != (store.Soundness{}) {
				t.Errorf("%s: %+v", name, sound)
			}
			if err := restored.Record(t.Context(), ada, store.Deed{Action: "test.done", Object: "x"}); err != nil {
				t.Errorf("%s: the audit log does not go on: %v", name, err)
			}
		}
	})
}

func TestABackupSeesOneMomentWhileAServiceGoesOn(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s, other := storetest.Open(t, config), storetest.Open(t, config)
		f := everything(t, s)
		n := 0
		var b bytes.Buffer
		manifest := must[store.BackupManifest](t)(s.Backup(t.Context(), &b, store.BackupOptions{Progress: func(table string, _ int64) {
			n++
			must[[]store.Outcome](t)(other.SubmitBatch(t.Context(), []survey.Submission{f.Submission(100_000 + n)}))
		}}))
		rows := map[string]int64{}
		for _, table := range manifest.Tables {
			rows[table.Name] = table.Rows
		}
		if n == 0 || rows["responses"] != 702 {
			t.Errorf("%d responses in the backup, want the 702 there were; %d came meanwhile", rows["responses"], n)
		}
		target := empties(t)["SQLite"]
		if err := store.Restore(t.Context(), target, opened(t, b.Bytes())); err != nil {
			t.Fatal(err)
		}
		if e := must[store.Edition](t)(storetest.Open(t, target).CountResponses(t.Context(), f.Wave.ID)); e.Responses != 702 {
			t.Errorf("the position says %d responses", e.Responses)
		}
	})
}

// rewritten is a backup with changed files: nil leaves one out.
func rewritten(t *testing.T, file []byte, change func(name string, content []byte) []byte) []byte {
	t.Helper()
	in := must[*zip.Reader](t)(zip.NewReader(bytes.NewReader(file), int64(len(file))))
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		content := change(f.Name, must[[]byte](t)(io.ReadAll(must[io.ReadCloser](t)(f.Open()))))
		if content != nil {
			must[int](t)(must[io.Writer](t)(out.Create(f.Name)).Write(content))
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestABackupThatCanNotBeTrustedIsRefusedInWords(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	everything(t, s)
	var b bytes.Buffer
	must[store.BackupManifest](t)(s.Backup(t.Context(), &b, store.BackupOptions{Program: "9.9"}))
	file := b.Bytes()
	flipped := bytes.Clone(file)
	flipped[len(flipped)/3] ^= 1
	replaced := func(part, old, new string) []byte {
		return rewritten(t, file, func(name string, content []byte) []byte {
			if strings.Contains(name, part) {
				return bytes.Replace(content, []byte(old), []byte(new), 1)
			}
			return content
		})
	}
	for name, c := range map[string]struct {
		file []byte
		kind survey.ErrorKind
		says string
	}{
		"an empty file":           {nil, survey.Invalid, "no backup"},
		"another file":            {[]byte(strings.Repeat("no zip ", 100)), survey.Invalid, "no backup"},
		"half a backup":           {file[:len(file)/2], survey.Invalid, "end is missing"},
		"a byte less":             {file[:len(file)-1], survey.Invalid, "is no backup"},
		"a bit that is another":   {flipped, survey.Invalid, "damaged"},
		"an answer that was made": {replaced("responses", `"manager"`, `"seller_"`), survey.Invalid, "is not what was written"},
		"a line less":             {replaced("-organizations.ndjson", "\n", ""), survey.Invalid, "damaged"},
		"a form of the future":    {replaced("manifest", `"format_version": 1`, `"format_version": 2`), survey.Conflict, "newer program (9.9"},
		"another zip file":        {replaced("manifest", "salesbench backup", "holiday pictures"), survey.Invalid, "does not say so"},
		"a manifest of nonsense":  {replaced("manifest", "{", "["), survey.Invalid, "does not say so"},
		"a table that is missing": {rewritten(t, file, func(name string, content []byte) []byte {
			if strings.Contains(name, "teams") {
				return nil
			}
			return content
		}), survey.Invalid, "does not name"},
		"no manifest": {rewritten(t, file, func(name string, content []byte) []byte {
			if strings.Contains(name, "manifest") {
				return nil
			}
			return content
		}), survey.Invalid, "has no manifest"},
	} {
		_, err := store.OpenBackup(t.Context(), bytes.NewReader(c.file), int64(len(c.file)), nil)
		if survey.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %s that says %q", name, err, c.kind, c.says)
		}
	}
}

// forged is a backup whose manifest and sums fit whatever was changed.
func forged(t *testing.T, file []byte, change func(m *store.BackupManifest), rows map[string]string) []byte {
	t.Helper()
	var m store.BackupManifest
	files := map[string][]byte{}
	rewritten(t, file, func(name string, content []byte) []byte {
		files[name] = content
		return content
	})
	if err := json.Unmarshal(files["manifest.json"], &m); err != nil {
		t.Fatal(err)
	}
	for i := range m.Tables {
		table := &m.Tables[i]
		if lines, ok := rows[table.Name]; ok {
			files[table.File] = []byte(lines)
			table.Rows, table.SHA256 = int64(strings.Count(lines, "\n")), hashOf([]byte(lines))
		}
	}
	change(&m)
	files["manifest.json"] = must[[]byte](t)(json.Marshal(m))
	return rewritten(t, file, func(name string, _ []byte) []byte { return files[name] })
}

func hashOf(content []byte) string { return strings.TrimPrefix(auth.DocumentHash(content), "sha256:") }

func TestWhatDoesNotFitIsNotRestoredInPart(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		everything(t, s)
		var b bytes.Buffer
		must[store.BackupManifest](t)(s.Backup(t.Context(), &b, store.BackupOptions{}))
		same := func(*store.BackupManifest) {}
		for name, c := range map[string]struct {
			file []byte
			kind survey.ErrorKind
			says string
		}{
			"a newer schema":   {forged(t, b.Bytes(), func(m *store.BackupManifest) { m.Schema = 999 }, nil), survey.Conflict, "newer program"},
			"an unknown table": {forged(t, b.Bytes(), func(m *store.BackupManifest) { m.Tables[0].Name = "sqlite_schema" }, nil), survey.Invalid, "does not know"},
			"a column more": {forged(t, b.Bytes(), func(m *store.BackupManifest) {
				m.Tables[2].Columns = append(m.Tables[2].Columns, store.BackupColumn{Name: "x"})
			}, nil), survey.Invalid, "other columns"},
			"a line that is no list":    {forged(t, b.Bytes(), same, map[string]string{"teams": "{}\n"}), survey.Invalid, "line 1"},
			"a value of another kind":   {forged(t, b.Bytes(), same, map[string]string{"wave_positions": "[\"" + nowhere + "\",\"x\",0,0,0]\n"}), survey.Invalid, "position"},
			"a value too few":           {forged(t, b.Bytes(), same, map[string]string{"teams": "[\"" + nowhere + "\"]\n"}), survey.Invalid, "line 1"},
			"a row that refers to none": {forged(t, b.Bytes(), same, map[string]string{"teams": "[\"" + nowhere + "\",\"" + nowhere + "\",\"North\"]\n"}), survey.Invalid, "does not exist"},
			"a value that is refused":   {forged(t, b.Bytes(), same, map[string]string{"studies": strings.Repeat("[\""+nowhere+"\",\"\",\"\",\"\",\"\",\"nobody\",\"\",\"2026-01-01T00:00:00Z\",\"\",\"\"]\n", 1)}), survey.Invalid, "outside"},
		} {
			targets := map[string]store.Config{"SQLite": storetest.SQLite(t), "PostgreSQL": storetest.Postgres(t)}
			if name == "a row that refers to none" { // the others are saved the time that making all tables takes
				targets = empties(t)
			}
			for target, config := range targets {
				err := store.Restore(t.Context(), config, opened(t, c.file))
				if survey.KindOf(err) != c.kind || err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s into %s: %v, want %s that says %q", name, target, err, c.kind, c.says)
				}
				config.Migrate = true
				if studies := must[[]survey.Study](t)(storetest.Open(t, config).Studies(t.Context())); len(studies) > 0 {
					t.Errorf("%s into %s: a part was restored", name, target)
				}
			}
		}
	})
}

func TestADatabaseThatIsNotEmptyIsNotTouched(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		everything(t, s)
		var b bytes.Buffer
		before := must[store.BackupManifest](t)(s.Backup(t.Context(), &b, store.BackupOptions{}))
		err := store.Restore(t.Context(), config, opened(t, b.Bytes()))
		if survey.KindOf(err) != survey.Conflict || !strings.Contains(err.Error(), "is not empty") {
			t.Errorf("%v", err)
		}
		after := must[store.BackupManifest](t)(s.Backup(t.Context(), io.Discard, store.BackupOptions{}))
		for i := range after.Tables {
			if after.Tables[i].SHA256 != before.Tables[i].SHA256 {
				t.Errorf("table %s was changed", after.Tables[i].Name)
			}
		}
	})
}

func TestADiskThatFillsUpEndsABackup(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	everything(t, s)
	if _, err := s.Backup(t.Context(), failing{}, store.BackupOptions{}); !errors.Is(err, errDisk) {
		t.Errorf("%v", err)
	}
}

var errDisk = errors.New("the disk is full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errDisk }

// TestEveryTableIsInABackupOrIsLeftOutForAReason fails for a new table until somebody
// has said where it belongs: to backupTables, behind the tables it refers to, or to
// leftOutTables.
func TestEveryTableIsInABackupOrIsLeftOutForAReason(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if _, err := s.Backup(t.Context(), io.Discard, store.BackupOptions{}); err != nil {
			t.Errorf("%v: name it in backup.go", err)
		}
	})
}
