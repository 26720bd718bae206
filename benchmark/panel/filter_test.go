package panel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"pgregory.net/rapid"
)

var regions = []string{"north", "south", ""}

// drawResponses draws responses of few organizations with any answers that fit.
func drawResponses(t *rapid.T, inst *survey.Instrument) ([]survey.Response, []survey.Organization) {
	n := rapid.IntRange(0, 120).Draw(t, "responses")
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	var directory []survey.Organization
	for i := range 5 {
		directory = append(directory, survey.Organization{ID: survey.OrganizationID(fmt.Sprint("o", i)), Industry: fmt.Sprint("i", i%2), Region: regions[i%3]})
	}
	responses := make([]survey.Response, n)
	for i := range responses {
		r := response(i, fmt.Sprint("o", random.IntN(1+random.IntN(5))), make([]survey.Answer, len(inst.Fields()))...)
		r.Role, r.TeamID = []string{"salesperson", "manager", ""}[random.IntN(3)], survey.TeamID([]string{"", "t1", "t2"}[random.IntN(3)])
		r.Weight = []float64{1, 1, 1, 0.1, 2}[random.IntN(5)]
		r.Seconds = []float32{float32(random.IntN(3))}
		for k, f := range inst.Fields() {
			a := &r.Answers[k]
			if a.State = survey.State(random.IntN(int(survey.Valid) + 4)); a.State < survey.Valid {
				continue
			}
			a.State = survey.Valid
			switch {
			case f.Closed():
				a.Code = 1 + random.IntN(f.Points)
			case f.Kind != survey.LongText:
				a.Number = []float64{0, 14.25, 0.1, -3, 1e300}[random.IntN(5)]
			}
		}
		responses[i] = r
	}
	return responses, directory
}

// drawFilter draws a filter, and the plain function that it must agree with.
func drawFilter(t *rapid.T, depth int) (Filter, func(r *survey.Response, o survey.Organization) bool) {
	kind := rapid.IntRange(0, 6).Draw(t, "kind")
	if depth == 0 {
		kind = min(kind, 4)
	}
	switch kind {
	case 0:
		values := rapid.SliceOfN(rapid.SampledFrom([]string{"salesperson", "manager", "", "boss"}), 0, 2).Draw(t, "roles")
		return Filter{Attribute: ByRole, Values: values}, func(r *survey.Response, _ survey.Organization) bool { return slices.Contains(values, r.Role) }
	case 1:
		values := rapid.SliceOfN(rapid.SampledFrom(regions), 0, 2).Draw(t, "regions")
		return Filter{Attribute: ByRegion, Values: values}, func(_ *survey.Response, o survey.Organization) bool { return slices.Contains(values, o.Region) }
	case 2:
		values := rapid.SliceOfN(rapid.SampledFrom([]string{"t1", "t2", ""}), 0, 2).Draw(t, "teams")
		return Filter{Attribute: ByTeam, Values: values}, func(r *survey.Response, _ survey.Organization) bool {
			return slices.Contains(values, string(r.TeamID))
		}
	case 3:
		codes := rapid.SliceOfN(rapid.IntRange(1, 5), 0, 3).Draw(t, "codes")
		return Filter{Item: "turned", Codes: codes, States: []survey.State{survey.Skipped}}, func(r *survey.Response, _ survey.Organization) bool {
			a := r.Answers[2]
			return a.State == survey.Skipped || a.State == survey.Valid && slices.Contains(codes, 6-a.Code)
		}
	case 4:
		return Filter{}, func(*survey.Response, survey.Organization) bool { return true }
	}
	var parts []Filter
	var plain []func(*survey.Response, survey.Organization) bool
	for range rapid.IntRange(1, 3).Draw(t, "parts") {
		f, p := drawFilter(t, depth-1)
		parts, plain = append(parts, f), append(plain, p)
	}
	not := rapid.Bool().Draw(t, "not")
	f := Filter{All: parts, Not: not}
	if kind == 6 {
		f = Filter{Any: parts, Not: not}
	}
	return f, func(r *survey.Response, o survey.Organization) bool {
		hits := 0
		for _, p := range plain {
			if p(r, o) {
				hits++
			}
		}
		return (hits == len(plain) || kind == 6 && hits > 0) != not
	}
}

// recount compares counts with the responses they should come from.
func recount(t *rapid.T, s *Snapshot, responses []survey.Response) {
	byOrganization := map[survey.OrganizationID][]survey.Response{}
	for _, r := range responses {
		byOrganization[r.OrganizationID] = append(byOrganization[r.OrganizationID], r)
	}
	if s.Len() != len(responses) {
		t.Fatalf("%d rows of %d", s.Len(), len(responses))
	}
	for o, id := range s.Organizations() {
		mine := byOrganization[id]
		slices.SortFunc(mine, func(a, b survey.Response) int { return slices.Compare([]byte(a.ID), []byte(b.ID)) })
		rows := s.RowsOf(o)
		if len(rows) != len(mine) || s.Counts(o).Responses != len(mine) {
			t.Fatalf("%s has %d rows and counts %d of %d", id, len(rows), s.Counts(o).Responses, len(mine))
		}
		for i, row := range rows {
			sameRow(t, s, row, &mine[i])
		}
		for k, f := range s.Instrument().Fields() {
			if !f.Closed() {
				continue
			}
			want := make([]uint32, s.DistributionSize(k))
			for i := range mine {
				want[slotOf(&f, mine[i].Answers[k].State, mine[i].Answers[k].Code)]++
			}
			if points, silent := s.Distribution(o, k); !slices.Equal(slices.Concat(points, silent), want) {
				t.Fatalf("%s, %s: %v %v, want %v", id, f.Key, points, silent, want)
			}
			box := s.Boxes([]Box{{k, 2, 3}, {k, 1, 1}, {k, f.Points, f.Points}})
			inside := want[1]
			if f.Points > 2 {
				inside += want[2]
			}
			if box.Inside[0][o] != inside || box.Inside[1][o] != want[0] || box.Inside[2][o] != want[f.Points-1] {
				t.Fatalf("%s, %s: boxes %v of %v", id, f.Key, box.Inside, want)
			}
		}
	}
}

// sameRow compares a row with the response it came from.
func sameRow(t *rapid.T, s *Snapshot, row int32, r *survey.Response) {
	if s.WeightOf(row) != r.Weight || s.Roles()[s.RoleOf(row)] != r.Role || s.Teams()[s.TeamOf(row)] != string(r.TeamID) || s.SecondsOf(0, row) != r.Seconds[0] {
		t.Fatalf("row %d is not %+v", row, r)
	}
	for k, f := range s.Instrument().Fields() {
		a := r.Answers[k]
		if f.Closed() {
			code, state := s.Code(k, int(row))
			if state != a.State || s.Raw(k, code) != a.Code {
				t.Fatalf("row %d, %s: %d %s, want %+v", row, f.Key, code, state, a)
			}
			continue
		}
		if v, state := s.Number(k, int(row)); state != a.State || v != a.Number {
			t.Fatalf("row %d, %s: %v %s, want %+v", row, f.Key, v, state, a)
		}
	}
}

func TestCountsAreThoseOfTheRowsHoweverTheyComeAndWhateverIsAsked(t *testing.T) {
	inst := instrument(t)
	rapid.Check(t, func(t *rapid.T) {
		responses, directory := drawResponses(t, inst)
		p, err := New(inst)
		if err != nil {
			t.Fatal(err)
		}
		add := func() error {
			for rest := responses; len(rest) > 0; {
				n := rapid.IntRange(1, len(rest)).Draw(t, "batch")
				if _, err := p.Add(rest[:n]); err != nil {
					return err
				}
				rest = rest[n:]
			}
			return nil
		}
		if rapid.Bool().Draw(t, "fill") {
			err = p.Fill(add)
		} else {
			err = add()
		}
		if err != nil {
			t.Fatal(err)
		}
		s := p.Snapshot()
		recount(t, s, responses)
		filter, plain := drawFilter(t, 2)
		part, err := s.Where(filter, directory)
		if err != nil {
			t.Fatal(err)
		}
		var wanted []survey.Response
		for _, r := range responses {
			at := slices.IndexFunc(directory, func(o survey.Organization) bool { return o.ID == r.OrganizationID })
			if plain(&r, directory[at]) {
				wanted = append(wanted, r)
			}
		}
		recount(t, part, wanted)
		half, err := part.Where(Filter{Attribute: ByIndustry, Values: []string{"i1"}}, directory)
		if err != nil {
			t.Fatal(err)
		}
		recount(t, half, slices.DeleteFunc(wanted, func(r survey.Response) bool { return r.OrganizationID != "o1" && r.OrganizationID != "o3" }))
	})
}

func TestAFilterThatTheQuestionnaireDoesNotKnowIsRefused(t *testing.T) {
	s := newPanel(t, response(1, "x", code(1), code(4), code(1), number(1), silent(survey.Skipped))).Snapshot()
	for name, f := range map[string]Filter{
		"an item that is not there": {Item: "nothing", Codes: []int{1}},
		"an open item":              {Item: "words"},
		"an answer beyond":          {Item: "plain", Codes: []int{6}},
		"answer zero":               {Item: "plain", Codes: []int{0}},
		"a state that is an answer": {Item: "plain", States: []survey.State{survey.Valid}},
		"an unknown attribute":      {Attribute: "shoe", Values: []string{"43"}},
		"one deep inside":           {All: []Filter{{}, {Any: []Filter{{Item: "nothing"}}}}},
	} {
		if part, err := s.Where(f, nil); survey.KindOf(err) != survey.Invalid {
			t.Errorf("%s: %v, error %v", name, part, err)
		}
	}
}

func TestTwoFiltersHaveTheSameNameOnlyIfTheyAreTheSame(t *testing.T) {
	a := Filter{All: []Filter{{Attribute: ByRole, Values: []string{"b", "a"}}, {Item: "plain", Codes: []int{2, 1}}}}
	same := Filter{All: []Filter{{Item: "plain", Codes: []int{1, 2}}, {Attribute: ByRole, Values: []string{"a", "b"}}}}
	if a.String() != same.String() {
		t.Errorf("%s and %s", a, same)
	}
	seen := map[string]bool{a.String(): true}
	for _, f := range []Filter{{}, {Not: true}, {All: a.All[:1]}, {Any: a.All}, {All: a.All, Not: true},
		{Item: "plain", States: []survey.State{1, 2}}, {Item: "plain", Codes: []int{1, 2}}, {Rows: []uint64{1}, Label: "quick"},
		{Attribute: ByRole, Values: []string{`a" "b`}}, {Attribute: ByRole, Values: []string{"a", "b"}}} {
		if seen[f.String()] {
			t.Errorf("%s comes twice", f)
		}
		seen[f.String()] = true
	}
}

func TestRowsChosenByOtherMeansCanBeCombined(t *testing.T) {
	p := filled(t, instrument(t), 200_000, 7)
	s := p.Snapshot()
	flags := make([]uint64, (s.Len()+63)/64)
	for row := 0; row < s.Len(); row += 3 {
		flags[row/64] |= 1 << (row % 64)
	}
	part, err := s.Where(Filter{All: []Filter{{Rows: flags, Label: "third"}, {Attribute: ByRole, Values: []string{"manager"}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for row := range int32(s.Len()) {
		if row%3 == 0 && s.Roles()[s.RoleOf(row)] == "manager" {
			want++
		}
	}
	if part.Len() != want || want == 0 {
		t.Errorf("%d rows, want %d", part.Len(), want)
	}
}
