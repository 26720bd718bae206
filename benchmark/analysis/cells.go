package analysis

import (
	"bytes"
	"iter"
)

// cells yields the cells of one record, quotes removed. A quoted cell that
// holds doubled quotes is copied, every other one points into the record.
func cells(record []byte, comma byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for {
			cell, rest, more := cutCell(record, comma)
			if !yield(cell) || !more {
				return
			}
			record = rest
		}
	}
}

// cutCell splits the first cell off the record; more says that another follows.
func cutCell(record []byte, comma byte) (cell, rest []byte, more bool) {
	if len(record) == 0 || record[0] != '"' {
		if at := bytes.IndexByte(record, comma); at >= 0 {
			return record[:at], record[at+1:], true
		}
		return record, nil, false
	}
	doubled := false
	for i := 1; i < len(record); i++ {
		if record[i] != '"' {
			continue
		}
		if i+1 < len(record) && record[i+1] == '"' {
			doubled = true
			i++
			continue
		}
		cell, rest = record[1:i], record[i+1:]
		if doubled {
			cell = bytes.ReplaceAll(cell, []byte(`""`), []byte(`"`))
		}
		if at := bytes.IndexByte(rest, comma); at >= 0 {
			return cell, rest[at+1:], true
		}
		return cell, nil, false
	}
	return record[1:], nil, false
}

// cutRecord splits the first record off a block: up to a line end outside quotes.
func cutRecord(block []byte) (record, rest []byte) {
	at := bytes.IndexByte(block, '\n')
	if at < 0 {
		return trimCR(block), nil
	}
	if bytes.IndexByte(block[:at], '"') < 0 {
		return trimCR(block[:at]), block[at+1:]
	}
	quoted := false
	for i, b := range block {
		switch {
		case b == '"':
			quoted = !quoted
		case b == '\n' && !quoted:
			return trimCR(block[:i]), block[i+1:]
		}
	}
	return trimCR(block), nil
}

func trimCR(record []byte) []byte {
	if n := len(record); n > 0 && record[n-1] == '\r' {
		return record[:n-1]
	}
	return record
}

// missingCell says that a cell holds no answer: blank, or one of the marks that
// R, SPSS, Stata and spreadsheets write.
func missingCell(cell []byte) bool {
	switch len(cell) {
	case 0:
		return true
	case 1:
		return cell[0] == '.' || cell[0] == ' ' || cell[0] == '-'
	case 2:
		return string(cell) == "NA"
	case 3:
		return string(cell) == "NaN" || string(cell) == "N/A" || string(cell) == "nan"
	case 4:
		return string(cell) == "NULL" || string(cell) == "#N/A" || string(cell) == "null"
	}
	return len(bytes.TrimSpace(cell)) == 0
}
