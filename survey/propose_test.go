package survey

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

func TestProposedDocumentsReadTheFileTheyWereMadeFrom(t *testing.T) {
	const file = "firm;Q 1;Q 2;note\nAcme;0;4;x\nAcme;;3;y\nBolt;2;1;z\n"
	header, delimiter, err := ReadHeader(strings.NewReader(file))
	if err != nil || delimiter != ';' || !slices.Equal(header, []string{"firm", "Q 1", "Q 2", "note"}) {
		t.Fatalf("header %v, delimiter %q, %v", header, delimiter, err)
	}
	inst, mapping, err := Propose(header, delimiter, ProposalOptions{
		Key: "own", Title: "Own file", Kind: MapResponses, Group: []string{"firm"}, Items: []string{"Q*"}, Min: 0, Max: 4,
	})
	if err != nil {
		t.Fatal(err)
	}
	inst, mapping = reread(t, inst, mapping)
	var codes []int
	report, err := ReadResponses(strings.NewReader(file), mapping, inst, func(row Row) error {
		for _, a := range row.Answers {
			codes = append(codes, a.Code)
		}
		return nil
	})
	if err != nil || report.Refused != 0 || report.Taken != 3 {
		t.Fatalf("report %+v, %v", report, err)
	}
	if want := []int{1, 5, 0, 4, 3, 2}; !slices.Equal(codes, want) {
		t.Errorf("codes %v, want %v", codes, want)
	}
	if findings := Lint(inst, nil); len(findings) > 0 {
		t.Errorf("lint finds %v", findings)
	}
}

// reread sends both documents through their strict parsers.
func reread(t *testing.T, inst *Instrument, mapping *Mapping) (*Instrument, *Mapping) {
	t.Helper()
	text, err := json.Marshal(inst)
	if err != nil {
		t.Fatal(err)
	}
	if inst, err = ParseInstrument(text); err != nil {
		t.Fatal(err)
	}
	if text, err = json.Marshal(mapping); err != nil {
		t.Fatal(err)
	}
	if mapping, err = ParseMapping(text); err != nil {
		t.Fatal(err)
	}
	return inst, mapping
}

func TestProposedKeysAreUniqueAndPlain(t *testing.T) {
	got := fieldKeys([]string{"Q1", "Q 1", "Q-1", "1st", "study_x", "é"})
	want := []string{"Q1", "Q_1", "Q_1_2", "item_1st", "item_study_x", "_"}
	if !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
}

func TestProposeRefusesInWords(t *testing.T) {
	header := []string{"firm", "q1"}
	for name, tc := range map[string]struct {
		o    ProposalOptions
		want string
	}{
		"unknown group": {ProposalOptions{Kind: MapResponses, Group: []string{"team"}, Items: []string{"q*"}, Min: 1, Max: 5}, `no column "team"`},
		"no items":      {ProposalOptions{Kind: MapResponses, Group: []string{"firm"}, Items: []string{"x*"}, Min: 1, Max: 5}, `"x*" matches no further column`},
		"no id":         {ProposalOptions{Kind: MapResponses, Group: []string{"firm"}, Items: []string{"q*"}, Respondent: "id", Min: 1, Max: 5}, `no column "id"`},
		"id is an item": {ProposalOptions{Kind: MapResponses, Group: []string{"firm"}, Items: []string{"q1"}, Respondent: "q1", Min: 1, Max: 5}, "matches no further column"},
		"no scale":      {ProposalOptions{Kind: MapResponses, Group: []string{"firm"}, Items: []string{"q*"}}, "no two points"},
	} {
		if _, _, err := Propose(header, ',', tc.o); KindOf(err) != Invalid || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

func TestAnIDColumnIsTakenOrSuggested(t *testing.T) {
	header := []string{"firm", "q1", "q2", "Respondent ID", "w", "note", "note", ""}
	o := ProposalOptions{Key: "own", Title: "Own", Kind: MapResponses, Group: []string{"firm"}, Items: []string{"q*"}, Min: 1, Max: 5}
	_, mapping, err := Propose(header, ',', o)
	if err != nil || !slices.Equal(mapping.Ignore, []string{"Respondent ID", "w", "note"}) || SuggestRespondent(mapping.Ignore) != "Respondent ID" {
		t.Errorf("ignored %q, suggested %q, %v", mapping.Ignore, SuggestRespondent(mapping.Ignore), err)
	}
	o.Respondent, o.Weight, o.Team = "Respondent ID", "w", "note"
	if _, _, err := Propose(header, ',', o); KindOf(err) != Invalid || !strings.Contains(err.Error(), `"note": the header names this column twice`) {
		t.Errorf("a used column that comes twice: %v", err)
	}
	o.Team = ""
	inst, mapping, err := Propose(header, ',', o)
	if err != nil || mapping.Respondent != "Respondent ID" || mapping.Weight != "w" || SuggestRespondent(mapping.Ignore) != "" {
		t.Fatalf("%+v, %v", mapping, err)
	}
	inst, mapping = reread(t, inst, mapping)
	const rows = "firm,q1,q2,Respondent ID,w,note,note,\nA,1,2,p1,1,,,\nA,3,4,p1,1,,,\n"
	if _, report, err := readRows(t, inst, mapping, rows); err != nil || report.Taken != 1 || report.Counts[RefusedDuplicate] != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestRolesComeFromTheirColumn(t *testing.T) {
	const rows = "firm,job,q1,q2\nA,Sales Rep,1,2\nA,7,3,4\nB,,5,5\nB,sales-rep,5,5\nB,Sales Rep,5,5\n"
	roles, err := ReadValues(strings.NewReader(rows), ',', "job")
	if err != nil || !slices.Equal(roles, []string{"Sales Rep", "7", "sales-rep"}) {
		t.Fatalf("%q, %v", roles, err)
	}
	inst, mapping, err := Propose([]string{"firm", "job", "q1", "q2"}, ',', ProposalOptions{Key: "own", Title: "Own", Kind: MapResponses,
		Group: []string{"firm"}, Items: []string{"q*"}, Min: 1, Max: 5, Role: "job", Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	inst, mapping = reread(t, inst, mapping)
	taken, report, err := readRows(t, inst, mapping, rows)
	if err != nil || len(taken) != 4 || report.Counts[RefusedRole] != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	for i, want := range []string{"sales_rep", "role_7", "sales_rep_2", "sales_rep"} {
		if role, ok := inst.RoleByKey(taken[i].Role); taken[i].Role != want || !ok || role.Label.In("en") == "" {
			t.Errorf("row %d: role %q, want %q", i, taken[i].Role, want)
		}
	}
}

func TestAColumnThatHoldsNoRolesIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"it does not exist": {"firm,q1\nA,1\n", "no such column"},
		"it is empty":       {"firm,job\nA,\n", `column "job" is empty`},
		"it holds ids":      {"firm,job\n" + manyOf("A,%s\n", maxRoles+1), "more than 50 different cells"},
		"no rows":           {"firm,job\n", "no row below the header"},
	} {
		if _, err := ReadValues(strings.NewReader(c.data), ',', "job"); KindOf(err) != Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestSuggestedIDsAreNamedLikeIDs(t *testing.T) {
	for column, want := range map[string]bool{"id": true, "Person": true, "TOKEN": true, "respondent_id": true, "width": false, "paid": false, "q1": false} {
		if got := SuggestRespondent([]string{column}) == column; got != want {
			t.Errorf("%s: %v, want %v", column, got, want)
		}
	}
}

func TestAHeaderIsReadOnlyFromTextInUTF8(t *testing.T) {
	long := "firm,q1\n" + strings.Repeat("Zürich,1\n", 300_000)
	for name, c := range map[string]struct{ data, want string }{
		"an empty file":            {"", "the file is empty"},
		"UTF-16":                   {"\xff\xfef\x00i\x00", "UTF-16"},
		"UTF-16 without mark":      {"f\x00i\x00r\x00", "UTF-16"},
		"a workbook":               {"PK\x03\x04rest", "workbook"},
		"Latin-1 in the header":    {"Gr\xf6sse,q1\nA,1\n", "the name of column 1 is not valid UTF-8"},
		"Latin-1 below the header": {"firm,q1\nA,1\nZ\xfcrich,1\n", "line 3: this is not valid UTF-8"},
		"Latin-1 far below":        {long + "Z\xfcrich,1\n", "line 300002: this is not valid UTF-8"},
		"a cut character":          {"firm,q1\nZ\xc3", "line 2: this is not valid UTF-8"},
		"a NUL":                    {"firm,q1\nA,\x00\n", "line 2: there is a NUL byte"},
		"carriage returns":         {"firm,q1\rA,1\rB,2\r", "carriage return"},
	} {
		if _, _, err := ReadHeader(strings.NewReader(c.data)); KindOf(err) != Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	header, _, err := ReadHeader(iotest.OneByteReader(strings.NewReader("\ufefffirm, q1 \nZürich €,1\n")))
	if err != nil || !slices.Equal(header, []string{"firm", "q1"}) {
		t.Errorf("%q, %v", header, err)
	}
	if _, _, err := ReadHeader(strings.NewReader(long)); err != nil {
		t.Errorf("a sound file of %d bytes: %v", len(long), err)
	}
}

func FuzzReadHeader(f *testing.F) {
	f.Add([]byte("firm;Q 1;Q 2\nAcme;1;2\n"))
	f.Add([]byte("\ufefffirm,\"a\nb\"\r\nZ\xfcrich,1"))
	f.Add([]byte("a\tb\n\xe2\x82"))
	f.Fuzz(func(t *testing.T, data []byte) {
		header, delimiter, err := ReadHeader(bytes.NewReader(data))
		if err != nil {
			if KindOf(err) != Invalid {
				t.Fatalf("foreign data made an internal error: %v", err)
			}
			return
		}
		if len(header) == 0 || !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
			t.Fatalf("header %q with delimiter %q of %q", header, delimiter, data)
		}
	})
}
