package analysis

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

var plain = Columns{Group: []string{"team"}, Items: []string{"q*"}, Min: 1, Max: 5}

func read(t *testing.T, file string, c Columns) *Table {
	t.Helper()
	table, err := Read(strings.NewReader(file), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestReadTakesTheUsualShapesOfACell(t *testing.T) {
	for name, file := range map[string]string{
		"comma":           "team,q1,q2\na,1,5\nb,2,\nb,3,NA\n",
		"semicolon":       "team;q1;q2\na;1;5\nb;2;\nb;3;NA\n",
		"tab":             "team\tq1\tq2\na\t1\t5\nb\t2\t\nb\t3\tNA\n",
		"windows lines":   "team,q1,q2\r\na,1,5\r\nb,2,\r\nb,3,NA\r\n",
		"no last newline": "team,q1,q2\na,1,5\nb,2,\nb,3,NA",
		"byte order mark": "\ufeffteam,q1,q2\na,1,5\nb,2,\nb,3,NA\n",
		"quoted":          "\"team\",\"q1\",\"q2\"\n\"a\",\"1\",\"5\"\n\"b\",\"2\",\"\"\n\"b\",\"3\",\"NA\"\n",
		"decimals":        "team,q1,q2\na,1.0,5.0\nb,2.0,NaN\nb,3,.\n",
		"other columns":   "id,team,note,q1,q2\n1,a,\"x, \"\"y\"\"\nz\",1,5\n2,b,,2,\n3,b,,3,NA\n",
		"empty lines":     "team,q1,q2\n\na,1,5\n\nb,2,\nb,3,NA\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			table := read(t, file, plain)
			if !slices.Equal(table.Answers[0], []uint8{1, 2, 3}) || !slices.Equal(table.Answers[1], []uint8{5, 0, 0}) {
				t.Errorf("answers %v, want [1 2 3] and [5 0 0]", table.Answers)
			}
			if !slices.Equal(table.Organizations, []string{"a", "b"}) || !slices.Equal(table.Org, []int32{0, 1, 1}) {
				t.Errorf("organizations %v %v", table.Organizations, table.Org)
			}
			if table.MissingCells != 2 {
				t.Errorf("missing cells %d, want 2", table.MissingCells)
			}
		})
	}
}

func TestReadRecodesReverseItemsAndShiftsTheScale(t *testing.T) {
	c := Columns{Group: []string{"g"}, Items: []string{"a", "b"}, Reverse: []string{"b"}, Min: 0, Max: 4}
	table := read(t, "g,a,b\nx,0,0\nx,4,1\nx,,\n", c)
	if !slices.Equal(table.Answers[0], []uint8{1, 5, 0}) || !slices.Equal(table.Answers[1], []uint8{5, 4, 0}) {
		t.Errorf("got %v", table.Answers)
	}
}

func TestReadJoinsGroupColumnsAndKeepsRolesOutcomesAndWeights(t *testing.T) {
	c := Columns{Group: []string{"g", "h"}, Items: []string{"a"}, Role: "r", Outcome: "y", Weight: "w", Min: 1, Max: 7}
	table := read(t, "g;h;a;r;y;w\n1;10;7;boss;1,5;2\n1;9;6;;;\n;9;6;seller;2;1\n1;9;6;seller;-3;0,5\n", c)
	if !slices.Equal(table.Organizations, []string{"1 / 10", "1 / 9"}) || table.NoGroup != 1 {
		t.Errorf("organizations %v, without %d", table.Organizations, table.NoGroup)
	}
	if !slices.Equal(table.Roles, []string{"boss", "seller"}) || !slices.Equal(table.Role, []int32{0, -1, 1}) {
		t.Errorf("roles %v %v", table.Roles, table.Role)
	}
	if table.Outcome[0] != 1.5 || table.Outcome[1] == table.Outcome[1] || table.Outcome[2] != -3 {
		t.Errorf("outcome %v", table.Outcome)
	}
	if !slices.Equal(table.Weight, []float64{2, 0, .5}) {
		t.Errorf("weight %v", table.Weight)
	}
}

func TestReadRefusesInWords(t *testing.T) {
	with := func(change func(*Columns)) Columns {
		c := plain
		change(&c)
		return c
	}
	for name, tc := range map[string]struct {
		file string
		c    Columns
		want string
	}{
		"empty file":        {"", plain, "the file is empty"},
		"only a header":     {"team,q1\n", plain, "no row with an organization"},
		"text in an item":   {"team,q1\na,1\nb,often\n", plain, `row 2 (line 3), column "q1": "often" is not a number`},
		"outside the scale": {"team,q1\na,6\n", plain, `row 1 (line 2), column "q1": "6" lies outside the scale 1 to 5`},
		"half a point":      {"team,q1\na,1.5\n", plain, "lies outside the scale"},
		"too many cells":    {"team,q1\na,1,2\n", plain, "more cells than the 2 columns"},
		"too few cells":     {"team,q1,q2\na,1\n", plain, "ends here, after 2 of 3 cells"},
		"unknown group":     {"firm,q1\na,1\n", plain, `--group names the column "team"`},
		"no such prefix":    {"team,x1\na,1\n", plain, "--items q* matches no free column"},
		"column twice":      {"team,q1,q1\na,1,1\n", plain, `the column name "q1" twice`},
		"used twice":        {"team,q1\na,1\n", with(func(c *Columns) { c.Role = "team" }), "which another option uses already"},
		"unknown reverse":   {"team,q1\na,1\n", with(func(c *Columns) { c.Reverse = []string{"z"} }), `--reverse names "z"`},
		"no scale":          {"team,q1\na,1\n", with(func(c *Columns) { c.Max = 1 }), "scale 1:1 has 1 points"},
		"negative weight":   {"team,q1,w\na,1,-1\n", with(func(c *Columns) { c.Weight = "w" }), "is no weight"},
		"text as outcome":   {"team,q1,y\na,1,good\n", with(func(c *Columns) { c.Outcome = "y" }), `"good" is not a number`},
		"UTF-16":            {"\xff\xfet\x00", plain, "UTF-16"},
		"latin-1 group":     {"team,q1\nK\xf6ln,1\n", plain, "not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(strings.NewReader(tc.file), tc.c, nil)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want it to say %q", err, tc.want)
			}
		})
	}
}

func TestReadNamesTheRowAcrossBlocksAndCountsTheRest(t *testing.T) {
	var file strings.Builder
	file.WriteString("team,q1,pad\n")
	pad := strings.Repeat("x", 200)
	for i := range 60_000 {
		answer := "3"
		if i%10_000 == 9_999 {
			answer = "9"
		}
		fmt.Fprintf(&file, "%d,%s,\"%s\n\"\n", i%7, answer, pad)
	}
	_, err := Read(strings.NewReader(file.String()), plain, nil)
	for _, want := range []string{"6 cells", "row 10000 ", "row 50000 ", "and 1 more"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
}

func TestRowOrderOnlyChangesTheOrderOfRows(t *testing.T) {
	table := read(t, "team,q1\n10,1\n9,2\nz,3\n2,4\n", plain)
	if want := []string{"2", "9", "10", "z"}; !slices.Equal(table.Organizations, want) {
		t.Errorf("organizations %v, want %v", table.Organizations, want)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"team,q1,q2\na,1,5\n", "\"team\";q1\n\"a\"\"b\";3", "team,q1\n\"", "\ufeffteam\tq1\n\t\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := Read(strings.NewReader(string(file)), plain, nil)
		if err != nil {
			return
		}
		for k, column := range table.Answers {
			if len(column) != table.Rows {
				t.Fatalf("item %d has %d answers in %d rows", k, len(column), table.Rows)
			}
			for _, v := range column {
				if v > 5 {
					t.Fatalf("answer %d", v)
				}
			}
		}
	})
}
