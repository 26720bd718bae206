package survey_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/salesbench/salesbench/survey"
)

func TestSheetsSayWhatIsWrongWithThem(t *testing.T) {
	tests := []struct {
		name  string
		data  string
		wants string
	}{
		{"an empty file", "", "is empty"},
		{"a header alone", "key,name\n", "no rows"},
		{"semicolons", "key;name\na;b\n", "separated by commas"},
		{"tabs", "key\tname\na\tb\n", "separated by commas"},
		{"a missing column", "key,size\na,b\n", `lacks the column "name"`},
		{"an unknown column", "key,name,colour\na,b,c\n", `unknown column "colour"`},
		{"a column twice", "key,name,name\na,b,c\n", "twice"},
		{"a short row", "key,name\na,b\nc\n", "line 3"},
		{"an open quote", "key,name\na,\"b\n", "line 2"},
		{"Latin-1", "key,name\na,b\nc,M\xfcller\n", "line 3 is not UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := survey.ParseSheet("file.csv", []byte(test.data), []string{"key", "name"}, []string{"size"})
			if err == nil || !strings.Contains(err.Error(), test.wants) || !strings.Contains(err.Error(), "file.csv") {
				t.Errorf("got %v, want file.csv and %q", err, test.wants)
			}
		})
	}
}

func TestASheetIsReadByColumnNameWithItsLines(t *testing.T) {
	data := "\ufeffname, key\r\n\"Häberle,\nSöhne\",a\r\n  spaced  ,b\r\n"
	s, err := survey.ParseSheet("f", []byte(data), []string{"key", "name"}, []string{"size"})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rows) != 2 || s.Rows[0].Cell("name") != "Häberle,\nSöhne" || s.Rows[1].Cell("name") != "spaced" || s.Rows[1].Line != 4 {
		t.Errorf("%+v", s.Rows)
	}
}

func FuzzSheet(f *testing.F) {
	for _, seed := range []string{"key,name\na,b\n", "key;name\n", "\ufeffkey,name\n\"a\nb\",c", "key,name\n\xff", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := survey.ParseSheet("f", data, []string{"key", "name"}, []string{"size"})
		if err != nil {
			return
		}
		for _, row := range s.Rows {
			if row.Line < 2 || !utf8.ValidString(row.Cell("name")) {
				t.Errorf("row %+v", row)
			}
		}
	})
}
