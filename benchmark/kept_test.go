package benchmark

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/salesbench/salesbench/benchmark/panel"
)

// failer is a test, or one run of a property.
type failer interface {
	Helper()
	Fatal(...any)
	Errorf(string, ...any)
}

func asJSON(t failer, v any, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// sameBytes compares two results without printing megabytes.
func sameBytes(t failer, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	from := max(0, at-60)
	t.Errorf("%s: got …%s…, want …%s…", what, got[from:min(len(got), at+60)], want[from:min(len(want), at+60)])
}

func TestWhatIsKeptFromTheLastEditionChangesNoByte(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	m := recipe{seed: 31, organizations: 30, orgSD: 0.4, personSD: 0.8, excellent: 4, size: sizeOf(24)}.make()
	random.Shuffle(len(m.responses), func(a, b int) { m.responses[a], m.responses[b] = m.responses[b], m.responses[a] })
	for i := range m.responses {
		m.responses[i].Seconds[2] = float32(5 + i%80)
		if i > 600 && i%50 == 0 {
			m.responses[i].Weight = 1.5 // weights come late
		}
	}
	p, err := panel.New(m.inst)
	if err != nil {
		t.Fatal(err)
	}
	in, kept := m.input(), &Kept{}
	in.Drawn = NothingDrawn()
	for at := 0; at < len(m.responses); {
		next := min(len(m.responses), at+1+random.IntN(160))
		if random.IntN(3) == 0 {
			next = at + 1 // so little that the last edition's tables are mended
		}
		if _, err := p.Add(m.responses[at:next]); err != nil {
			t.Fatal(err)
		}
		at = next
		for _, key := range []string{"", in.Organizations[random.IntN(30)].Key} {
			cold, warm := in, in
			warm.Kept = kept
			result := func(in Input) string {
				if key == "" {
					b, err := Compute(context.Background(), p.Snapshot(), in)
					return asJSON(t, b, err)
				}
				r, err := ComputeOrganization(context.Background(), p.Snapshot(), in, key)
				return asJSON(t, r, err)
			}
			cold.Language = m.inst.Languages[0] // named, it makes an engine of its own
			sameBytes(t, fmt.Sprintf("%d responses, %q", at, key), result(warm), result(cold))
		}
	}
}

// TestWhatIsKeptOfAWaveThatMovesChangesNoByte lets answers come one by one and many
// at a time, of people some of whom were there before.
func TestWhatIsKeptOfAWaveThatMovesChangesNoByte(t *testing.T) {
	m := recipe{seed: 12, organizations: 14, orgSD: 0.5, personSD: 0.7, excellent: 3, size: sizeOf(60)}.make()
	for _, base := range []int{0, 20} {
		steps, in, live := m.opened(t, base)
		random := rand.New(rand.NewPCG(uint64(base), 1))
		random.Shuffle(len(live), func(a, b int) { live[a], live[b] = live[b], live[a] })
		in.Drawn, in.Kept = NothingDrawn(), &Kept{}
		for _, size := range []int{200, 1, 30, 5, 150, 20} {
			if err := steps.Add(live[:size]); err != nil {
				t.Fatal(err)
			}
			live = live[size:]
			cold := in
			cold.Kept, cold.Language = nil, m.inst.Languages[0] // named, it makes an engine of its own
			snapshot := steps.Snapshot()
			got, err := Compute(t.Context(), snapshot, in)
			want, other := Compute(t.Context(), snapshot, cold)
			sameBytes(t, "the wave", asJSON(t, got, err), asJSON(t, want, other))
		}
	}
}

func TestFiguresDrawnBeforehandChangeNoByte(t *testing.T) {
	m := ordinary(12)
	snapshot, in := m.snapshot(t), m.input()
	drawn, err := Draw(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	own, err := Compute(context.Background(), snapshot, in)
	want := asJSON(t, own, err)
	in.Drawn = drawn
	got, err := Compute(context.Background(), m.snapshot(t), in)
	sameBytes(t, "wave", asJSON(t, got, err), want)
	in.Drawn = nil
	page, err := ComputeOrganization(context.Background(), snapshot, in, "org-001")
	want = asJSON(t, page, err)
	in.Drawn = drawn
	page, err = ComputeOrganization(context.Background(), m.snapshot(t), in, "org-001")
	sameBytes(t, "organization", asJSON(t, page, err), want)
}

func TestFiguresOfAnEarlierEditionSaySo(t *testing.T) {
	m := ordinary(13)
	in, all := m.input(), m.responses
	m.responses = all[:len(all)-20]
	earlier := m.snapshot(t)
	drawn, err := Draw(context.Background(), earlier, in)
	if err != nil {
		t.Fatal(err)
	}
	old := m.compute(t)
	m.responses = all
	in.Drawn = drawn
	b, err := Compute(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	if b.Provenance.Drawn != old.Provenance.Edition || b.Provenance.Edition == old.Provenance.Edition {
		t.Errorf("edition %s with figures drawn from %q, want those of %s", b.Provenance.Edition, b.Provenance.Drawn, old.Provenance.Edition)
	}
	if *b.Respondents != *old.Respondents+20 {
		t.Errorf("%d respondents, want %d", *b.Respondents, *old.Respondents+20)
	}
	if got, want := b.Practices[0].SplitHalf, old.Practices[0].SplitHalf; got.Value != want.Value || *got.CI != *want.CI {
		t.Errorf("split-half gap %v %v, want the drawn one %v %v", got.Value, got.CI, want.Value, want.CI)
	}
	if got, want := b.Organizations[1].Classification.Rank, old.Organizations[1].Classification.Rank; got.Value != want.Value {
		t.Errorf("expected rank %v, want the drawn one %v", got.Value, want.Value)
	}
}

func TestWhatIsNotYetDrawnIsPendingAndTheRestStands(t *testing.T) {
	m := ordinary(14)
	in := m.input()
	whole := m.compute(t)
	in.Drawn = NothingDrawn()
	b, err := Compute(context.Background(), m.snapshot(t), in)
	if err != nil {
		t.Fatal(err)
	}
	if b.Provenance.Drawn != Pending {
		t.Errorf("drawn from edition %q, want %q", b.Provenance.Drawn, Pending)
	}
	r := b.Practices[0]
	for _, e := range []Estimate{r.SplitHalf, r.LeaveOut, b.Organizations[0].Classification.Rank, b.Quality.Flagged} {
		if e.Value.Valid || len(e.Reasons) != 1 || e.Reasons[0] != "pending" {
			t.Errorf("%s is %v because of %v, want nothing, pending", e.Stat, e.Value, e.Reasons)
		}
	}
	if r.Gap.Value != whole.Practices[0].Gap.Value || b.Organizations[1].Classification.Tier != whole.Organizations[1].Classification.Tier {
		t.Errorf("gap %v and tier %s, want %v and %s as in the whole result", r.Gap.Value, b.Organizations[1].Classification.Tier,
			whole.Practices[0].Gap.Value, whole.Organizations[1].Classification.Tier)
	}
	other := m.input()
	other.Criteria = StudyStyleCriteria()
	drawn, err := Draw(context.Background(), m.snapshot(t), other)
	if err != nil {
		t.Fatal(err)
	}
	in.Drawn = drawn
	if b, err = Compute(context.Background(), m.snapshot(t), in); err != nil || b.Provenance.Drawn != Pending {
		t.Errorf("figures drawn under other criteria are shown as of %q, %v, want %q", b.Provenance.Drawn, err, Pending)
	}
}
