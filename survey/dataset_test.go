package survey

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// smallMapping fits smallInstrument.
const smallMapping = `{
  "kind": "responses", "instrument": "small", "delimiter": ";", "decimal_comma": true,
  "organization": {"columns": ["firm", "site"], "label": "{firm} ({site})"},
  "industry": "branch",
  "respondent": "id", "team": "team", "weight": "w",
  "role": {"column": "job", "codes": {"S": "seller", "B": "boss"}},
  "missing": {"99": "refused", "": "skipped"},
  "items": [
    {"columns": ["h0"], "items": ["helps"], "lowest": 0, "highest": 4, "missing": {"8": "dont_know"}, "recode": {"never": "1"}},
    {"columns": ["hinders"], "descending": true},
    {"columns": ["minutes"], "factor": 60},
    {"columns": ["share", "t_coach", "t_rest", "why"]}
  ],
  "ignore": ["note"]
}`

const smallHeader = "id;firm;site;branch;team;w;job;h0;hinders;minutes;share;t_coach;t_rest;why;note;extra\n"

func parseMapping(t testing.TB, document string) *Mapping {
	t.Helper()
	m, err := ParseMapping([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func readRows(t testing.TB, in *Instrument, m *Mapping, data string) ([]Row, Report, error) {
	t.Helper()
	var rows []Row
	report, err := ReadResponses(strings.NewReader(data), m, in, func(row Row) error {
		rows = append(rows, row)
		return nil
	})
	return rows, report, err
}

func TestRowsBecomeResponses(t *testing.T) {
	in, m := small(t), parseMapping(t, smallMapping)
	data := "\xef\xbb\xbf" + smallHeader +
		"a;Acme </script>;North;C;T1;0,5;B;0;1;1,5;12,5;40;60;\"two\nlines \"\"quoted\"\"\";x;y\r\n" +
		"b;Acme </script>;North;C;;2;S;8;Yes;99;;;;;x;y\n" +
		"c;Zoë;Süd;;T2;1;B;never;99;;50;;;=1+1;x;y\n"
	rows, report, err := readRows(t, in, m, data)
	if err != nil || report.Refused > 0 || len(rows) != 3 {
		t.Fatalf("%d rows, %+v, %v", len(rows), report, err)
	}
	number := func(v float64) Answer { return Answer{State: Valid, Number: v} }
	code := func(c int) Answer { return Answer{State: Valid, Code: c} }
	skipped, refused := Answer{State: Skipped}, Answer{State: Refused}
	for i, want := range []Row{
		{Line: 2, Respondent: "a", Organization: "Acme </script> (North)", OrganizationKey: "acme-script-north", Industry: "C", Team: "T1", Role: "boss", Weight: 0.5,
			Answers: Answers{code(2), code(1), code(5), number(90), number(12.5), number(40), number(60), {State: Valid, Text: "two\nlines \"quoted\""}}},
		{Line: 4, Respondent: "b", Organization: "Acme </script> (North)", OrganizationKey: "acme-script-north", Industry: "C", Role: "seller", Weight: 2,
			Answers: Answers{code(1), {State: DontKnow}, code(5), refused, {}, {}, {}, skipped}},
		{Line: 5, Respondent: "c", Organization: "Zoë (Süd)", OrganizationKey: "zo-s-d", Team: "T2", Role: "boss", Weight: 1,
			Answers: Answers{code(2), code(1), refused, skipped, number(50), skipped, skipped, {State: Valid, Text: "=1+1"}}},
	} {
		if !reflect.DeepEqual(rows[i], want) {
			t.Errorf("row %d\ngot  %+v\nwant %+v", i, rows[i], want)
		}
		if _, err := Pack(in, rows[i].Answers); err != nil {
			t.Errorf("row %d can not be kept: %v", i, err)
		}
	}
	if report.Rows != 3 || report.Taken != 3 || report.Organizations != 2 || !reflect.DeepEqual(report.Unused, []string{"extra"}) {
		t.Errorf("report %+v", report)
	}
}

func TestWrongRowsAreNamedWithLineColumnAndWhatToDo(t *testing.T) {
	in, m := small(t), parseMapping(t, smallMapping)
	good := "a;Acme;North;C;T;1;B;0;1;1;12;40;60;why;n;e"
	edit := func(cell int, value string) string {
		cells := strings.Split(good, ";")
		cells[cell] = value
		return strings.Join(cells, ";")
	}
	for name, c := range map[string]struct {
		row  string
		want string
		code string
	}{
		"outside the scale":     {edit(7, "5"), `line 3, column "h0": 5 is outside the scale 0 to 4`, RefusedOutside},
		"between two points":    {edit(7, "1,5"), `line 3, column "h0": 1,5 is outside the scale 0 to 4`, RefusedOutside},
		"no scale point":        {edit(8, "maybe"), `line 3, column "hinders": "maybe" is not a number`, RefusedNotANumber},
		"an impossible share":   {edit(10, "101"), `line 3, column "share": 101 is outside the range of item "share"`, ProblemOutOfRange},
		"infinity":              {edit(10, "Inf"), `line 3, column "share": "Inf" is not a number`, RefusedNotANumber},
		"a hexadecimal number":  {edit(10, "0x1p4"), `is not a number`, RefusedNotANumber},
		"parts of 95":           {edit(11, "35"), `line 3, column "t_coach": this adds up to 95; it must be 100: 5 are missing`, RefusedSum},
		"a negative weight":     {edit(5, "-1"), `line 3, column "w": a weight must be a number of 0 or more`, RefusedWeight},
		"no weight":             {edit(5, ""), `line 3, column "w": a weight must be a number of 0 or more`, RefusedWeight},
		"an unknown role":       {edit(6, "X"), `line 3, column "job": "X" is no role of the instrument; list it under codes`, RefusedRole},
		"no organization":       {edit(1, " "), `line 3, column "firm": the organization has no name here`, RefusedNoName},
		"a name of an essay":    {edit(1, strings.Repeat("ü", 201)), `line 3, column "firm": a name may have at most 200 characters`, RefusedLongCell},
		"a duplicate id":        {strings.Replace(good, "a;", "first;", 1), `line 3, column "id": this id already stands in line 2`, RefusedDuplicate},
		"an empty id":           {edit(0, ""), `line 3, column "id": the id of the respondent is empty`, RefusedDuplicate},
		"broken UTF-8":          {edit(13, "Z\xfcrich"), `line 3, column "why": the cell is not valid UTF-8; save the file as UTF-8`, RefusedEncoding},
		"a NUL byte":            {edit(13, "a\x00b"), `line 3, column "why": the cell holds a NUL byte`, RefusedNullByte},
		"a long text":           {edit(13, strings.Repeat("x", 21)), `line 3, column "why": the text has 21 characters; item "why" takes 20`, ProblemTooLong},
		"a very long cell":      {edit(14, strings.Repeat("ü", 10001)), `line 3, column "note": the cell has more than 10000 characters`, RefusedLongCell},
		"a cell too few":        {strings.TrimSuffix(good, ";e"), `line 3: cells: 15 in this row, 16 in the header; a delimiter is missing or too many`, RefusedRagged},
		"a cell too many":       {good + ";", `line 3: cells: 17 in this row, 16 in the header; a delimiter is missing or too many`, RefusedRagged},
		"a quote inside a cell": {edit(13, `a "b`), `line 3: a quote (") stands inside a cell that does not begin with one; double it and put the cell in quotes`, RefusedQuote},
	} {
		first := strings.Replace(good, "a;", "first;", 1)
		last := strings.Replace(good, "a;", "last;", 1)
		rows, report, err := readRows(t, in, m, smallHeader+first+"\n"+c.row+"\n"+last+"\n")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(report.Refusals) != 1 || !strings.Contains(report.Refusals[0].String(), c.want) || report.Refusals[0].Code != c.code {
			t.Errorf("%s:\ngot  %v\nwant %s (%s)", name, report.Refusals, c.want, c.code)
		}
		if len(rows) != 2 || report.Rows != 3 || report.Taken != 2 || report.Refused != 1 || report.Counts[c.code] != 1 {
			t.Errorf("%s: the other rows: %d taken, %+v", name, len(rows), report)
		}
	}
}

func TestFilesThatCanNotBeReadSayWhy(t *testing.T) {
	in, m := small(t), parseMapping(t, smallMapping)
	row := "a;Acme;North;C;T;1;B;0;1;1;12;40;60;why;n;e\n"
	for name, c := range map[string]struct{ data, want, code string }{
		"an empty file":       {"", "line 1: the file is empty", RefusedEmptyFile},
		"only a mark":         {"\xef\xbb\xbf", "line 1: the file is empty", RefusedEmptyFile},
		"only blank lines":    {"\n\n\n\n\n\n", "line 1: the file is empty", RefusedEmptyFile},
		"only a header":       {smallHeader, "there is no row below the header", RefusedNoRows},
		"UTF-16":              {"\xff\xfei\x00d\x00", "UTF-16", RefusedEncoding},
		"UTF-16 without mark": {"i\x00d\x00;\x00", "UTF-16", RefusedEncoding},
		"a workbook":          {"PK\x03\x04 and so on", "workbook", RefusedEncoding},
		"gzip":                {"\x1f\x8b\x08\x00", "compressed", RefusedEncoding},
		"Latin-1 header":      {"Gr\xf6\xdfe;b\n1;2\n", "the name of column 1 is not valid UTF-8", RefusedEncoding},
		"commas":              {strings.ReplaceAll(smallHeader+row, ";", ","), `the columns are separated by ",", not by ";": set "delimiter" in the mapping`, RefusedDelimiter},
		"quoted commas":       {"\"" + strings.ReplaceAll(strings.TrimSpace(smallHeader), ";", "\",\"") + "\"\n" + row, `the columns are separated by ",", not by ";"`, RefusedDelimiter},
		"tabs":                {strings.ReplaceAll(smallHeader+row, ";", "\t"), `the columns are separated by "\t", not by ";"`, RefusedDelimiter},
		"old line ends":       {strings.ReplaceAll(smallHeader+row, "\n", "\r"), "the lines end with a carriage return alone", RefusedDelimiter},
		"a missing column":    {strings.Replace(smallHeader, "hinders", "hinder", 1) + row, `line 1, column "hinders": the file has no such column; did you mean "hinder"?`, RefusedMissingColumn},
		"a column twice":      {strings.Replace(smallHeader, "note", "why", 1) + row, `line 1, column "why": the header names this column twice; rename one of them`, RefusedDoubleColumn},
		"an open quote":       {smallHeader + row + "b;\"Acme;North\n" + strings.Repeat(row, 40000), `a quote (") before it is opened and not closed`, RefusedQuote},
	} {
		_, report, err := readRows(t, in, m, c.data)
		if KindOf(err) != Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
		if len(report.Refusals) == 0 || report.Refusals[len(report.Refusals)-1].Code != c.code {
			t.Errorf("%s: %+v, want %s", name, report.Refusals, c.code)
		}
	}
}

func TestAnOpenQuoteAtTheEndIsNamedAtItsLine(t *testing.T) {
	in, m := small(t), parseMapping(t, smallMapping)
	row := "a;Acme;North;C;T;1;B;0;1;1;12;40;60;why;n;e\n"
	_, report, err := readRows(t, in, m, smallHeader+row+"b;\"Acme;North\n"+row+row)
	if err != nil || len(report.Refusals) != 1 || report.Refusals[0].Line != 3 || report.Refusals[0].Code != RefusedQuote {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestDecimalCommaIsNamedWhereThePointIsExpected(t *testing.T) {
	m := parseMapping(t, strings.Replace(smallMapping, `"decimal_comma": true`, `"decimal_comma": false`, 1))
	_, report, err := readRows(t, small(t), m, smallHeader+"a;Acme;North;C;T;1;B;0;1;1;12,5;40;60;why;n;e\n")
	if err != nil || report.Counts[RefusedDecimalComma] != 1 ||
		report.Refusals[0].String() != `line 2, column "share": "12,5" has a decimal comma: set "decimal_comma" in the mapping` {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestMappingAndInstrumentMustFit(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"an unknown item":          {`"items": ["helps"]`, `"items": ["helped"]`, `column "h0": the mapping names item "helped", which the instrument "small" does not have`},
		"another number of points": {`"highest": 4`, `"highest": 6`, `0 to 6 are 7 points, but item "helps" has 5`},
		"an unknown role":          {`"B": "boss"`, `"B": "chief"`, `the mapping names role "chief"`},
		"a scale for a number":     {`"factor": 60`, `"descending": true`, `descending has no meaning for item "minutes"`},
		"a factor for a scale":     {`"descending": true`, `"factor": 2`, `factor has no meaning for item "hinders"`},
	} {
		m := parseMapping(t, strings.Replace(smallMapping, c.old, c.new, 1))
		_, _, err := readRows(t, small(t), m, smallHeader)
		if KindOf(err) != Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	m := parseMapping(t, smallMapping)
	if _, err := ReadAggregates(strings.NewReader(smallHeader), m, small(t), nil); KindOf(err) != Invalid {
		t.Errorf("a mapping for responses reads aggregates: %v", err)
	}
}

func TestManyRefusalsAreCountedButNotAllKept(t *testing.T) {
	data := smallHeader + strings.Repeat("a;Acme;North;C;T;1;B;9;1;1;12;40;60;why;n;e\n", 1000)
	_, report, err := readRows(t, small(t), parseMapping(t, smallMapping), data)
	if err != nil || len(report.Refusals) != maxRefusalsKept || report.Counts[RefusedOutside] != 1000 || report.Refused != 1000 || report.Taken != 0 {
		t.Errorf("%d kept, counts %v, refused %d, taken %d, %v", len(report.Refusals), report.Counts, report.Refused, report.Taken, err)
	}
}

func TestTitlesAboveAndExplanationsBelowTheHeaderAreSkipped(t *testing.T) {
	m := parseMapping(t, strings.Replace(smallMapping, `"delimiter"`, `"header_line": 3, "skip_rows": 2, "delimiter"`, 1))
	row := "a;Acme;North;C;T;1;B;0;1;1;12;40;60;why;n;e\n"
	data := "\xef\xbb\xbfSurvey of \"everything\n\n" + smallHeader + "Id of the person;;\n\"{\"\"x\"\":1}\";;\n" + row + strings.Replace(row, "a;", "b;;", 1)
	rows, report, err := readRows(t, small(t), m, data)
	if err != nil || len(rows) != 1 || rows[0].Line != 6 || report.Rows != 2 {
		t.Fatalf("%+v, %+v, %v", rows, report, err)
	}
	if len(report.Refusals) != 1 || report.Refusals[0].Line != 7 {
		t.Errorf("%+v", report.Refusals)
	}
	if _, report, err := readRows(t, small(t), m, "only\ntitles\n"); KindOf(err) != Invalid || report.Refusals[0].Code != RefusedEmptyFile {
		t.Errorf("without header: %v", err)
	}
}

func TestTakeCanStopTheImport(t *testing.T) {
	stop := errors.New("enough")
	_, err := ReadResponses(strings.NewReader(smallHeader+"a;Acme;North;C;T;1;B;0;1;1;12;40;60;why;n;e\n"), parseMapping(t, smallMapping), small(t),
		func(Row) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("error %v", err)
	}
}

func TestLabelsOfAnswersAreReadToo(t *testing.T) {
	m := parseMapping(t, `{"kind": "responses", "organization": {"columns": ["Firma"]}, "role": {"value": "seller"}, "missing": {"NA": "skipped", "-99": "refused", "X": "dont_know"},
	  "items": [{"columns": ["Q1", "Q2"], "items": ["helps", "hinders"]}]}`)
	rows, report, err := readRows(t, small(t), m, "Firma,Q1,Q2,\nAcme,RATHER YES,nein,\nAcme, 4.0 ,NA,\nAcme,X,-99,\nAcme,4.5,N/A,\n")
	if err != nil || report.Taken != 3 || len(report.Unused) > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	want := []Answers{
		{{State: Valid, Code: 1}, {State: Valid, Code: 4}, {State: Valid, Code: 1}, {}, {}, {}, {}, {}},
		{{State: Valid, Code: 1}, {State: Valid, Code: 4}, {State: Skipped}, {}, {}, {}, {}, {}},
		{{State: Valid, Code: 1}, {State: DontKnow}, {State: Refused}, {}, {}, {}, {}, {}},
	}
	for i, row := range rows {
		if !reflect.DeepEqual(row.Answers, want[i]) {
			t.Errorf("row %d: %+v, want %+v", i, row.Answers, want[i])
		}
	}
	if len(report.Refusals) != 2 || report.Counts[RefusedOutside] != 1 || report.Counts[RefusedNotANumber] != 1 {
		t.Errorf("refusals %v", report.Refusals)
	}
}

func TestRecodedCellsMustBeAnswers(t *testing.T) {
	m := parseMapping(t, `{"kind": "responses", "organization": {"columns": ["o"]}, "items": [
	  {"columns": ["helps"], "lowest": 0, "highest": 4, "recode": {"ja": "5", "nein": "dk", "?": "6"}},
	  {"columns": ["role"], "recode": {"1": "boss", "2": "chief"}},
	  {"columns": ["minutes"], "recode": {"an hour": "60"}},
	  {"columns": ["why"], "recode": {"-": "no reason"}}]}`)
	rows, report, err := readRows(t, small(t), m, "o,helps,role,minutes,why\nA,ja,1,an hour,-\nA,nein,,0,\nA,?,1,1,x\nA,0,2,1,x\n")
	if err != nil || len(rows) != 2 || report.Counts[RefusedOutside] != 1 || report.Counts[ProblemUnknownOption] != 1 {
		t.Fatalf("%d rows, %+v, %v", len(rows), report, err)
	}
	first := rows[0].Answers
	if first[0].Code != 2 || first[1].Code != 5 || first[3].Number != 60 || first[7].Text != "no reason" || rows[1].Answers[1].State != DontKnow {
		t.Errorf("%+v\n%+v", first, rows[1].Answers)
	}
}

func TestAWordThatNamesTwoOptionsIsNotGuessed(t *testing.T) {
	document := strings.Replace(smallInstrument, `{"code": "boss", "label": {"en": "Boss", "de": "Leitung"}}`, `{"code": "boss", "label": {"en": "Guest", "de": "Leitung"}}`, 1)
	in, err := ParseInstrument([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	m := parseMapping(t, `{"kind": "responses", "organization": {"columns": ["o"]}, "items": [{"columns": ["role"]}]}`)
	rows, report, err := readRows(t, in, m, "o,role\nA,guest\nA,leitung\nA,Guest\nA,BOSS\n")
	if err != nil || len(rows) != 2 || rows[0].Role != "guest" || rows[1].Role != "boss" {
		t.Errorf("%+v, %v", rows, err)
	}
	if report.Counts[ProblemUnknownOption] != 2 {
		t.Errorf("refusals %v", report.Refusals)
	}
}

func TestNamesThatLookAlikeInAddressesStayApart(t *testing.T) {
	m := parseMapping(t, `{"kind": "responses", "organization": {"columns": ["o"]}, "items": [{"columns": ["helps"]}]}`)
	rows, _, err := readRows(t, small(t), m, "o,helps\n\"A\n & \tB\",1\nA + B,1\nA & B,2\n株式会社,1\n東京,1\n"+strings.Repeat("x", 200)+",1\n")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, r := range rows {
		keys = append(keys, r.OrganizationKey)
	}
	want := []string{"a-b", "a-b-2", "a-b", "organization", "organization-2", strings.Repeat("x", 60)}
	if !reflect.DeepEqual(keys, want) {
		t.Errorf("keys %v, want %v", keys, want)
	}
}

const smallAggregates = `{"kind": "aggregates", "share": "percent", "count": "n",
  "organization": {"columns": ["name"]}, "exclude": [{"column": "name", "starts_with": ["Total"]}],
  "published": {"column": "name", "equals": ["Median"]}, "missing": {"*": "not_shown"},
  "measures": [{"columns": ["helps", "theme"], "items": ["helps", "a1"]}]}`

func TestAggregatesAreReadAsFractions(t *testing.T) {
	var rows []AggregateRow
	data := "name,n,helps,theme\nAcme,12,50 %,37.5\nBeta,,*,0\nTotal 1,1,999,x\nMedian,,44,55\n"
	report, err := ReadAggregates(strings.NewReader(data), parseMapping(t, smallAggregates), small(t), func(row AggregateRow) error {
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []AggregateRow{
		{Line: 2, Organization: "Acme", OrganizationKey: "acme", N: 12, Shares: []MeasureShare{{"helps", .5}, {"a1", .375}}},
		{Line: 3, Organization: "Beta", OrganizationKey: "beta", Shares: []MeasureShare{{"a1", 0}}},
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("got  %+v\nwant %+v", rows, want)
	}
	if report.Taken != 2 || report.Excluded != 2 || report.Published["helps"] != .44 || report.Published["a1"] != .55 {
		t.Errorf("report %+v", report)
	}
}

func TestWrongAggregatesAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ row, code string }{
		"a share above 100":     {"Beta,1,101,1", RefusedOutside},
		"a negative share":      {"Beta,1,-1,1", RefusedOutside},
		"letters":               {"Beta,1,x,1", RefusedNotANumber},
		"half a respondent":     {"Beta,1.5,1,1", RefusedCount},
		"an organization twice": {"Acme,1,1,1", RefusedTwice},
		"no name":               {",1,1,1", RefusedNoName},
	} {
		report, err := ReadAggregates(strings.NewReader("name,n,helps,theme\nAcme,1,1,1\n"+c.row+"\n"), parseMapping(t, smallAggregates), small(t),
			func(AggregateRow) error { return nil })
		if err != nil || report.Taken != 1 || report.Refused != 1 || report.Counts[c.code] != 1 {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}

func TestMappingsAreChecked(t *testing.T) {
	edit := func(old, new string) string {
		if !strings.Contains(smallMapping, old) {
			t.Fatalf("%q is not in the mapping", old)
		}
		return strings.Replace(smallMapping, old, new, 1)
	}
	for name, c := range map[string]struct{ document, want string }{
		"an unknown kind":          {edit(`"kind": "responses"`, `"kind": "answers"`), "line 2, kind: must be responses or aggregates"},
		"an unknown field":         {edit(`"team"`, `"teams"`), `unknown field "teams"; did you mean "team"?`},
		"two delimiters":           {edit(`";"`, `";;"`), "line 2, delimiter: must be one character"},
		"a quote as delimiter":     {edit(`";"`, `"\""`), "delimiter: must be one character"},
		"no organization":          {edit(`"columns": ["firm", "site"], `, ``), "organization: the columns that name the organization are missing"},
		"a label without column":   {edit(`"{firm} ({site})"`, `"Acme"`), "organization.label: must name its columns in braces"},
		"role twice":               {edit(`"column": "job",`, `"column": "job", "value": "boss",`), "role: needs either a column or a value"},
		"a column mapped twice":    {edit(`["hinders"]`, `["h0"]`), "items[1].columns[0]: the column is mapped twice"},
		"an item mapped twice":     {edit(`["hinders"]`, `["helps"]`), "items[1].items[0]: the item is mapped twice"},
		"items and columns":        {edit(`["helps"]`, `["helps", "why"]`), "items[0].items: there must be one item for each column"},
		"an answer as missing":     {edit(`"8": "dont_know"`, `"8": "valid"`), "items[0].missing.8: valid is no missing answer; use recode"},
		"a header nowhere":         {edit(`"delimiter"`, `"header_line": -1, "delimiter"`), "header_line: must be a line from 1"},
		"half a scale":             {edit(`"lowest": 0, `, ``), "items[0]: lowest and highest are given together"},
		"an unknown state":         {edit(`"refused"`, `"silent"`), `missing.99: unknown state "silent"`},
		"no items":                 {`{"kind": "responses", "organization": {"columns": ["o"]}}`, "items: no column is mapped to anything"},
		"a unit of responses":      {edit(`"team": "team"`, `"share": "percent"`), "share: belongs to aggregates"},
		"measures of responses":    {edit(`"team": "team"`, `"measures": [{"columns": ["x"]}]`), "measures: belong to aggregates"},
		"a benchmark of responses": {edit(`"team": "team"`, `"published": {"column": "x", "equals": ["y"]}`), "published: belongs to aggregates"},
		"a count of responses":     {edit(`"team": "team"`, `"count": "n"`), "count: belongs to aggregates"},
		"skipping forever":         {edit(`"team": "team"`, `"skip_rows": 100000`), "skip_rows: must be a number from 0 to 1000"},
		"items of aggregates":      {strings.Replace(smallAggregates, `"count": "n"`, `"items": [{"columns": ["x"]}]`, 1), "items: belong to responses"},
		"a weight of aggregates":   {strings.Replace(smallAggregates, `"count": "n"`, `"weight": "w"`, 1), "kind: respondent, team, role and weight belong to responses"},
		"a benchmark of nothing":   {strings.Replace(smallAggregates, `"equals": ["Median"]`, `"equals": []`, 1), "published: needs equals"},
		"a group of nothing":       {strings.Replace(smallAggregates, `["helps", "theme"]`, `[]`, 1), "measures[0].columns: no column is listed"},
		"no unit":                  {strings.Replace(smallAggregates, `"share": "percent",`, ``, 1), "share: must be fraction (0 to 1) or percent (0 to 100)"},
		"a test of nothing":        {strings.Replace(smallAggregates, `"starts_with": ["Total"]`, `"equals": []`, 1), "exclude[0]: needs equals, starts_with or ends_with"},
		"a test of everything":     {strings.Replace(smallAggregates, `"Total"`, `""`, 1), "exclude[0]: an empty text fits every row"},
	} {
		_, err := ParseMapping([]byte(c.document))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func FuzzReadResponses(f *testing.F) {
	in, m := small(f), parseMapping(f, smallMapping)
	f.Add([]byte(smallHeader + "a;Acme;North;C;T;1;B;0;1;1;12;40;60;why;n;e\n"))
	f.Add([]byte(smallHeader + "a;\"Ac\"\"me\";N;C;T;0,5;S;8;yes;;;;;\xff;n;e\r\nb;;;"))
	f.Fuzz(func(t *testing.T, data []byte) {
		taken := 0
		report, err := ReadResponses(bytes.NewReader(data), m, in, func(row Row) error {
			taken++
			if row.Organization == "" || row.OrganizationKey == "" || !utf8.ValidString(row.Organization) || row.Line < 2 {
				t.Fatalf("row %+v", row)
			}
			if _, err := Pack(in, row.Answers); err != nil {
				t.Fatalf("taken answers can not be kept: %v", err)
			}
			return nil
		})
		if err != nil && KindOf(err) != Invalid {
			t.Fatalf("foreign data made an internal error: %v", err)
		}
		if report.Taken != taken || report.Taken+report.Refused+report.Excluded != report.Rows && err == nil {
			t.Fatalf("the report does not add up: %+v", report)
		}
		for _, r := range report.Refusals {
			if r.Line < 1 || r.Code == "" || !utf8.ValidString(r.String()) || !utf8.ValidString(r.Value) {
				t.Fatalf("refusal %+v", r)
			}
		}
	})
}

func FuzzReadAggregates(f *testing.F) {
	in, m := small(f), parseMapping(f, smallAggregates)
	f.Add([]byte("name,n,helps,theme\nAcme,12,50 %,37.5\nMedian,,44,55\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		report, err := ReadAggregates(bytes.NewReader(data), m, in, func(row AggregateRow) error {
			for _, s := range row.Shares {
				if !(s.Share >= 0 && s.Share <= 1) {
					t.Fatalf("share %+v", s)
				}
			}
			return nil
		})
		if err == nil && report.Taken+report.Refused+report.Excluded != report.Rows {
			t.Fatalf("the report does not add up: %+v", report)
		}
	})
}

func FuzzParseMapping(f *testing.F) {
	f.Add([]byte(smallMapping))
	f.Add([]byte(smallAggregates))
	in := small(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseMapping(data)
		if err != nil {
			return
		}
		header := strings.Join(m.columns(), string(m.delimiter())) + "\n1\n"
		if m.Kind == MapResponses {
			_, err = ReadResponses(strings.NewReader(header), m, in, func(Row) error { return nil })
		} else {
			_, err = ReadAggregates(strings.NewReader(header), m, in, func(AggregateRow) error { return nil })
		}
		if err != nil && KindOf(err) != Invalid {
			t.Fatalf("mapping made an internal error: %v", err)
		}
	})
}

// repeated yields its lines again and again without holding them.
type repeated struct {
	line string
	left int
	rest string
	n    int
}

func (r *repeated) Read(p []byte) (int, error) {
	for r.rest == "" {
		if r.left == 0 {
			return 0, io.EOF
		}
		r.left--
		r.n++
		r.rest = fmt.Sprintf(r.line, r.n%500)
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func BenchmarkReadResponses(b *testing.B) {
	in, m := exampleDocuments(b, "turkiye/turkiye")
	header := "instr,class,nb.repeat,attendance,difficulty,Q1,Q2,Q3,Q4,Q5,Q6,Q7,Q8,Q9,Q10,Q11,Q12,Q13,Q14,Q15,Q16,Q17,Q18,Q19,Q20,Q21,Q22,Q23,Q24,Q25,Q26,Q27,Q28\n"
	lines := &repeated{line: "1,%d,1,0,4" + strings.Repeat(",3", 28) + "\n", left: b.N}
	b.ReportAllocs()
	report, err := ReadResponses(io.MultiReader(strings.NewReader(header), lines), m, in, func(Row) error { return nil })
	if err != nil || report.Taken != b.N {
		b.Fatal(report, err)
	}
}
