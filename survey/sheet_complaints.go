package survey

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// MostComplaints is how many are listed, so that a wrong file does not bring one
// per row; the others are counted by their kind. MostKept is how many can be asked for
// one by one: more than anybody mends by hand.
const (
	MostComplaints = 100
	MostKept       = 100_000
)

// Fault is what is wrong with one cell, or with the row where no column is named.
type Fault struct {
	Column  string
	Message string
	Kind    string // the message without what it is about, for counting
}

// Faultf makes a fault; what it is said with does not belong to its kind.
func Faultf(column, format string, args ...any) Fault {
	fault := Saying(column, strings.NewReplacer("%q", "…", "%s", "…", "%d", "…", "%v", "…").Replace(format))
	fault.Message = fmt.Sprintf(format, args...)
	return fault
}

// Saying is a fault that is always said in the same words.
func Saying(column, message string) Fault {
	kind := message
	if column != "" {
		kind = column + ": " + kind
	}
	return Fault{Column: column, Message: message, Kind: kind}
}

// Complaint is a fault with the line of the file where it stands, as an editor counts
// them: the header is line 1.
type Complaint struct {
	Line int
	Fault
}

// Complaints collects what is wrong with a sheet: the first ones in the order of
// lines, and the number of each kind.
type Complaints struct {
	Sheet *Sheet
	List  []Complaint
	More  int // that are not listed
	kinds map[string]int
	rest  []Complaint // of those, as they were found
}

// NewComplaints begins with what is wrong with the form of the sheet.
func NewComplaints(s *Sheet) *Complaints {
	return &Complaints{Sheet: s, List: slices.Clone(s.wrong.List), More: s.wrong.More, kinds: maps.Clone(s.wrong.kinds), rest: slices.Clone(s.wrong.rest)}
}

// Add notes a mistake in a cell of the row.
func (c *Complaints) Add(row SheetRow, column, format string, args ...any) {
	c.AddFault(row.Line, Faultf(column, format, args...))
}

// AddFault notes a mistake in a line. Whoever goes through a sheet several times, each
// time for another kind of mistake, still gets them in the order of lines.
func (c *Complaints) AddFault(line int, fault Fault) {
	if c.kinds == nil {
		c.kinds = make(map[string]int)
	}
	c.kinds[fault.Kind]++
	at, _ := slices.BinarySearchFunc(c.List, line+1, func(have Complaint, line int) int { return cmp.Compare(have.Line, line) })
	if at == MostComplaints {
		c.putAside(Complaint{line, fault})
		return
	}
	if len(c.List) == MostComplaints {
		c.putAside(c.List[MostComplaints-1])
		c.List = c.List[:MostComplaints-1]
	}
	c.List = slices.Insert(c.List, at, Complaint{line, fault})
}

func (c *Complaints) putAside(one Complaint) {
	if c.More++; len(c.rest) < MostKept-MostComplaints {
		c.rest = append(c.rest, one)
	}
}

// All are the complaints in the order of lines, at most MostKept.
func (c *Complaints) All() []Complaint {
	all := slices.Concat(c.List, c.rest)
	slices.SortStableFunc(all, func(a, b Complaint) int { return cmp.Compare(a.Line, b.Line) })
	return all
}

// Total is how many mistakes there are.
func (c *Complaints) Total() int { return len(c.List) + c.More }

// ComplaintKind is one kind of mistake with its number.
type ComplaintKind struct {
	Words string
	Count int
}

// Kinds are the kinds of mistakes, the most frequent first.
func (c *Complaints) Kinds() []ComplaintKind {
	var kinds []ComplaintKind
	for words, count := range c.kinds {
		kinds = append(kinds, ComplaintKind{words, count})
	}
	slices.SortFunc(kinds, func(a, b ComplaintKind) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Words, b.Words))
	})
	return kinds
}

// Lines are the complaints, one sentence each; where not all are listed, the number of
// each kind follows.
func (c *Complaints) Lines() []string {
	lines := make([]string, 0, len(c.List)+1)
	for _, one := range c.List {
		where := fmt.Sprintf("%s: line %d", c.Sheet.Name, one.Line)
		if one.Column != "" {
			where += ", " + one.Column
		}
		lines = append(lines, where+": "+one.Message)
	}
	if c.More > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %s more; in all:", c.Sheet.Name, Thousands(c.More)))
		for _, kind := range c.Kinds() {
			lines = append(lines, fmt.Sprintf("%s: %s times %s", c.Sheet.Name, Thousands(kind.Count), kind.Words))
		}
	}
	return lines
}

// Err is nil when nothing is wrong.
func (c *Complaints) Err() error {
	if c.Total() == 0 {
		return nil
	}
	return Errorf(Invalid, "%s", strings.Join(c.Lines(), "\n"))
}
