package export

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"github.com/xuri/excelize/v2"
)

// read opens the workbook again and returns the rows of a sheet.
func read(t testing.TB, file []byte, sheet string) [][]string {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(file))
	check(t, err)
	defer func() { check(t, book.Close()) }()
	rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
	check(t, err)
	return rows
}

// padded undoes what GetRows does: it drops empty cells at the end.
func padded(row []string, n int) []string {
	return append(row, make([]string, n-len(row))...)
}

func TestAWorkbookHoldsTheSameAsTheCSVFiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := filled(t, s, 120)
		book, summary := written(t, s, f.Wave, Options{Format: XLSX, Values: Both})
		for sheet, values := range map[string]Values{"data": Codes, "labels": Labels} {
			file, _ := written(t, s, f.Wave, Options{Format: CSV, Values: values})
			columns, rows := table(t, file)
			got := read(t, book, sheet)
			if len(got) != len(rows)+1 || len(got[0]) != len(columns) || summary.Responses != 120 {
				t.Fatalf("%s: %d rows of %d columns, want %d of %d", sheet, len(got)-1, len(got[0]), len(rows), len(columns))
			}
			for i, row := range rows {
				line := padded(got[i+1], len(columns))
				for name, at := range columns {
					if line[at] != strings.TrimPrefix(row[at], "'") || got[0][at] != name {
						t.Fatalf("%s, row %d, %s: %q in the workbook, %q in CSV", sheet, i, name, line[at], row[at])
					}
				}
			}
		}
	})
}

func TestTheCodebookCountsWhatTheDataHold(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	f := filled(t, s, 137)
	book, _ := written(t, s, f.Wave, Options{Format: XLSX, Values: Both})
	data, codebook := read(t, book, "data"), read(t, book, "codebook")
	counted := map[[2]string]int{}
	for _, row := range data[1:] {
		for at, cell := range padded(row, len(data[0])) {
			counted[[2]string{data[0][at], cell}]++
		}
	}
	explained, codes := map[string]bool{}, map[[2]string]bool{}
	for _, line := range codebook[1:] {
		line = padded(line, len(codebookHeader))
		column, about, code, n := line[0], line[2], line[5], line[7]
		explained[column] = true
		field, _ := f.Instrument.FieldByKey(column)
		if n == "" || about != "code" && about != "missing" {
			continue
		}
		if field.Kind == survey.LongText {
			column += ".missing"
		}
		codes[[2]string{column, code}] = true
		if want := fmt.Sprint(counted[[2]string{column, code}]); n != want {
			t.Errorf("%s, %s: the codebook counts %s, the data hold %s", column, code, n, want)
		}
	}
	for _, name := range data[0] {
		if !explained[strings.TrimSuffix(name, ".missing")] {
			t.Errorf("the codebook does not explain %s", name)
		}
		if field, ok := f.Instrument.FieldByKey(name); ok && field.Closed() {
			for _, row := range data[1:] {
				if cell := padded(row, len(data[0]))[indexOf(data[0], name)]; !codes[[2]string{name, cell}] {
					t.Fatalf("the codebook has no line for %s = %s", name, cell)
				}
			}
		}
	}
}

func indexOf(list []string, name string) int {
	for i, n := range list {
		if n == name {
			return i
		}
	}
	return -1
}

func TestTheCodebookHasTheWordingOfEachRole(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	f := filled(t, s, 1)
	book, _ := written(t, s, f.Wave, Options{Format: XLSX, Values: Codes})
	said := map[string]bool{}
	for _, line := range read(t, book, "codebook") {
		line = padded(line, len(codebookHeader))
		said[strings.Join(line[:1], "")+"|"+line[3]+"|"+line[4]+"|"+line[6]] = true
	}
	for _, field := range f.Instrument.Fields() {
		texts := field.Item.Texts
		if field.Part != nil {
			texts = field.Part.Texts
		}
		for role, text := range texts {
			for language, words := range text {
				if !said[field.Key+"|"+role+"|"+language+"|"+words] {
					t.Errorf("%s for %s in %s is missing", field.Key, role, language)
				}
			}
		}
	}
}

// hostile are texts that somebody types to harm whoever opens the file.
var hostile = []string{
	"=HYPERLINK(\"http://evil.example\",\"click\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1+1", "＝1+1", "'quoted", "\"", "a,b;c\r\nd", " leading", "_x0041_",
	"</t></is></c><c><f>1+1</f></c>", "\x01\x1f control", "\ufffe\uffff", "‮gnp.exe", "𝒳 astral", "NULL", ".skipped", strings.Repeat("x", 32_767), "NaN", "1e5", "2026-01-01", "]]>",
}

func TestHostileTextsStayTexts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		_, err := s.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: "acme", Name: "=cmd|' /C calc'!A0"})
		check(t, err)
		text := f.Instrument.Fields()[f.Instrument.TextFields()[0]]
		for i, words := range hostile {
			submission := f.Submission(i)
			submission.Response.Answers[text.Index] = survey.Answer{State: survey.Valid, Text: words}
			submitted(t, s, submission)
		}
		file, _ := written(t, s, f.Wave, Options{Format: CSV, Values: Both})
		columns, rows := table(t, file)
		book, _ := written(t, s, f.Wave, Options{Format: XLSX, Values: Codes})
		sheet := read(t, book, "data")
		for i, words := range hostile {
			cell := rows[i][columns[text.Key]]
			if strings.TrimPrefix(cell, "'") != strings.ReplaceAll(strings.TrimPrefix(words, "'"), "\r\n", "\n") { // encoding/csv reads CR LF as LF
				t.Errorf("%q came back from CSV as %q", words, cell)
			}
			if strings.ContainsAny(strings.TrimLeft(cell, " ")[:1], "=+-@\t＝") {
				t.Errorf("CSV has a formula: %q", cell)
			}
			if rows[i][columns["organization.name"]][0] != '\'' {
				t.Errorf("the name of an organization is a formula: %q", rows[i][columns["organization.name"]])
			}
			if got := sheet[i+1][indexOf(sheet[0], text.Key)]; got != readable(words) {
				t.Errorf("%q came back from XLSX as %q", words, got)
			}
		}
		noFormulas(t, book)
	})
}

// readable is a text without what XML can not hold at all.
func readable(text string) string {
	return strings.NewReplacer("\x01", "\ufffd", "\x1f", "\ufffd", "\ufffe", "\ufffd", "\uffff", "\ufffd").Replace(text)
}

// noFormulas looks for formulas, links and macros in all parts of the workbook.
func noFormulas(t *testing.T, book []byte) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	check(t, err)
	for _, part := range archive.File {
		r, err := part.Open()
		check(t, err)
		content, err := io.ReadAll(r)
		check(t, err)
		if bytes.Contains(content, []byte("<f>")) || bytes.Contains(content, []byte("<f ")) || bytes.Contains(content, []byte("<hyperlink")) ||
			strings.Contains(part.Name, "vba") || strings.Contains(part.Name, "externalLink") {
			t.Errorf("%s has a formula, a link or a macro", part.Name)
		}
	}
}

func TestATextThatIsTooLongForACellIsCutAndCounted(t *testing.T) {
	for _, test := range []struct {
		text string
		cut  bool
	}{{strings.Repeat("ä", cellUnits), false}, {strings.Repeat("ä", cellUnits+1), true}, {strings.Repeat("𝒳", cellUnits/2), false}, {strings.Repeat("𝒳", cellUnits/2+1), true}} {
		got, cut := fitting(test.text)
		if cut != test.cut || len(utf16.Encode([]rune(got))) > cellUnits || !strings.HasPrefix(test.text, got) || !cut && got != test.text {
			t.Errorf("%d bytes: %d are left, cut: %t", len(test.text), len(got), cut)
		}
	}
}

// wide is a wave of a questionnaire with 300 items.
func wide(t *testing.T, s *store.Store, items int) survey.Wave {
	t.Helper()
	type text = map[string]string
	var sections []any
	for from := 0; from < items; from += 10 {
		var list []any
		for i := range 10 {
			list = append(list, map[string]any{"key": fmt.Sprintf("q%d", from+i), "kind": "likert", "block": "practice", "scale": "s", "label": text{"en": "You"}, "texts": map[string]text{"*": {"en": "Do you?"}}})
		}
		sections = append(sections, map[string]any{"key": fmt.Sprintf("page%d", from), "title": text{"en": "Page"}, "items": list})
	}
	document, err := json.Marshal(map[string]any{"key": "wide", "version": 1, "title": text{"en": "Wide"}, "languages": []string{"en"},
		"scales":   []any{map[string]any{"key": "s", "top_box": 2, "points": []any{map[string]any{"value": 1, "label": text{"en": "No"}}, map[string]any{"value": 2, "label": text{"en": "2"}}, map[string]any{"value": 3, "label": text{"en": "Yes"}}}}},
		"sections": sections})
	check(t, err)
	hash, err := s.PutInstrument(t.Context(), document)
	check(t, err)
	study, err := s.PutStudy(t.Context(), survey.Study{Key: "wide", Title: "Wide", Purpose: "To learn.", Contact: "research@example.org"})
	check(t, err)
	wave, err := s.PutWave(t.Context(), survey.Wave{StudyID: study.ID, Key: "wide", Title: "Wide", InstrumentHash: hash, OpensAt: storetest.Now.Add(-time.Hour)})
	check(t, err)
	organization, err := s.PutOrganization(t.Context(), survey.Organization{StudyID: study.ID, Key: "acme", Name: "Acme"})
	check(t, err)
	answers := make(survey.Answers, items)
	for i := range answers {
		answers[i] = survey.Answer{State: survey.Valid, Code: 1 + i%3}
	}
	submitted(t, s, survey.Submission{Key: "one", Response: survey.Response{WaveID: wave.ID, OrganizationID: organization.ID, Language: "en", Answers: answers, StartedAt: storetest.Now}})
	return wave
}

func TestAQuestionnaireOfThreeHundredItemsIsExported(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		wave := wide(t, s, 300)
		file, _ := written(t, s, wave, Options{Format: CSV, Values: Both})
		columns, rows := table(t, file)
		if rows[0][columns["q299"]] != "3" || rows[0][columns["q299.label"]] != "Yes" || rows[0][columns["q298.label"]] != "2" {
			t.Errorf("the last item is %q, %q", rows[0][columns["q299"]], rows[0][columns["q299.label"]])
		}
		book, summary := written(t, s, wave, Options{Format: XLSX, Values: Both})
		if rows := read(t, book, "labels"); summary.Columns != len(attributes)+300+30 || len(rows) != 2 {
			t.Errorf("%+v, %d rows", summary, len(rows))
		}
	})
}
