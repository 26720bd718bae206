package survey

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
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
		"no scale":      {ProposalOptions{Kind: MapResponses, Group: []string{"firm"}, Items: []string{"q*"}}, "no two points"},
	} {
		if _, _, err := Propose(header, ',', tc.o); KindOf(err) != Invalid || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	if _, _, err := ReadHeader(strings.NewReader("")); KindOf(err) != Invalid {
		t.Errorf("an empty file: %v", err)
	}
}
