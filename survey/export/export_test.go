package export

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// filled is a wave with n responses, among them every reason for a missing answer.
func filled(t testing.TB, s *store.Store, n int) storetest.Fieldwork {
	t.Helper()
	f := storetest.OpenWave(t, s)
	_, err := s.ImportResponses(t.Context(), f.Wave.ID, responses(f, n), nil)
	check(t, err)
	return f
}

func submitted(t testing.TB, s *store.Store, submission survey.Submission) survey.Receipt {
	t.Helper()
	outcomes, err := s.SubmitBatch(t.Context(), []survey.Submission{submission})
	check(t, err)
	check(t, outcomes[0].Err)
	return outcomes[0].Receipt
}

func responses(f storetest.Fieldwork, n int) iter.Seq2[store.ImportedResponse, error] {
	return func(yield func(store.ImportedResponse, error) bool) {
		for i := range n {
			r := f.Submission(i).Response
			for k := range r.Answers {
				if (i+k)%9 == 0 {
					r.Answers[k] = survey.Answer{State: survey.State((i + k) / 9 % int(survey.Valid))}
				}
			}
			r.Weight, r.SubmittedAt = 1+float64(i%4)/4, storetest.Now
			if !yield(store.ImportedResponse{Key: fmt.Sprintf("secret-key-%d", i), Response: &r}, nil) {
				return
			}
		}
	}
}

func written(t testing.TB, s *store.Store, wave survey.Wave, o Options) ([]byte, Summary) {
	t.Helper()
	w, err := Read(t.Context(), s, wave)
	check(t, err)
	var b bytes.Buffer
	summary, err := Write(t.Context(), &b, s, w, o)
	check(t, err)
	return b.Bytes(), summary
}

// table is a CSV file by column name.
func table(t testing.TB, file []byte) (map[string]int, [][]string) {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	check(t, err)
	columns := map[string]int{}
	for i, name := range lines[0] {
		if _, twice := columns[name]; twice {
			t.Fatalf("column %q comes twice", name)
		}
		columns[name] = i
	}
	return columns, lines[1:]
}

func TestACSVFileHasOneRowPerResponseWithCodesLabelsAndReasons(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := filled(t, s, 150)
		file, summary := written(t, s, f.Wave, Options{Format: CSV, Values: Both})
		columns, rows := table(t, file)
		if len(rows) != 150 || summary != (Summary{Responses: 150, Columns: len(columns)}) {
			t.Fatalf("%d rows, summary %+v", len(rows), summary)
		}
		i := 0
		check(t, s.EachResponse(t.Context(), f.Wave.ID, func(r *survey.Response) error {
			row := rows[i]
			i++
			if row[columns["response.id"]] != string(r.ID) || row[columns["organization.key"]] != "acme" || row[columns["response.role"]] != "manager" ||
				row[columns["response.submitted"]] != "2026-03-02T09:00:00Z" || row[columns["response.weight"]] != strconv.FormatFloat(r.Weight, 'f', -1, 64) {
				t.Fatalf("attributes of response %d: %v", i, row[:len(attributes)])
			}
			for _, field := range f.Instrument.Fields() {
				checkCell(t, f.Instrument, field, r.Answers[field.Index], func(name string) string { return row[columns[name]] })
			}
			if row[columns["seconds."+f.Instrument.Sections[1].Key]] != "30" || row[columns["seconds."+f.Instrument.Sections[2].Key]] != "" {
				t.Fatalf("seconds of response %d", i)
			}
			return nil
		}))
	})
}

func checkCell(t *testing.T, in *survey.Instrument, f survey.Field, a survey.Answer, cell func(column string) string) {
	t.Helper()
	got := cell(f.Key)
	want := map[survey.State]string{survey.NotShown: ".not_shown", survey.Skipped: ".skipped", survey.DontKnow: ".dont_know",
		survey.NotApplicable: ".not_applicable", survey.Refused: ".refused"}[a.State]
	switch {
	case f.Kind == survey.LongText:
		if strings.TrimPrefix(got, "'") != a.Text || cell(f.Key+".missing") != want {
			t.Fatalf("%s: %q and %q for %+v", f.Key, got, cell(f.Key+".missing"), a)
		}
	case a.State != survey.Valid:
		if got != want || f.Closed() && cell(f.Key+".label") != want {
			t.Fatalf("%s: %q for %+v", f.Key, got, a)
		}
	case f.Kind == survey.Likert:
		if got != strconv.Itoa(a.Code) || cell(f.Key+".label") == "" {
			t.Fatalf("%s: %q, %q for %+v", f.Key, got, cell(f.Key+".label"), a)
		}
	case f.Closed():
		option := f.Item.Options[a.Code-1]
		if got != option.Code || strings.TrimPrefix(cell(f.Key+".label"), "'") != option.Label.In("en") {
			t.Fatalf("%s: %q, %q for %+v", f.Key, got, cell(f.Key+".label"), a)
		}
	default:
		if v, err := strconv.ParseFloat(got, 64); err != nil || v != a.Number {
			t.Fatalf("%s: %q for %v", f.Key, got, a.Number)
		}
	}
}

// imports leaves out texts, whose reasons have a column of their own, and the parts
// of an allocation, since those of the sample do not add up.
func imports(f survey.Field) bool { return f.Kind != survey.LongText && f.Part == nil }

func TestAnExportCanBeImported(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	f := filled(t, s, 90)
	file, _ := written(t, s, f.Wave, Options{Format: CSV, Values: Codes})
	columns, _ := table(t, file)
	mapping := &survey.Mapping{Kind: survey.MapResponses, Organization: survey.NameMap{Columns: []string{"organization.name"}, Key: "{organization.key}"},
		Respondent: "response.id", Role: &survey.RoleMap{Column: "response.role"}, Weight: "response.weight", Missing: map[string]survey.State{}}
	for state := range survey.Valid {
		mapping.Missing[MissingCode(state)] = state
	}
	for name := range columns {
		if field, ok := f.Instrument.FieldByKey(name); ok && imports(field) {
			mapping.Items = append(mapping.Items, survey.ColumnGroup{Columns: []string{name}})
		} else if !slices.Contains([]string{"organization.name", "organization.key", "response.id", "response.role", "response.weight"}, name) {
			mapping.Ignore = append(mapping.Ignore, name)
		}
	}
	var kept []*survey.Response
	check(t, s.EachResponse(t.Context(), f.Wave.ID, func(r *survey.Response) error {
		kept = append(kept, r)
		return nil
	}))
	n := 0
	report, err := survey.ReadResponses(bytes.NewReader(file), mapping, f.Instrument, func(row survey.Row) error {
		want := kept[n]
		n++
		if row.Respondent != string(want.ID) || row.OrganizationKey != "acme" || row.Organization != "Acme" || row.Role != want.Role || row.Weight != want.Weight {
			t.Fatalf("row %d came back as %+v", n, row)
		}
		for _, field := range f.Instrument.Fields() {
			if field.Key == f.Instrument.RoleItem {
				continue // the import sets it to the role
			}
			if got := row.Answers[field.Index]; imports(field) && got != want.Answers[field.Index] {
				t.Fatalf("row %d, %s: %+v came back as %+v", n, field.Key, want.Answers[field.Index], got)
			}
		}
		return nil
	})
	if err != nil || len(report.Refusals) > 0 || n != len(kept) {
		t.Fatalf("%d of %d rows, %v, %+v", n, len(kept), err, report.Refusals)
	}
}

func TestAnExportNamesNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		invitation, _ := f.Invite(t, s, "jane.doe@example.org")
		submission := f.Submission(1)
		submission.Key, submission.InvitationID = "secret-key", invitation.ID
		receipt := submitted(t, s, submission)
		for _, format := range []Format{CSV, XLSX} {
			file, _ := written(t, s, f.Wave, Options{Format: format, Values: Both})
			text := string(file)
			if format == XLSX {
				text = fmt.Sprint(read(t, file, "data"), read(t, file, "labels"), read(t, file, "codebook"))
			}
			for _, secret := range []string{"jane.doe", "secret-key", receipt.Code, string(invitation.ID)} {
				if strings.Contains(text, secret) {
					t.Errorf("the %s holds %q", format, secret)
				}
			}
			if !strings.Contains(text, string(receipt.ResponseID)) {
				t.Errorf("the %s does not hold the response", format)
			}
		}
	})
}

func TestAWaveWithoutResponsesIsAHeader(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		file, summary := written(t, s, f.Wave, Options{Format: CSV, Values: Labels})
		if columns, rows := table(t, file); len(rows) != 0 || len(columns) != summary.Columns || summary.Responses != 0 {
			t.Errorf("%d rows of %d columns, %+v", len(rows), len(columns), summary)
		}
		book, _ := written(t, s, f.Wave, Options{Format: XLSX, Values: Both})
		if rows := read(t, book, "data"); len(rows) != 1 {
			t.Errorf("%d rows", len(rows))
		}
	})
}

func TestWrongOptionsAreRefusedBeforeAnythingIsWritten(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	w, err := Read(t.Context(), s, filled(t, s, 1).Wave)
	check(t, err)
	for _, o := range []Options{{}, {Format: CSV}, {Format: "ods", Values: Both}, {Format: CSV, Values: "words"}, {Format: XLSX, Values: Both, Language: "tlh"}} {
		var b bytes.Buffer
		if _, err := Write(t.Context(), &b, s, w, o); survey.KindOf(err) != survey.Invalid || b.Len() > 0 {
			t.Errorf("%+v: %v, %d bytes", o, err, b.Len())
		}
	}
}

var errFull = errors.New("the disk is full")

type fullDisk struct{ room int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestAFullDiskEndsAnExport(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	w, err := Read(t.Context(), s, filled(t, s, 500).Wave)
	check(t, err)
	for _, format := range []Format{CSV, XLSX} {
		if _, err := Write(t.Context(), &fullDisk{20_000}, s, w, Options{Format: format, Values: Both}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestAnExportThatNobodyWaitsForEnds(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	w, err := Read(t.Context(), s, filled(t, s, 10).Wave)
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Write(ctx, io.Discard, s, w, Options{Format: CSV, Values: Both}); err == nil {
		t.Error("a cancelled export was written")
	}
}

// liveHeap is the heap once the readers have read as far ahead as they may and wait.
// Before, what they have just dropped would count, by how fast the machine is.
func liveHeap() uint64 {
	var m runtime.MemStats
	for before := uint64(math.MaxUint64); ; before = m.HeapAlloc {
		runtime.GC()
		runtime.ReadMemStats(&m)
		if max(before, m.HeapAlloc)-min(before, m.HeapAlloc) < 64<<10 {
			return m.HeapAlloc
		}
	}
}

// peak is the live heap at its largest while n responses are written.
func peak(t *testing.T, s *store.Store, f storetest.Fieldwork, o Options) (heap uint64, size int64) {
	t.Helper()
	w, err := Read(t.Context(), s, f.Wave)
	check(t, err)
	o.Progress = func(int64) { heap = max(heap, liveHeap()) }
	counted := &counter{}
	_, err = Write(t.Context(), counted, s, w, o)
	check(t, err)
	return heap, counted.n
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// Watched by the race detector it takes minutes, and the heap is another one: the test
// command runs it once more without.
func TestALongExportStaysSmallInMemory(t *testing.T) {
	if raceDetector {
		return
	}
	s := storetest.Open(t, storetest.SQLite(t))
	f := filled(t, s, 70_000)
	heap, size := peak(t, s, f, Options{Format: CSV, Values: Both})
	if size < 90<<20 || heap > 50<<20 { // some parts of 4,096 rows are on their way
		t.Errorf("%d MB of heap while %d MB of CSV were written, want at most 50 for more than 90", heap>>20, size>>20)
	}
	if heap, size = peak(t, s, f, Options{Format: XLSX, Values: Codes}); heap > 110<<20 {
		t.Errorf("%d MB of heap while %d MB of XLSX were written, want at most 110", heap>>20, size>>20)
	}
}
