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
			s, err := survey.ParseSheet("file.csv", []byte(test.data), []string{"key", "name"}, []string{"size"})
			if err == nil {
				err = survey.NewComplaints(s).Err()
			}
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

// TestAllMistakesOfAFileAreToldAtOnceInTheOrderOfLines has every kind of mistake in one
// file: of the header, of the form of rows, of values, and of rows beside each other.
func TestAllMistakesOfAFileAreToldAtOnceInTheOrderOfLines(t *testing.T) {
	data := "key,name,colour,key\na,A,red,a\nB,\"two\nlines\",red,b\nshort\na,A again,red,a\nc,,red,c\nd,\"D\"x,red,d\ne,E,red,e\n"
	s, err := survey.ParseSheet("f", []byte(data), survey.OrganizationColumns, survey.OrganizationExtraColumns)
	if err != nil {
		t.Fatal(err)
	}
	_, wrong := survey.ReadOrganizations(s, nil)
	want := []string{"line 1, colour: has the unknown column", "line 1, key: names the column", `line 3, key: "B" must be small letters`, "line 3, name: has a line break",
		"line 5: has 1 cell where the header has 4", `line 6, key: "a" stands in line 2 already`, "line 7, name: is empty", "line 8: a quotation mark"}
	lines := wrong.Lines()
	if len(lines) != len(want) {
		t.Fatalf("%d complaints, want %d:\n%s", len(lines), len(want), strings.Join(lines, "\n"))
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, "f: "+want[i]) {
			t.Errorf("complaint %d is %q, want %q", i+1, line, want[i])
		}
	}
}

func TestAColumnThatLacksIsToldOnceAndTheOthersAreStillLookedAt(t *testing.T) {
	s, err := survey.ParseSheet("f", []byte("name\nA\n\"\"\nC\n"), survey.OrganizationColumns, survey.OrganizationExtraColumns)
	if err != nil {
		t.Fatal(err)
	}
	_, wrong := survey.ReadOrganizations(s, nil)
	if got := strings.Join(wrong.Lines(), "\n"); got != "f: line 1, key: lacks the column \"key\"\nf: line 3, name: is empty" {
		t.Errorf("got\n%s", got)
	}
}

func TestVeryManyMistakesAreCountedByKind(t *testing.T) {
	var b strings.Builder
	b.WriteString("key,name\n")
	for i := range 5000 {
		if i%2 == 0 {
			b.WriteString("UPPER,\n")
		} else {
			b.WriteString("short\n")
		}
	}
	s, err := survey.ParseSheet("f", []byte(b.String()), survey.OrganizationColumns, survey.OrganizationExtraColumns)
	if err != nil {
		t.Fatal(err)
	}
	_, wrong := survey.ReadOrganizations(s, nil)
	if len(wrong.List) != survey.MostComplaints || wrong.Total() != 7500 {
		t.Fatalf("%d are listed of %d", len(wrong.List), wrong.Total())
	}
	for i := range wrong.List[1:] {
		if wrong.List[i].Line > wrong.List[i+1].Line || wrong.List[i+1].Line > 70 {
			t.Fatalf("line %d follows line %d", wrong.List[i+1].Line, wrong.List[i].Line)
		}
	}
	kinds := wrong.Kinds()
	if len(kinds) != 3 || kinds[0].Count != 2500 {
		t.Errorf("kinds %+v", kinds)
	}
	if text := strings.Join(wrong.Lines(), "\n"); !strings.Contains(text, "and 7,400 more") || !strings.Contains(text, "2,500 times name: is empty") {
		t.Errorf("got\n%s", text)
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

func TestAllComplaintsAreKeptInTheOrderOfLines(t *testing.T) {
	c := &survey.Complaints{}
	for line := 1000; line > 0; line-- {
		c.AddFault(line, survey.Saying("", "is wrong"))
		c.AddFault(line, survey.Saying("", "is wrong again"))
	}
	all := c.All()
	if c.Total() != 2000 || len(c.List) != survey.MostComplaints || len(all) != 2000 || c.List[0].Line != 1 {
		t.Fatalf("%d in all, %d listed, %d kept", c.Total(), len(c.List), len(all))
	}
	for i, one := range all {
		if one.Line != i/2+1 {
			t.Fatalf("complaint %d is about line %d", i, one.Line)
		}
	}
}
