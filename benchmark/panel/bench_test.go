package panel

import (
	"encoding/binary"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/salesbench/salesbench/survey"
)

// generated makes packed responses of an instrument without a database.
type generated struct {
	inst          *survey.Instrument
	random        *rand.Rand
	organizations int
	made          uint64
	row           survey.PackedResponse
	closed        []byte
	numbers       []byte
}

func newGenerated(inst *survey.Instrument, organizations int) *generated {
	return &generated{inst: inst, random: rand.New(rand.NewPCG(1, 2)), organizations: organizations}
}

// next is the next response; it holds until the one after.
func (g *generated) next() *survey.PackedResponse {
	g.made++
	g.closed, g.numbers = g.closed[:0], append(g.numbers[:0], '[')
	for _, i := range g.inst.ClosedFields() {
		g.closed = append(g.closed, g.cell(g.inst.Fields()[i].Points))
	}
	for n := range g.inst.NumberFields() {
		if n > 0 {
			g.numbers = append(g.numbers, ',')
		}
		g.numbers = strconv.AppendInt(g.numbers, g.random.Int64N(100), 10)
	}
	g.numbers = append(g.numbers, ']')
	g.row = survey.PackedResponse{Role: []byte("salesperson"), Language: []byte("en"), Closed: g.closed, Numbers: g.numbers,
		Texts: []byte("{}"), Weight: 1, Submitted: 1_780_000_000_000_000 + int64(g.made)}
	if g.made%5 == 0 {
		g.row.Role = []byte("manager")
	}
	binary.BigEndian.PutUint64(g.row.ID[:], g.made)
	binary.BigEndian.PutUint64(g.row.ID[8:], g.random.Uint64())
	binary.BigEndian.PutUint64(g.row.Organization[8:], 1+uint64(g.random.IntN(g.organizations)))
	return &g.row
}

func (g *generated) cell(points int) byte {
	if v := g.random.IntN(6 * points); v >= points {
		return byte('1' + v%points)
	}
	return "-*/."[g.random.IntN(4)]
}

// filled returns a panel of generated responses.
func filled(t testing.TB, inst *survey.Instrument, rows, organizations int) *Panel {
	t.Helper()
	p, err := New(inst)
	if err != nil {
		t.Fatal(err)
	}
	g, d := newGenerated(inst, organizations), p.NewDecoder()
	err = p.Fill(func() error {
		for done := 0; done < rows; {
			for range min(4096, rows-done) {
				if err := d.Append(g.next()); err != nil {
					return err
				}
				done++
			}
			if _, err := p.AddBatch(d.Cut()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || p.Snapshot().Len() != rows {
		t.Fatalf("%d rows, %v", p.Snapshot().Len(), err)
	}
	return p
}

func BenchmarkAppend(b *testing.B) {
	p, err := New(survey.Builtin())
	if err != nil {
		b.Fatal(err)
	}
	g, d := newGenerated(survey.Builtin(), 10_000), p.NewDecoder()
	rows := make([]survey.PackedResponse, 1000)
	for i := range rows {
		rows[i] = *g.next()
		rows[i].Closed, rows[i].Numbers = append([]byte(nil), rows[i].Closed...), append([]byte(nil), rows[i].Numbers...)
		rows[i].Seconds = []byte("[31.5,40.25,28,61,55.5,47,39.75,80,22,64,19.5]")
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := d.Append(&rows[i%len(rows)]); err != nil {
			b.Fatal(err)
		}
		if i%4096 == 4095 {
			d.Cut()
		}
	}
}

func BenchmarkAddBatch(b *testing.B) {
	const rows = 500_000
	inst := survey.Builtin()
	p, err := New(inst)
	if err != nil {
		b.Fatal(err)
	}
	g, d := newGenerated(inst, 10_000), p.NewDecoder()
	var batches []*Batch
	for i := range rows {
		if err := d.Append(g.next()); err != nil {
			b.Fatal(err)
		}
		if i%4096 == 4095 || i == rows-1 {
			batches = append(batches, d.Cut())
		}
	}
	b.ResetTimer()
	for b.Loop() {
		p, err := New(inst)
		if err != nil {
			b.Fatal(err)
		}
		err = p.Fill(func() error {
			for _, batch := range batches {
				if _, err := p.AddBatch(batch); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || p.Snapshot().Len() != rows {
			b.Fatal(p.Snapshot().Len(), err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/rows, "ns/response")
}

// BenchmarkBoxes counts the upper boxes of 60 items from scratch, in shapes between
// one organization and very many.
func BenchmarkBoxes(b *testing.B) {
	const items, rows = 60, 300_000
	inst := practices(items)
	boxes := make([]Box, items)
	for i := range boxes {
		boxes[i] = Box{i, 6, 7}
	}
	for _, organizations := range []int{1, 100, 3000, 60_000} {
		s := filled(b, inst, rows, organizations).Snapshot()
		b.Run(strconv.Itoa(organizations), func(b *testing.B) {
			for b.Loop() {
				s.Boxes(boxes)
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/items/rows, "ns/answer")
		})
	}
}
