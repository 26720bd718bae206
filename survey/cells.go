package survey

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// cellColumn turns the cells of one column into answers.
type cellColumn struct {
	name     string
	position int
	field    Field
	group    *ColumnGroup
	missing  []map[string]State // the group's before the mapping's
	lowest   int
	codes    map[string]int // option code, exactly -> code
	labels   map[string]int // what a scale point or option is called, in lower case -> code; 0: two are called so
	comma    bool           // decimal comma
	quick    [128]quickCell // cells of one ASCII character, read once
}

type quickCell struct {
	known  bool
	answer Answer
}

// cellFault is why a cell can not be taken.
type cellFault struct{ code, message string }

// newCellColumn fits a column to a field; the message says why it can not be.
func newCellColumn(in *Instrument, m *Mapping, g *ColumnGroup, f Field) (*cellColumn, string) {
	c := &cellColumn{field: f, group: g, missing: []map[string]State{g.Missing, m.Missing}, lowest: 1, comma: m.DecimalComma}
	if g.Lowest != nil {
		if f.Kind != Likert || *g.Highest-*g.Lowest+1 != f.Points {
			return nil, fmt.Sprintf("%d to %d are %d points, but item %q has %d", *g.Lowest, *g.Highest, *g.Highest-*g.Lowest+1, f.Key, f.Points)
		}
		c.lowest = *g.Lowest
	}
	if g.Descending && f.Kind != Likert {
		return nil, fmt.Sprintf("descending has no meaning for item %q, which has no scale", f.Key)
	}
	if g.Factor != 0 && f.Kind != Number && f.Kind != Allocation {
		return nil, fmt.Sprintf("factor has no meaning for item %q, which is no number", f.Key)
	}
	c.collectLabels(in)
	for char := range c.quick {
		answer, fault := c.read(string(rune(char)))
		c.quick[char] = quickCell{known: fault == nil, answer: answer}
	}
	return c, ""
}

func (c *cellColumn) collectLabels(in *Instrument) {
	c.codes, c.labels = map[string]int{}, map[string]int{}
	add := func(label string, code int) {
		label = strings.ToLower(strings.TrimSpace(label))
		if before, taken := c.labels[label]; taken && before != code {
			code = 0
		}
		c.labels[label] = code
	}
	if scale := in.ScaleOf(c.field.Item); scale != nil {
		for i, point := range scale.Points {
			for _, label := range point.Label {
				if _, fault := plainNumber(label, true); fault != nil { // the name "3" must not hide what 3 stands for
					add(label, i+1)
				}
			}
		}
	}
	for i, option := range c.field.Item.Options {
		c.codes[option.Code] = i + 1
		for _, label := range option.Label {
			add(label, i+1)
		}
	}
}

// answer reads a cell without the spaces around it.
func (c *cellColumn) answer(cell string) (Answer, *cellFault) {
	if len(cell) == 1 && cell[0] < utf8.RuneSelf && c.quick[cell[0]].known {
		return c.quick[cell[0]].answer, nil
	}
	return c.read(cell)
}

func (c *cellColumn) read(cell string) (Answer, *cellFault) {
	for _, missing := range c.missing {
		if state, ok := missing[cell]; ok {
			return Answer{State: state}, nil
		}
	}
	if code, ok := c.group.Recode[cell]; ok {
		cell = code
		if state, ok := stateCodes[code]; ok {
			return Answer{State: state}, nil
		}
		return c.recoded(cell)
	}
	if cell == "" {
		return Answer{State: Skipped}, nil
	}
	switch c.field.Kind {
	case Likert:
		return c.point(cell)
	case SingleChoice:
		return c.option(cell)
	case LongText:
		return c.text(cell)
	default:
		return c.number(cell)
	}
}

// recoded reads what the mapping put in the place of a cell: scale points count
// from 1 there, whatever the file counts from.
func (c *cellColumn) recoded(code string) (Answer, *cellFault) {
	switch c.field.Kind {
	case Likert:
		v, err := strconv.Atoi(code)
		if err != nil || v < 1 || v > c.field.Points {
			return Answer{}, &cellFault{RefusedOutside, fmt.Sprintf("the mapping recodes it to %q, which is not one of the points 1 to %d", code, c.field.Points)}
		}
		return Answer{State: Valid, Code: v}, nil
	case SingleChoice:
		return c.option(code)
	case LongText:
		return c.text(code)
	default:
		return c.number(code)
	}
}

func (c *cellColumn) point(cell string) (Answer, *cellFault) {
	if code := c.labels[strings.ToLower(cell)]; code > 0 {
		return Answer{State: Valid, Code: code}, nil
	}
	highest := c.lowest + c.field.Points - 1
	v, fault := c.plain(cell)
	if fault != nil {
		return Answer{}, fault
	}
	if v != math.Trunc(v) || v < float64(c.lowest) || v > float64(highest) {
		return Answer{}, &cellFault{RefusedOutside, fmt.Sprintf("%s is outside the scale %d to %d", excerpt(cell, 30), c.lowest, highest)}
	}
	code := int(v) - c.lowest + 1
	if c.group.Descending {
		code = c.field.Points + 1 - code
	}
	return Answer{State: Valid, Code: code}, nil
}

func (c *cellColumn) option(cell string) (Answer, *cellFault) {
	code := c.codes[cell]
	if code == 0 {
		code = c.labels[strings.ToLower(cell)]
	}
	if code == 0 {
		return Answer{}, &cellFault{ProblemUnknownOption, fmt.Sprintf("%q is no answer of item %q; recode it in the mapping", excerpt(cell, 30), c.field.Key)}
	}
	return Answer{State: Valid, Code: code}, nil
}

func (c *cellColumn) text(cell string) (Answer, *cellFault) {
	text := cleanText(cell)
	if n, limit := utf8.RuneCountInString(text), c.field.Item.TextLimit(); n > limit {
		return Answer{}, &cellFault{ProblemTooLong, fmt.Sprintf("the text has %d characters; item %q takes %d", n, c.field.Key, limit)}
	}
	if text == "" {
		return Answer{State: Skipped}, nil
	}
	return Answer{State: Valid, Text: text}, nil
}

func (c *cellColumn) number(cell string) (Answer, *cellFault) {
	v, fault := c.plain(cell)
	if fault != nil {
		return Answer{}, fault
	}
	if c.group.Factor != 0 {
		v *= c.group.Factor
	}
	item := c.field.Item
	if c.field.Kind == Allocation && !(v >= 0 && v <= item.Sum) || c.field.Kind == Number && !item.accepts(v) {
		return Answer{}, &cellFault{ProblemOutOfRange, fmt.Sprintf("%s is outside the range of item %q", excerpt(cell, 30), c.field.Key)}
	}
	return Answer{State: Valid, Number: v}, nil
}

func (c *cellColumn) plain(cell string) (float64, *cellFault) { return plainNumber(cell, c.comma) }

// plainNumber reads a number as programs write it: digits, one decimal sign,
// an exponent. A file is not a person: nothing is guessed.
func plainNumber(cell string, comma bool) (float64, *cellFault) {
	s := cell
	if strings.ContainsAny(s, "xXpP_iInN") { // what ParseFloat takes beyond plain numbers
		return 0, notANumber(cell)
	}
	if strings.Contains(s, ",") {
		v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
		if err == nil && !comma {
			return 0, &cellFault{RefusedDecimalComma, fmt.Sprintf("%q has a decimal comma: set \"decimal_comma\" in the mapping", excerpt(cell, 30))}
		}
		if err == nil && math.Abs(v) <= maxNumber {
			return v, nil
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(v) > maxNumber {
		return 0, notANumber(cell)
	}
	return v, nil
}

func notANumber(cell string) *cellFault {
	return &cellFault{RefusedNotANumber, fmt.Sprintf("%q is not a number; if it stands for a missing answer, list it under \"missing\" in the mapping", excerpt(cell, 30))}
}
