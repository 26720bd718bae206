package peers

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/benchmark/panel"
)

// rowsAsked is the size of the comparison: small unless SALESBENCH_ROWS says else.
func rowsAsked(t *testing.T) int {
	text := os.Getenv("SALESBENCH_ROWS")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// print shows a line, and keeps it for the document that SALESBENCH_OUT names.
func print(t *testing.T, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	fmt.Println(line)
	path := os.Getenv("SALESBENCH_OUT")
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := fmt.Fprintln(f, line); err != nil {
		t.Fatal(err)
	}
}

func ms(d time.Duration) string {
	v := float64(d) / 1e6
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 1:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

// TestTheMachineIsNamed writes the head of the document.
func TestTheMachineIsNamed(t *testing.T) {
	if path := os.Getenv("SALESBENCH_OUT"); path != "" {
		_ = os.Remove(path) // it may not be there
	}
	cpu := "unknown processor"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, after, ok := strings.Cut(string(info), "model name\t: "); ok {
			cpu, _, _ = strings.Cut(after, "\n")
		}
	}
	load, _ := os.ReadFile("/proc/loadavg") // absent where it is not Linux
	print(t, "# The panel, measured\n\nWritten by `make bench-panel` on %s, %s, %d core(s), load %.4s at the start, %s. Do not edit: run it again. What stands side by side in a table was measured within minutes.",
		time.Now().UTC().Format("2006-01-02"), cpu, runtime.NumCPU(), load, runtime.Version())
}

// study is generated waves of one shape.
type study struct {
	name string
	shape
	waves int
}

// counted has every engine count the upper boxes of all items for all organizations of
// all waves, from scratch, and come to the same numbers. The panel on one core and on
// two comes first.
func (st study) counted(t *testing.T, packed bool) (all []measured, counts int) {
	var waves []*panel.Snapshot
	for range st.waves {
		waves = append(waves, newMaker(shape{st.rows / st.waves, max(1, st.organizations/st.waves), st.items}).fill(t).Snapshot())
	}
	want := &panel.BoxCounts{Answered: make([][]uint32, st.items), Inside: make([][]uint32, st.items)}
	for _, s := range waves {
		one := s.Boxes(boxes(st.items))
		for i := range one.Answered {
			want.Answered[i] = append(want.Answered[i], one.Answered[i]...)
			want.Inside[i] = append(want.Inside[i], one.Inside[i]...)
		}
	}
	for _, cores := range []int{1, 2} {
		before := runtime.GOMAXPROCS(cores)
		took := best(7, func() {
			for _, s := range waves {
				s.Boxes(boxes(st.items))
			}
		})
		runtime.GOMAXPROCS(before)
		all = append(all, measured{fmt.Sprintf("the panel, %d core(s)", cores), took})
	}
	dir := t.TempDir()
	wide, stored := filepath.Join(dir, "wide.csv"), ""
	if packed {
		stored = filepath.Join(dir, "packed.csv")
	}
	writeCSV(t, waves, st.items, wide, stored)
	all = append(all, dataTable(t, st.items, want, wide)...)
	all = append(all, duckDB(t, st.items, want, wide)...)
	return append(all, postgres(t, st.items, want, wide, stored)...), 2 * st.items * len(want.Answered[0])
}

// TestPeersCountTheSame is the comparison at the usual shape.
func TestPeersCountTheSame(t *testing.T) {
	n := rowsAsked(t)
	st := study{"", shape{n, max(1, n/100), 60}, 1}
	all, counts := st.counted(t, true)
	print(t, "\n## Upper box of all items for all organizations, from scratch\n\n%s. Best run of each engine; every engine gave the same %s counts.\n", st.shape, grouped(counts))
	print(t, "| engine | ms | answers per second | times the panel on 1 core | on 2 cores |\n|---|---|---|---|---|")
	for _, e := range all {
		print(t, "| %s | %s | %.3g | %.1f | %.1f |", e.engine, ms(e.time), float64(st.rows*st.items)/e.time.Seconds(),
			float64(e.time)/float64(all[0].time), float64(e.time)/float64(all[1].time))
	}
}

// aimOverDuckDB is how many times as fast as DuckDB the panel is to be, on the same
// number of processors.
const aimOverDuckDB = 15

// TestPeersCountOtherShapes is the comparison at shapes that are unlike it.
func TestPeersCountOtherShapes(t *testing.T) {
	n := rowsAsked(t)
	print(t, "\n## The same of other shapes\n\nMilliseconds, best run of each engine in one process after the other; every engine gave the same counts. data.table counts columns of 0 and 1 that were made before, PostgreSQL wide columns with up to 2 more workers; several waves are more organizations to the other engines. The aim is %d times as fast as DuckDB.\n", aimOverDuckDB)
	print(t, "| study | counts | panel, 1 core | 2 cores | data.table, 2 threads | DuckDB, 1 thread | 2 threads | PostgreSQL | DuckDB over panel, 1 core | 2 cores | fastest, and the aim |\n|---|---|---|---|---|---|---|---|---|---|---|")
	for _, st := range []study{
		{"one organization", shape{n, 1, 60}, 1},
		{"organizations of five", shape{n / 4, max(1, n/20), 60}, 1},
		{"300 items", shape{n / 10, max(1, n/1000), 300}, 1},
		{"30 waves", shape{n, max(30, n/100), 60}, 30},
	} {
		all, counts := st.counted(t, false)
		fastest := func(of string, way int) time.Duration {
			var found []time.Duration
			for _, e := range all {
				if strings.HasPrefix(e.engine, of) {
					found = append(found, e.time)
				}
			}
			switch {
			case len(found) == 0:
				return 0 // it is not installed
			case way < 0:
				return slices.Min(found)
			}
			return found[way]
		}
		duck := [2]time.Duration{fastest("DuckDB", 0), fastest("DuckDB", 1)}
		over := [2]float64{float64(duck[0]) / float64(all[0].time), float64(duck[1]) / float64(all[1].time)}
		print(t, "| %s: %s | %s | %s | %s | %s | %s | %s | %s | %.1f | %.1f | %s |", st.name, st.shape, grouped(counts), ms(all[0].time), ms(all[1].time),
			ms(fastest("R", -1)), ms(duck[0]), ms(duck[1]), ms(fastest("PostgreSQL", -1)), over[0], over[1], verdict(all, over))
	}
}

// verdict says whether the panel is the fastest, and whether it reaches the aim.
func verdict(all []measured, over [2]float64) string {
	for _, e := range all[2:] {
		if e.time < all[1].time {
			return "**no**: " + e.engine
		}
	}
	if over[0] < aimOverDuckDB || over[1] < aimOverDuckDB {
		return "fastest; **not** the aim"
	}
	return "yes"
}

// grown is what one size costs.
type grown struct {
	shape
	load, boxes, update, filter, filterAll time.Duration
	bytes, raw                             float64
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// rawBytes are the columns of one response, ids and codes included.
func rawBytes(items int) float64 { return float64(items + 16 + 4 + 4 + 2 + 2 + 4) }

func measure(t *testing.T, s shape) grown {
	m := newMaker(s)
	g := grown{shape: s, raw: rawBytes(s.items)}
	before := heap()
	start := time.Now()
	p := m.fill(t)
	g.load = time.Since(start)
	g.bytes = float64(heap()-before) / float64(s.rows)
	g.boxes = best(3, func() { p.Snapshot().Boxes(boxes(s.items)) })
	filter := panel.Filter{All: []panel.Filter{{Attribute: panel.ByRole, Values: []string{"salesperson"}},
		{Attribute: panel.ByRegion, Values: []string{"1"}}, {Item: "q0", Codes: []int{5, 6, 7}}}}
	directory := m.directory()
	where := func(f panel.Filter) func() {
		return func() {
			part, err := p.Snapshot().Where(f, directory)
			if err != nil {
				t.Fatal(err)
			}
			part.Boxes(boxes(s.items))
		}
	}
	g.filter = best(3, where(filter))
	g.filterAll = best(3, where(panel.Filter{Attribute: panel.ByRole, Values: []string{"salesperson", "manager"}}))
	d := p.NewDecoder()
	const updates = 200
	start = time.Now()
	for range updates {
		if err := d.Append(m.next()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.AddBatch(d.Cut()); err != nil {
			t.Fatal(err)
		}
	}
	g.update = time.Since(start) / updates
	if p.Snapshot().Len() != s.rows+updates {
		t.Fatalf("%d rows", p.Snapshot().Len())
	}
	return g
}

const grownHead = "| responses | organizations | items | load, ns per response | boxes, ms | filter of 3, ms | filter that lets all through, ms | one more response, µs | bytes per response | over the raw columns |\n|---|---|---|---|---|---|---|---|---|---|"

func (g grown) String() string {
	return fmt.Sprintf("| %s | %s | %d | %.0f | %s | %s | %s | %.1f | %.0f | %.2f |", grouped(g.rows), grouped(g.organizations), g.items,
		float64(g.load)/float64(g.rows), ms(g.boxes), ms(g.filter), ms(g.filterAll), float64(g.update)/1e3, g.bytes, g.bytes/g.raw)
}

// TestCostGrowsWithTheSize is the table of sizes, up to ten times what is asked.
func TestCostGrowsWithTheSize(t *testing.T) {
	n := rowsAsked(t)
	print(t, "\n## Growth\n\nLoading is reading packed rows and filing them, on one core for the most part; boxes are the upper boxes of all items for all organizations; a filter gives the same boxes of what it lets through.\n")
	print(t, grownHead)
	first, last := math.NaN(), 0.0
	for rows := max(1, n/100); rows <= 10*n; rows *= 10 {
		g := measure(t, shape{rows, max(1, rows/100), 60})
		print(t, "%s", g)
		last = float64(g.load) / float64(rows)
		if math.IsNaN(first) {
			first = last
		}
	}
}

// TestOtherShapes are studies that are unlike the usual one.
func TestOtherShapes(t *testing.T) {
	n := rowsAsked(t)
	print(t, "\n## Other shapes\n")
	print(t, grownHead)
	for _, s := range []shape{{n, 1, 60}, {n / 4, n / 20, 60}, {n / 10, n / 1000, 300}, {n / 4, n / 20, 300}} {
		print(t, "%s", measure(t, s))
	}
	before := heap()
	start := time.Now()
	const waves = 30
	var panels []*panel.Panel
	for range waves {
		panels = append(panels, newMaker(shape{n / waves, max(1, n/waves/100), 60}).fill(t))
	}
	took := time.Since(start)
	print(t, "\n%d waves side by side, %s responses in each: %.0f ns and %.0f bytes per response.", waves, grouped(n/waves),
		float64(took)/float64(n), float64(heap()-before)/float64(n))
	runtime.KeepAlive(panels)
}
