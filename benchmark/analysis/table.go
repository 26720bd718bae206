package analysis

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"

	"github.com/salesbench/salesbench/survey"
)

// Table is a Likert file in columns. Answers[k][i] is the answer of row i to
// item k: 1..Points after recoding, 0 where the cell is missing.
type Table struct {
	Columns       Columns
	Items         []string
	Reversed      []bool
	Answers       [][]uint8
	Organizations []string // sorted, so that the order of rows changes no digit
	Org           []int32  // position in Organizations
	Roles         []string // sorted; nil without a role column
	Role          []int32  // position in Roles, -1 where missing
	Outcome       []float64
	Weight        []float64 // nil without a weight column
	Rows          int       // rows kept
	NoGroup       int       // rows left out because they name no organization
	MissingCells  int
}

// blockSize is how much of the file one worker parses at a time.
const blockSize = 4 << 20

// maxProblems is how many cells an error message names.
const maxProblems = 5

// Read reads a delimited file with a header line. The delimiter is found from
// the header; blocks of the file are parsed on all cores and joined in order.
// Progress is called with the number of bytes read so far. A cell that is
// neither missing nor of its column's kind is an error that names row and column.
func Read(r io.Reader, c Columns, progress func(bytes int64)) (*Table, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	feed := &feeder{r: r, progress: progress}
	first, err := feed.next()
	if err != nil {
		return nil, err
	}
	header, comma, rest, err := readHeader(first)
	if err != nil {
		return nil, err
	}
	l, err := newLayout(header, comma, c)
	if err != nil {
		return nil, err
	}
	parts, err := parseAll(feed, rest, l, c)
	if err != nil {
		return nil, err
	}
	return join(parts, l, c)
}

// feeder cuts a stream into blocks that end with a whole record.
type feeder struct {
	r        io.Reader
	carry    []byte
	read     int64
	done     bool
	progress func(int64)
}

// next returns the next block, empty at the end of the file.
func (f *feeder) next() ([]byte, error) {
	block := append(make([]byte, 0, len(f.carry)+blockSize), f.carry...)
	f.carry = nil
	for !f.done {
		at := len(block)
		block = slices.Grow(block, blockSize)[:at+blockSize]
		n, err := io.ReadFull(f.r, block[at:])
		block = block[:at+n]
		f.read += int64(n)
		if f.progress != nil {
			f.progress(f.read)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			f.done = true
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the file after %d bytes: %w", f.read, err)
		}
		if end := recordEnd(block); end > 0 {
			f.carry = block[end:]
			return block[:end], nil
		}
	}
	return block, nil
}

// recordEnd finds the end of the last record that a block holds whole: the last
// line end with an even number of quotes before it. 0: none.
func recordEnd(block []byte) int {
	end := bytes.LastIndexByte(block, '\n')
	if end < 0 {
		return 0
	}
	quotes := bytes.Count(block[:end], []byte{'"'})
	for quotes%2 == 1 {
		previous := bytes.LastIndexByte(block[:end], '\n')
		if previous < 0 {
			return 0
		}
		quotes -= bytes.Count(block[previous:end], []byte{'"'})
		end = previous
	}
	return end + 1
}

// part is what one block held.
type part struct {
	answers  [][]uint8
	org      dictionary
	role     dictionary
	outcome  []float64
	weight   []float64
	rows     int // records seen, for row numbers
	noGroup  int
	missing  int
	problems []problem
	bad      int
}

// problem is a cell that can not be taken; row counts from the block's start.
type problem struct {
	row      int
	column   string
	sentence string
}

// dictionary codes the texts of one column in order of appearance.
type dictionary struct {
	codes map[string]int32
	names []string
	rows  []int32
}

func (d *dictionary) add(text []byte) {
	code, ok := d.codes[string(text)]
	if !ok {
		code = int32(len(d.names))
		d.names = append(d.names, string(text))
		d.codes[string(text)] = code
	}
	d.rows = append(d.rows, code)
}

// parseAll parses blocks on all cores and returns the parts in file order.
func parseAll(feed *feeder, first []byte, l *layout, c Columns) ([]*part, error) {
	type job struct {
		block []byte
		done  chan *part
	}
	jobs := make(chan job)
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for j := range jobs {
				j.done <- parse(j.block, l, c)
			}
		}()
	}
	defer close(jobs)
	var pending []chan *part
	for block := first; ; {
		if len(block) > 0 {
			j := job{block, make(chan *part, 1)}
			pending = append(pending, j.done)
			jobs <- j
		}
		if feed.done {
			break
		}
		var err error
		if block, err = feed.next(); err != nil {
			return nil, err
		}
	}
	parts := make([]*part, len(pending))
	for i, done := range pending {
		parts[i] = <-done
	}
	return parts, nil
}

// parse takes one block apart.
func parse(block []byte, l *layout, c Columns) *part {
	p := &part{answers: make([][]uint8, len(l.items))}
	estimate := len(block)/(2*len(l.header)+1) + 16
	for k := range p.answers {
		p.answers[k] = make([]uint8, 0, estimate)
	}
	p.org.codes, p.role.codes = map[string]int32{}, map[string]int32{}
	row := newRow(l, c, p)
	for len(block) > 0 {
		var record []byte
		record, block = cutRecord(block)
		p.rows++
		if len(record) == 0 && len(l.header) > 1 {
			continue
		}
		row.take(record)
	}
	return p
}

// join puts the parts together and turns order of appearance into sorted order.
func join(parts []*part, l *layout, c Columns) (*Table, error) {
	if err := firstProblems(parts); err != nil {
		return nil, err
	}
	t := &Table{Columns: c, Items: l.items, Reversed: l.reversed, Answers: make([][]uint8, len(l.items))}
	for _, p := range parts {
		t.Rows += len(p.org.rows)
		t.NoGroup += p.noGroup
		t.MissingCells += p.missing
	}
	if t.Rows == 0 {
		return nil, survey.Errorf(survey.Invalid, "the file has no row with an organization in %s", list(c.Group))
	}
	for k := range t.Answers {
		t.Answers[k] = make([]uint8, 0, t.Rows)
		for _, p := range parts {
			t.Answers[k] = append(t.Answers[k], p.answers[k]...)
			p.answers[k] = nil
		}
	}
	t.Organizations, t.Org = merge(parts, t.Rows, func(p *part) *dictionary { return &p.org })
	if c.Role != "" {
		t.Roles, t.Role = merge(parts, t.Rows, func(p *part) *dictionary { return &p.role })
		if len(t.Roles) > 0 && t.Roles[0] == "" {
			t.Roles = t.Roles[1:]
			for i := range t.Role {
				t.Role[i]--
			}
		}
		t.sellersFirst()
	}
	for _, p := range parts {
		t.Outcome = append(t.Outcome, p.outcome...)
		t.Weight = append(t.Weight, p.weight...)
	}
	return t, nil
}

// sellersFirst gives salespersons the first place among the roles: tiers are
// about organizations that sell.
func (t *Table) sellersFirst() {
	at := slices.Index(t.Roles, sellingRole)
	if at <= 0 {
		return
	}
	copy(t.Roles[1:at+1], t.Roles[:at])
	t.Roles[0] = sellingRole
	for i, r := range t.Role {
		switch {
		case int(r) == at:
			t.Role[i] = 0
		case r >= 0 && int(r) < at:
			t.Role[i]++
		}
	}
}

// merge joins the dictionaries of the parts into one with sorted names.
func merge(parts []*part, rows int, of func(*part) *dictionary) ([]string, []int32) {
	known := map[string]bool{}
	var names []string
	for _, p := range parts {
		for _, name := range of(p).names {
			if !known[name] {
				known[name] = true
				names = append(names, name)
			}
		}
	}
	slices.SortFunc(names, byNumberThenText)
	position := make(map[string]int32, len(names))
	for i, name := range names {
		position[name] = int32(i)
	}
	all := make([]int32, 0, rows)
	for _, p := range parts {
		d := of(p)
		code := make([]int32, len(d.names))
		for i, name := range d.names {
			code[i] = position[name]
		}
		for _, local := range d.rows {
			all = append(all, code[local])
		}
	}
	return names, all
}

// byNumberThenText sorts 2 before 10 and numbers before words.
func byNumberThenText(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(a, b)
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX == nil && errY == nil && x != y && !math.IsNaN(x) && !math.IsNaN(y):
		return cmp.Compare(x, y)
	case errX == nil && errY != nil:
		return -1
	case errX != nil && errY == nil:
		return 1
	}
	return cmp.Compare(a, b)
}

func firstProblems(parts []*part) error {
	row, total := 0, 0
	var named []byte
	for _, p := range parts {
		for _, problem := range p.problems {
			if total < maxProblems {
				named = fmt.Appendf(named, "\n  row %d (line %d), column %q: %s", row+problem.row, row+problem.row+1, problem.column, problem.sentence)
				total++
			}
		}
		row += p.rows
	}
	bad := 0
	for _, p := range parts {
		bad += p.bad
	}
	if bad == 0 {
		return nil
	}
	if bad > total {
		named = fmt.Appendf(named, "\n  and %d more", bad-total)
	}
	return survey.Errorf(survey.Invalid, "%d cells can not be read:%s", bad, named)
}
