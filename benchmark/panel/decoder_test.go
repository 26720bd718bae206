package panel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"pgregory.net/rapid"
)

// packedOf is the stored form of a response.
func packedOf(t testing.TB, inst *survey.Instrument, r *survey.Response, organization, team survey.UID) *survey.PackedResponse {
	t.Helper()
	form, err := survey.Pack(inst, r.Answers)
	if err != nil {
		t.Fatal(err)
	}
	p := &survey.PackedResponse{Organization: organization, Team: team, Role: []byte(r.Role), Language: []byte(r.Language),
		Closed: []byte(form.Closed), Numbers: []byte(form.Numbers), Texts: []byte(form.Texts), Weight: r.Weight, Submitted: r.SubmittedAt.UnixMicro()}
	p.ID, _ = survey.ParseUID(r.ID)
	if r.Seconds != nil {
		p.Seconds = fmt.Appendf(nil, "[%s]", strconv.FormatFloat(float64(r.Seconds[0]), 'g', -1, 32))
	}
	return p
}

func TestPackedResponsesGiveThePanelThatUnpackedOnesGive(t *testing.T) {
	for name, inst := range map[string]*survey.Instrument{"small": instrument(t), "wide": wideInstrument()} {
		rapid.Check(t, func(rt *rapid.T) {
			responses, _ := drawResponses(rt, inst)
			one, err := New(inst)
			if err != nil {
				rt.Fatal(err)
			}
			other, err := New(inst)
			if err != nil {
				rt.Fatal(err)
			}
			decoders := []*Decoder{other.NewDecoder(), other.NewDecoder()}
			for i := range responses {
				r := &responses[i]
				organization := survey.UID{15: byte(1 + len(r.OrganizationID)), 14: r.OrganizationID[1]}
				r.OrganizationID, r.Language = survey.OrganizationID(organization.String()), []string{"en", "de"}[i%2]
				team := survey.UID{}
				if r.TeamID != "" {
					team[0] = r.TeamID[1]
					r.TeamID = survey.TeamID(team.String())
				}
				d := decoders[rapid.IntRange(0, 1).Draw(rt, "decoder")]
				if err := d.Append(packedOf(t, inst, r, organization, team)); err != nil {
					rt.Fatal(name, err)
				}
				if _, err := other.AddBatch(d.Cut()); err != nil {
					rt.Fatal(err)
				}
			}
			if _, err := one.Add(responses); err != nil {
				rt.Fatal(err)
			}
			a, b := one.Snapshot(), other.Snapshot()
			if a.Edition() != b.Edition() || !slices.Equal(a.Organizations(), b.Organizations()) || !slices.Equal(a.Languages(), b.Languages()) {
				rt.Fatalf("%s: %s and %s", name, a.Edition(), b.Edition())
			}
			recount(rt, b, responses)
		})
	}
}

// wideInstrument has items with too many options for one byte.
func wideInstrument() *survey.Instrument {
	text := survey.Text{"en": "Text"}
	section := survey.Section{Key: "s"}
	for _, n := range []int{3, 130, 400} {
		item := survey.Item{Key: fmt.Sprint("of", n), Kind: survey.SingleChoice, Label: text, Texts: map[string]survey.Text{"*": text}}
		for i := range n {
			item.Options = append(item.Options, survey.Option{Code: fmt.Sprint("c", i), Label: text})
		}
		section.Items = append(section.Items, item)
	}
	return &survey.Instrument{Key: "wide", Version: 1, Languages: []string{"en"}, Sections: []survey.Section{section}}
}

func TestADecoderReadsWhatADatabaseHasFormattedAnew(t *testing.T) {
	inst := instrument(t)
	p := newPanel(t)
	d := p.NewDecoder()
	for i, c := range []struct{ closed, numbers, texts string }{
		{"145", ` [ 1e2 ] `, `{ "words" : "a \"b\" \\" }`},
		{"1*-", `["-"]`, `{"words":["!"]}`},
		{"2.5", `[-0]`, `{}`},
		{"2.5", `[1.5e-7]`, `{"words":""}`},
		{"2.5", `[0.30000000000000004]`, `{"words":"\u003c"}`},
	} {
		packed := survey.Packed{Closed: c.closed, Numbers: c.numbers, Texts: c.texts}
		answers, err := survey.Unpack(inst, packed)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Append(&survey.PackedResponse{ID: survey.UID{1, byte(i)}, Closed: []byte(c.closed), Numbers: []byte(c.numbers), Texts: []byte(c.texts), Weight: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.AddBatch(d.Cut()); err != nil {
			t.Fatal(err)
		}
		s := p.Snapshot()
		for k, f := range inst.Fields() {
			if f.Closed() {
				if code, state := s.Code(k, i); state != answers[k].State || s.Raw(k, code) != answers[k].Code {
					t.Errorf("%+v, %s: %d %s", c, f.Key, code, state)
				}
			} else if v, state := s.Number(k, i); state != answers[k].State || v != answers[k].Number {
				t.Errorf("%+v, %s: %v %s", c, f.Key, v, state)
			}
		}
	}
}

func TestStoredRowsThatDoNotFitAreRefusedOneByOne(t *testing.T) {
	p := newPanel(t)
	d := p.NewDecoder()
	good := survey.PackedResponse{ID: survey.UID{1}, Closed: []byte("145"), Numbers: []byte("[1]"), Texts: []byte("{}"), Weight: 1}
	for name, spoil := range map[string]func(*survey.PackedResponse){
		"too few answers":   func(r *survey.PackedResponse) { r.Closed = []byte("14") },
		"an answer beyond":  func(r *survey.PackedResponse) { r.Closed = []byte("146") },
		"an unknown mark":   func(r *survey.PackedResponse) { r.Closed = []byte("1+5") },
		"no numbers":        func(r *survey.PackedResponse) { r.Numbers = []byte("[]") },
		"too many numbers":  func(r *survey.PackedResponse) { r.Numbers = []byte("[1,2]") },
		"not a number":      func(r *survey.PackedResponse) { r.Numbers = []byte("[NaN]") },
		"a number too far":  func(r *survey.PackedResponse) { r.Numbers = []byte("[1e999]") },
		"an unknown text":   func(r *survey.PackedResponse) { r.Texts = []byte(`{"what":"x"}`) },
		"a text cut off":    func(r *survey.PackedResponse) { r.Texts = []byte(`{"words":"x`) },
		"times cut off":     func(r *survey.PackedResponse) { r.Seconds = []byte("[1,2") },
		"times without a 1": func(r *survey.PackedResponse) { r.Seconds = []byte("[,]") },
		"an endless weight": func(r *survey.PackedResponse) { r.Weight = -1 },
	} {
		bad := good
		spoil(&bad)
		if err := d.Append(&bad); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := d.Append(&good); err != nil {
		t.Fatal(err)
	}
	if n, err := p.AddBatch(d.Cut()); n != 1 || err != nil {
		t.Errorf("took %d, %v", n, err)
	}
	elsewhere, err := New(wideInstrument())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Append(&good); err != nil {
		t.Fatal(err)
	}
	if n, err := elsewhere.AddBatch(d.Cut()); n != 0 || err == nil {
		t.Errorf("a panel of another instrument took %d", n)
	}
}

func TestWhatIsFilledInBecomesVisibleAtOnce(t *testing.T) {
	p := newPanel(t)
	d, g := p.NewDecoder(), newGenerated(instrument(t), 3)
	err := p.Fill(func() error {
		for range 5 {
			if err := d.Append(g.next()); err != nil {
				return err
			}
			if _, err := p.AddBatch(d.Cut()); err != nil {
				return err
			}
			if n := p.Snapshot().Len(); n != 0 {
				return fmt.Errorf("%d responses are visible too early", n)
			}
		}
		return nil
	})
	if err != nil || p.Snapshot().Len() != 5 {
		t.Errorf("%d responses, %v", p.Snapshot().Len(), err)
	}
}

func TestOnlyOrganizationsWithNewResponsesHaveChanged(t *testing.T) {
	p := filled(t, instrument(t), 20_000, 300)
	before := p.Snapshot()
	if changed := before.Changed(before); len(changed) != 0 {
		t.Errorf("nothing happened and %v changed", changed)
	}
	if _, err := p.Add([]survey.Response{
		response(1, before.words[organizations][17], code(1), code(4), code(1), number(1), silent(survey.Skipped)),
		response(2, "new", code(1), code(4), code(1), number(1), silent(survey.Skipped))}); err != nil {
		t.Fatal(err)
	}
	if changed := p.Snapshot().Changed(before); !slices.Equal(changed, []int{17, 300}) {
		t.Errorf("changed: %v", changed)
	}
}

func TestReadersSeeWholeBatchesInFiltersAndCounts(t *testing.T) {
	inst := instrument(t)
	p := newPanel(t)
	const batches, size = 40, 500
	var readers sync.WaitGroup
	for reader := range 3 {
		readers.Go(func() {
			for n := 0; n < batches*size; {
				s := p.Snapshot()
				part, err := s.Where(Filter{Attribute: ByRole, Values: []string{"manager"}}, nil)
				if err != nil {
					t.Error(err)
					return
				}
				answered := 0
				for _, byOrganization := range s.Boxes([]Box{{1, 4, 5}}).Answered {
					for _, count := range byOrganization {
						answered += int(count)
					}
				}
				counted := 0
				for o := range s.Organizations() {
					points, _ := s.Distribution(o, 1)
					for _, count := range points {
						counted += int(count)
					}
				}
				if n = s.Len(); n%size != 0 || part.Len() != n/5 || answered != counted {
					t.Errorf("reader %d: %d rows, %d managers, %d answers and %d counted", reader, n, part.Len(), answered, counted)
					return
				}
			}
		})
	}
	d, g := p.NewDecoder(), newGenerated(inst, 40)
	for range batches {
		for range size {
			if err := d.Append(g.next()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := p.AddBatch(d.Cut()); err != nil {
			t.Fatal(err)
		}
	}
	readers.Wait()
}

// TestAPanelNeedsHalfAsMuchAgainAsItsColumnsAtMost measures what stays in memory.
// The race detector's heap is another one: the test command runs this once more without.
func TestAPanelNeedsHalfAsMuchAgainAsItsColumnsAtMost(t *testing.T) {
	if raceDetector {
		return
	}
	for _, c := range []struct {
		inst          *survey.Instrument
		organizations int
	}{{survey.Builtin(), 2000}, {survey.Builtin(), 1}, {instrument(t), 40_000}} {
		const rows = 200_000
		l, err := newLayout(c.inst)
		if err != nil {
			t.Fatal(err)
		}
		// Whole numbers take four bytes, and no times were measured.
		raw := rows * (l.rowBytes() - 4*len(c.inst.NumberFields()) - 4*l.sections)
		names := c.organizations * 240 // identifiers as text, their place in a map, and the head of the counts
		before := heapInUse()
		p := filled(t, c.inst, rows, c.organizations)
		used := int(heapInUse()) - int(before)
		if limit := raw*3/2 + names; used > limit {
			t.Errorf("%d organizations: %d bytes for %d of columns, more than %d", c.organizations, used, raw, limit)
		}
		if estimate, err := Estimate(c.inst, rows); err != nil || used > int(estimate)+names || int(estimate) > 3*used {
			t.Errorf("%d organizations: %d bytes used, %d were estimated (%v)", c.organizations, used, estimate, err)
		}
		runtime.KeepAlive(p)
	}
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestStepsOfStoredRowsAreThoseOfResponses(t *testing.T) {
	inst := instrument(t)
	random := rand.New(rand.NewPCG(3, 4))
	slow, quick := stepped(t), stepped(t)
	d := quick.NewDecoder()
	for i := range 400 {
		organization := survey.UID{15: byte(1 + random.IntN(3))}
		r := given(i, organization.String(), stepsMade)
		if i%9 == 0 {
			r.SubmittedAt = stepsMade.Add(-1)
		}
		r.SubmittedAt = r.SubmittedAt.Truncate(1000)
		r.Seconds = nil
		if err := slow.Add([]survey.Response{r}); err != nil {
			t.Fatal(err)
		}
		if err := d.Append(packedOf(t, inst, &r, organization, survey.UID{})); err != nil {
			t.Fatal(err)
		}
		if random.IntN(4) == 0 || i == 399 {
			if err := quick.AddBatch(d.Cut()); err != nil {
				t.Fatal(err)
			}
			if a, b := slow.Snapshot(), quick.Snapshot(); a.Edition() != b.Edition() || a.settled != b.settled || !slices.Equal(a.Organizations(), b.Organizations()) {
				t.Fatalf("after %d: %s with %d settled, %s with %d", i, a.Edition(), a.settled, b.Edition(), b.settled)
			}
		}
	}
	if err := slow.Release(); err != nil {
		t.Fatal(err)
	}
	if err := quick.Release(); err != nil {
		t.Fatal(err)
	}
	if a, b := slow.Snapshot().Edition(), quick.Snapshot().Edition(); a != b || a.Count != 400 {
		t.Errorf("closed: %s and %s", a, b)
	}
}
