package survey

import (
	"bytes"
	"strconv"
)

// ParseInstrument reads an instrument document. Besides what DecodeDocument
// refuses, it refuses an instrument that could not be answered or counted: the
// first finding of Lint with severity error comes back as a *ParseError with its
// line.
func ParseInstrument(data []byte) (*Instrument, error) {
	in, err := ReadInstrument(data)
	if err != nil {
		return nil, err
	}
	for _, f := range Lint(in, nil) {
		if f.Severity == SeverityError {
			return nil, &ParseError{Line: max(f.Line, 1), Path: f.Path, Message: f.Message}
		}
	}
	return in, nil
}

// ReadInstrument reads an instrument document that may be wrong in what it
// says, for Lint to list every finding. Use ParseInstrument for anything else.
func ReadInstrument(data []byte) (*Instrument, error) {
	in := new(Instrument)
	root, err := decodeDocument(data, in)
	if err != nil {
		return nil, err
	}
	x := in.compile()
	x.lines = map[string]int{}
	collectLines(root, "", &lineCounter{data: bytes.TrimPrefix(data, utf8Mark), line: 1}, x.lines)
	in.cache.Store(x)
	return in, nil
}

// lineCounter turns growing offsets into lines in one pass over the document.
type lineCounter struct {
	data   []byte
	offset int
	line   int
}

func (c *lineCounter) at(offset int) int {
	for ; c.offset < offset && c.offset < len(c.data); c.offset++ {
		if c.data[c.offset] == '\n' {
			c.line++
		}
	}
	return c.line
}

func collectLines(n *node, path string, count *lineCounter, into map[string]int) {
	into[path] = count.at(n.offset)
	for _, m := range n.members {
		collectLines(m.value, joinPath(path, m.key), count, into)
	}
	for i, e := range n.elements {
		collectLines(e, path+"["+strconv.Itoa(i)+"]", count, into)
	}
}
