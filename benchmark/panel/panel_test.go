package panel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
)

const instrumentDocument = `{
 "key":"small","version":1,"title":{"en":"Small"},"languages":["en"],
 "role_item":"role","roles":[{"key":"salesperson","label":{"en":"Salesperson"}},{"key":"manager","label":{"en":"Manager"}}],
 "areas":[{"key":"a","title":{"en":"Area"}}],
 "scales":[{"key":"s5","top_box":2,"points":[{"value":1,"label":{"en":"1"}},{"value":2,"label":{"en":"2"}},{"value":3,"label":{"en":"3"}},{"value":4,"label":{"en":"4"}},{"value":5,"label":{"en":"5"}}]}],
 "sections":[{"key":"one","title":{"en":"One"},"items":[
  {"key":"role","kind":"single_choice","label":{"en":"Role"},"texts":{"*":{"en":"Role?"}},"options":[{"code":"salesperson","label":{"en":"S"}},{"code":"manager","label":{"en":"M"}}]},
  {"key":"plain","kind":"likert","scale":"s5","area":"a","label":{"en":"Plain"},"texts":{"*":{"en":"Plain."}},"missing":["dont_know"]},
  {"key":"turned","kind":"likert","scale":"s5","area":"a","reverse":true,"label":{"en":"Turned"},"texts":{"*":{"en":"Turned."}}},
  {"key":"rate","kind":"number","label":{"en":"Rate"},"texts":{"*":{"en":"Rate?"}}},
  {"key":"words","kind":"text_long","label":{"en":"Words"},"texts":{"*":{"en":"Words?"}}}
 ]}]}`

func instrument(t testing.TB) *survey.Instrument {
	t.Helper()
	inst, err := survey.ReadInstrument([]byte(instrumentDocument))
	if err != nil {
		t.Fatal(err)
	}
	return inst
}

func response(id int, organization string, answers ...survey.Answer) survey.Response {
	return survey.Response{
		ID: survey.ResponseID(fmt.Sprintf("00000000-0000-7000-8000-%012x", id)), OrganizationID: survey.OrganizationID(organization),
		Role: "salesperson", Answers: answers, Weight: 1, Seconds: []float32{30},
		SubmittedAt: time.Date(2026, 5, 1, 10, 0, id, 0, time.UTC),
	}
}

func code(v int) survey.Answer       { return survey.Answer{State: survey.Valid, Code: v} }
func number(v float64) survey.Answer { return survey.Answer{State: survey.Valid, Number: v} }
func silent(s survey.State) survey.Answer {
	return survey.Answer{State: s}
}

func newPanel(t testing.TB, responses ...survey.Response) *Panel {
	t.Helper()
	p, err := New(instrument(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Add(responses); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAnAnswerComesOutAsItWentIn(t *testing.T) {
	s := newPanel(t, response(1, "x", code(2), code(4), code(1), number(0), survey.Answer{State: survey.Valid, Text: "hello"}),
		response(2, "y", silent(survey.Skipped), silent(survey.DontKnow), silent(survey.NotApplicable), silent(survey.Refused), silent(survey.NotShown))).Snapshot()
	if c, state := s.Code(1, 0); c != 4 || state != survey.Valid {
		t.Errorf("plain item: %d %v", c, state)
	}
	if c, state := s.Code(2, 0); c != 5 || state != survey.Valid || s.Raw(2, c) != 1 {
		t.Errorf("a reverse item answered 1 of 5 is kept as %d %v, raw %d", c, state, s.Raw(2, c))
	}
	if v, state := s.Number(3, 0); v != 0 || state != survey.Valid {
		t.Errorf("a zero that was answered: %v %v", v, state)
	}
	for field, want := range []survey.State{survey.Skipped, survey.DontKnow, survey.NotApplicable} {
		if c, state := s.Code(field, 1); c != 0 || state != want {
			t.Errorf("field %d: %d %v, want the state %v", field, c, state, want)
		}
	}
	if _, state := s.Number(3, 1); state != survey.Refused {
		t.Errorf("refused number: %v", state)
	}
	out := make([]int8, 2)
	s.Answers(1, []int32{1, 0}, out)
	if !slices.Equal(out, []int8{0, 4}) {
		t.Errorf("answers for estimators: %v", out)
	}
}

func TestCountsOfAnOrganizationKeepTheKindsOfSilenceApart(t *testing.T) {
	s := newPanel(t,
		response(1, "x", code(1), code(4), code(1), number(1), silent(survey.Skipped)),
		response(2, "x", code(1), code(4), code(5), number(1), silent(survey.Skipped)),
		response(3, "x", code(1), silent(survey.DontKnow), silent(survey.Skipped), number(1), silent(survey.Skipped)),
		response(4, "y", code(1), code(5), code(5), number(1), silent(survey.Skipped))).Snapshot()
	points, states := s.Distribution(0, 1)
	if !slices.Equal(points, []uint32{0, 0, 0, 2, 0}) || states[survey.DontKnow] != 1 || states[survey.Skipped] != 0 {
		t.Errorf("plain item of x: %v %v", points, states)
	}
	points, states = s.Distribution(0, 2)
	if !slices.Equal(points, []uint32{1, 0, 0, 0, 1}) || states[survey.Skipped] != 1 {
		t.Errorf("reverse item of x: %v %v", points, states)
	}
	if s.Counts(0).Responses != 3 || s.Counts(1).Responses != 1 {
		t.Error("responses per organization")
	}
}

func TestAddingAResponseTwiceCountsItOnce(t *testing.T) {
	r := response(1, "x", code(1), code(4), code(1), number(1), silent(survey.Skipped))
	p := newPanel(t, r, r)
	before := p.Snapshot().Edition()
	if n, err := p.Add([]survey.Response{r}); n != 0 || err != nil {
		t.Errorf("added %d again, %v", n, err)
	}
	if p.Snapshot().Len() != 1 || p.Snapshot().Edition() != before {
		t.Error("the panel changed")
	}
}

func TestABatchThatDoesNotFitLeavesThePanelAsItWas(t *testing.T) {
	good := response(1, "x", code(1), code(4), code(1), number(1), silent(survey.Skipped))
	for name, bad := range map[string]survey.Response{
		"too few answers":        response(2, "x", code(1)),
		"answer over the scale":  response(2, "x", code(1), code(6), code(1), number(1), silent(survey.Skipped)),
		"answer zero":            response(2, "x", code(1), code(0), code(1), number(1), silent(survey.Skipped)),
		"not a number":           response(2, "x", code(1), code(4), code(1), number(math.NaN()), silent(survey.Skipped)),
		"unknown state":          response(2, "x", code(1), silent(9), code(1), number(1), silent(survey.Skipped)),
		"infinite weight":        {ID: "w", Weight: math.Inf(1), Answers: good.Answers},
		"negative weight":        {ID: "w", Weight: -1, Answers: good.Answers},
		"no answers at all, nil": {ID: "n", Weight: 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPanel(t)
			if n, err := p.Add([]survey.Response{good, bad}); err == nil || n != 0 {
				t.Fatalf("took %d, error %v", n, err)
			}
			if p.Snapshot().Len() != 0 || p.Snapshot().Edition().Count != 0 {
				t.Error("half a batch became visible")
			}
			if n, err := p.Add([]survey.Response{good}); n != 1 || err != nil {
				t.Errorf("the good one afterwards: %d, %v", n, err)
			}
		})
	}
}

func TestTheEditionDoesNotDependOnTheOrderOfArrival(t *testing.T) {
	var responses []survey.Response
	for i := range 20 {
		responses = append(responses, response(i, fmt.Sprint("o", i%3), code(1), code(1+i%5), code(2), number(1), silent(survey.Skipped)))
	}
	one := newPanel(t, responses...)
	other := newPanel(t)
	for i := len(responses) - 1; i >= 0; i-- {
		if _, err := other.Add(responses[i : i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := one.Snapshot().Edition(), other.Snapshot().Edition(); a != b || a.Count != 20 {
		t.Errorf("editions %v and %v", a, b)
	}
	if a, b := newPanel(t, responses[:19]...).Snapshot().Edition().String(), one.Snapshot().Edition().String(); a == b {
		t.Errorf("another set has the same edition %s", a)
	}
}

func TestRowsOfAnOrganizationStandInTheOrderOfTheirIDs(t *testing.T) {
	s := newPanel(t,
		response(3, "x", code(1), code(3), code(1), number(1), silent(survey.Skipped)),
		response(1, "x", code(1), code(1), code(1), number(1), silent(survey.Skipped)),
		response(2, "y", code(1), code(2), code(1), number(1), silent(survey.Skipped))).Snapshot()
	if rows := s.RowsOf(0); !slices.Equal(rows, []int32{1, 0}) {
		t.Errorf("rows %v", rows)
	}
}

func TestRowsThatAreKnownChangeNothing(t *testing.T) {
	random, p := rand.New(rand.NewPCG(1, 2)), newPanel(t)
	ids := random.Perm(900)
	var snapshots []*Snapshot
	for _, size := range []int{1, 5, 0, 200, 3, 64, 65, 1, 561} {
		var batch []survey.Response
		for _, id := range ids[:size] {
			batch = append(batch, response(id, fmt.Sprint("o", id%2), code(1), code(1+id%5), code(2), number(1), silent(survey.Skipped)))
		}
		ids = ids[size:]
		if _, err := p.Add(batch); err != nil {
			t.Fatal(err)
		}
		snapshots = append(snapshots, p.Snapshot())
	}
	for _, s := range snapshots {
		for o := range s.Organizations() {
			want := s.RowsOf(o)
			for _, other := range snapshots {
				if o >= other.OrganizationsN() {
					continue
				}
				known := other.RowsOf(o)
				if got := s.RowsSince(o, known); !slices.Equal(got, want) {
					t.Errorf("organization %d: with %d of %d rows known %v, want %v", o, len(known), len(want), got, want)
				}
				if !slices.Equal(known, other.RowsOf(o)) {
					t.Error("what was known has changed")
				}
			}
		}
	}
}

func TestASnapshotStaysAsItWasWhileBatchesArrive(t *testing.T) {
	p := newPanel(t)
	const batches, size = 60, 7
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for last := 0; last < batches*size; {
				s := p.Snapshot()
				n := s.Len()
				if n%size != 0 || n < last || !consistent(s) {
					t.Errorf("a snapshot of %d rows is not whole", n)
					return
				}
				last = n
			}
		})
	}
	for b := range batches {
		var batch []survey.Response
		for i := range size {
			id := b*size + i
			batch = append(batch, response(id, fmt.Sprint("o", id%5), code(1), code(1+id%5), code(2), number(1), silent(survey.Skipped)))
		}
		if _, err := p.Add(batch); err != nil {
			t.Fatal(err)
		}
	}
	readers.Wait()
}

// consistent recounts a snapshot from its rows.
func consistent(s *Snapshot) bool {
	total := 0
	for o := range s.Organizations() {
		rows := s.RowsOf(o)
		points, _ := s.Distribution(o, 1)
		recount := make([]uint32, len(points))
		for _, r := range rows {
			if c, state := s.Code(1, int(r)); state == survey.Valid {
				recount[c-1]++
			}
		}
		if !slices.Equal(points, recount) || s.Counts(o).Responses != len(rows) {
			return false
		}
		total += len(rows)
	}
	return total == s.Len() && s.Edition().Count == total
}

func TestAnItemWithManyOptionsKeepsItsCodesAndSilences(t *testing.T) {
	item := survey.Item{Key: "wide", Kind: survey.SingleChoice, Label: survey.Text{"en": "Wide"}, Texts: map[string]survey.Text{"*": {"en": "?"}}}
	for i := range 400 {
		item.Options = append(item.Options, survey.Option{Code: fmt.Sprint("c", i), Label: survey.Text{"en": fmt.Sprint(i)}})
	}
	inst := &survey.Instrument{Key: "wide", Version: 1, Languages: []string{"en"}, Sections: []survey.Section{{Key: "s", Items: []survey.Item{item}}}}
	p, err := New(inst)
	if err != nil {
		t.Fatal(err)
	}
	batch := []survey.Response{response(1, "x", code(400)), response(2, "x", silent(survey.NotShown)), response(3, "x", silent(survey.Refused)), response(4, "x", code(1))}
	if _, err := p.Add(batch); err != nil {
		t.Fatal(err)
	}
	s := p.Snapshot()
	for row, want := range []survey.Answer{code(400), silent(survey.NotShown), silent(survey.Refused), code(1)} {
		if c, state := s.Code(0, row); c != want.Code || state != want.State {
			t.Errorf("row %d: %d %v, want %v", row, c, state, want)
		}
	}
	if points, states := s.Distribution(0, 0); points[399] != 1 || points[0] != 1 || states[survey.Refused] != 1 {
		t.Error("counts of a wide item")
	}
}

// TestAResponseTakesAtMostOneAndAHalfOfItsColumns weighs panels of the shapes that
// need most beside their columns: few responses, and organizations of five.
func TestAResponseTakesAtMostOneAndAHalfOfItsColumns(t *testing.T) {
	weigh := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const items, beside = 60, 16 + 4 + 4 + 2 + 2 + 4 // id, organization, team, role, language, the row before
	inst := practices(items)
	for _, shape := range []struct{ rows, organizations int }{{10_000, 100}, {50_000, 10_000}, {70_000, 700}} {
		before := weigh()
		p := filled(t, inst, shape.rows, shape.organizations)
		each := float64(weigh()-before) / float64(shape.rows)
		if over := each / (items + beside); over > 1.5 {
			t.Errorf("%+v: %.0f bytes a response, %.2f of the columns", shape, each, over)
		}
		runtime.KeepAlive(p)
	}
}

// practices is a questionnaire of so many items on a scale of seven points.
func practices(items int) *survey.Instrument {
	text := survey.Text{"en": "Text"}
	scale := survey.Scale{Key: "s7", TopBox: 2}
	for v := 1; v <= 7; v++ {
		scale.Points = append(scale.Points, survey.Point{Value: v, Label: text})
	}
	section := survey.Section{Key: "s", Title: text}
	for i := range items {
		section.Items = append(section.Items, survey.Item{Key: fmt.Sprintf("q%d", i), Kind: survey.Likert, Scale: "s7", Label: text, Texts: map[string]survey.Text{"*": text}})
	}
	return &survey.Instrument{Key: "bench", Version: 1, Title: text, Languages: []string{"en"}, Scales: []survey.Scale{scale}, Sections: []survey.Section{section}}
}
