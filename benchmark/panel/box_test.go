package panel

import (
	"reflect"
	"testing"
)

func TestBoxesAreCountedAlikeAtEveryPace(t *testing.T) {
	const items = 6 // one word of four and one of two
	p := filled(t, practices(items), chunkRows+5000, 9)
	boxes := make([]Box, items)
	for i := range boxes {
		boxes[i] = Box{i, 3, 5}
	}
	some, err := p.Snapshot().Where(Filter{Attribute: ByRole, Values: []string{"salesperson"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*Snapshot{"all": p.Snapshot(), "some": some} {
		empty := func() *BoxCounts {
			out := &BoxCounts{}
			for range boxes {
				out.Answered, out.Inside = append(out.Answered, make([]uint32, 9)), append(out.Inside, make([]uint32, 9))
			}
			return out
		}
		want := empty()
		for i, b := range boxes {
			s.boxSlowly(want, b, i)
		}
		if want.Inside[0][0] == 0 || want.Answered[0][0] <= want.Inside[0][0] {
			t.Fatalf("%s: nothing to compare: %v", name, want.Inside)
		}
		for _, pace := range []pace{{4, 255}, {2, 0}, {2, chunkRows / 2}, {1, 0}} {
			got := empty()
			for from := 0; from < items; from += pace.lanes {
				s.boxGroup(got, boxes, [2]int{from, min(from+pace.lanes, items)}, pace)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %+v: %v, want %v", name, pace, got.Inside, want.Inside)
			}
		}
		if got := s.Boxes(boxes); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", name, got.Inside, want.Inside)
		}
	}
}

func TestNoCountOfBoxesRunsOver(t *testing.T) {
	for _, c := range []struct{ rows, organizations int }{{200, 1}, {300, 1}, {70_000, 1}, {70_000, 8}, {3000, 100}, {70_000, 300}} {
		s := filled(t, practices(1), c.rows, c.organizations).Snapshot()
		most, pace := 0, s.pace()
		for organization := range s.OrganizationsN() {
			most = max(most, s.Counts(organization).Responses)
		}
		if pace.rows > 0 {
			most = min(most, pace.rows)
		}
		if most >= 1<<pace.width() {
			t.Errorf("%+v: %d rows are counted in %d bits", c, most, pace.width())
		}
	}
}
