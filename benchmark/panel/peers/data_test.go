package peers

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
)

// points is the length of every scale, topFrom where its upper box begins.
const (
	points  = 7
	topFrom = 6
)

// shape is a study by its size.
type shape struct {
	rows, organizations, items int
}

func (s shape) String() string {
	organizations := grouped(s.organizations) + " organizations"
	if s.organizations == 1 {
		organizations = "1 organization"
	}
	return fmt.Sprintf("%s responses, %s, %d items", grouped(s.rows), organizations, s.items)
}

func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// questionnaire has as many items as are asked for, and nothing else.
func questionnaire(items int) *survey.Instrument {
	text := survey.Text{"en": "Text"}
	scale := survey.Scale{Key: "s7", TopBox: 2}
	for v := 1; v <= points; v++ {
		scale.Points = append(scale.Points, survey.Point{Value: v, Label: text})
	}
	section := survey.Section{Key: "s", Title: text}
	for i := range items {
		section.Items = append(section.Items, survey.Item{Key: fmt.Sprintf("q%d", i), Kind: survey.Likert, Scale: "s7", Label: text, Texts: map[string]survey.Text{"*": text}})
	}
	return &survey.Instrument{Key: "bench", Version: 1, Title: text, Languages: []string{"en"}, Scales: []survey.Scale{scale}, Sections: []survey.Section{section}}
}

// maker makes packed responses: one answer in six is missing. The answers come
// from a stock, so that making them costs little beside what is measured.
type maker struct {
	shape
	random *rand.Rand
	stock  [][]byte
	made   uint64
	row    survey.PackedResponse
}

var roles = [...][]byte{[]byte("salesperson"), []byte("salesperson"), []byte("salesperson"), []byte("manager")}

func newMaker(s shape) *maker {
	m := &maker{shape: s, random: rand.New(rand.NewPCG(20, 26))}
	for range 10_007 {
		closed := make([]byte, s.items)
		for i := range closed {
			if closed[i] = byte('1' + m.random.IntN(points)); m.random.IntN(6) == 0 {
				closed[i] = "-*/"[m.random.IntN(3)]
			}
		}
		m.stock = append(m.stock, closed)
	}
	return m
}

func organizationID(n int) (id survey.UID) {
	binary.BigEndian.PutUint64(id[8:], uint64(n)+1)
	return id
}

func (m *maker) next() *survey.PackedResponse {
	m.made++
	m.row = survey.PackedResponse{Organization: organizationID(m.random.IntN(m.organizations)), Role: roles[m.made%4], Language: roles[0][:2],
		Closed: m.stock[m.random.IntN(len(m.stock))], Numbers: empty, Texts: object, Weight: 1, Submitted: int64(m.made) * 1000}
	binary.BigEndian.PutUint64(m.row.ID[:], m.made)
	binary.BigEndian.PutUint64(m.row.ID[8:], m.random.Uint64())
	return &m.row
}

var empty, object = []byte("[]"), []byte("{}")

// fill makes a panel.
func (m *maker) fill(t testing.TB) *panel.Panel {
	t.Helper()
	p, err := panel.New(questionnaire(m.items))
	if err != nil {
		t.Fatal(err)
	}
	d := p.NewDecoder()
	err = p.Fill(func() error {
		for n := 1; n <= m.rows; n++ {
			if err := d.Append(m.next()); err != nil {
				return err
			}
			if n%4096 == 0 || n == m.rows {
				if _, err := p.AddBatch(d.Cut()); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// directory gives the organizations industries and regions.
func (m *maker) directory() []survey.Organization {
	list := make([]survey.Organization, m.organizations)
	for i := range list {
		list[i] = survey.Organization{ID: survey.OrganizationID(organizationID(i).String()), Industry: strconv.Itoa(i % 4), Region: strconv.Itoa(i % 3), Size: strconv.Itoa(i % 5)}
	}
	return list
}

// boxes are the upper boxes of all items.
func boxes(items int) []panel.Box {
	list := make([]panel.Box, items)
	for i := range list {
		list[i] = panel.Box{Field: i, From: topFrom, To: points}
	}
	return list
}

// file is a CSV file on its way.
type file struct {
	*os.File
	*bufio.Writer
}

func newFile(t testing.TB, path string) *file {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return &file{f, bufio.NewWriterSize(f, 1<<20)}
}

func (f *file) end(t testing.TB) {
	t.Helper()
	if err := errors.Join(f.Writer.Flush(), f.File.Close()); err != nil {
		t.Fatal(err)
	}
}

// writeCSV writes what the other engines read: the code of the organization and
// the answers, nothing where there is none; and, as one text, the packed form, where
// a name is given for it. Organizations of the next wave follow those of the last.
func writeCSV(t testing.TB, waves []*panel.Snapshot, items int, wide, packed string) {
	t.Helper()
	answers := newFile(t, wide)
	defer answers.end(t)
	stored := &file{nil, bufio.NewWriter(io.Discard)}
	if packed != "" {
		stored = newFile(t, packed)
		defer stored.end(t)
	}
	line, text, before := []byte{}, make([]byte, items), int64(0)
	for _, s := range waves {
		for row := range int32(s.Len()) {
			line = strconv.AppendInt(line[:0], before+int64(s.OrganizationOf(row)), 10)
			code := len(line)
			for i := range items {
				line = append(line, ',')
				text[i] = '-'
				if c, state := s.Code(i, int(row)); state == survey.Valid {
					line = append(line, byte('0'+c))
					text[i] = byte('0' + c)
				}
			}
			fmt.Fprintf(answers.Writer, "%s\n", line)
			fmt.Fprintf(stored.Writer, "%s,%s\n", line[:code], text)
		}
		before += int64(s.OrganizationsN())
	}
}
