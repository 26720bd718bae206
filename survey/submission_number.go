package survey

import (
	"fmt"
	"strconv"
)

// number reads a number item.
func (r *submissionReader) number(p *planItem, s *slot) {
	item, field := p.item, p.fields[0]
	v, plain := plainNumber15(s.given)
	switch {
	case plain && inside{item.Min, item.Max}.has(v) && item.accepts(v):
		a := &r.form.answers[p.first]
		a.State, a.Number = Valid, v
	case s.kind == slotNumber:
		r.literal(p, s.given)
	default:
		r.form.values = r.confirmations(p, s)
		r.form.number(field, string(s.given))
		r.form.values = nil
	}
}

// literal reads a number of JSON, which can be read in one way only.
func (r *submissionReader) literal(p *planItem, given []byte) {
	v, err := strconv.ParseFloat(string(given), 64)
	if v == 0 {
		v = 0 // -0 is no other answer than 0
	}
	if err != nil {
		r.form.refuse(p.item.Key, ProblemOutOfRange, excerpt(string(given), 30)+" is not possible here: please send a smaller number.")
		return
	}
	if !p.item.accepts(v) {
		r.form.problem(p.item.Key, ProblemOutOfRange, p.item.impossible(v))
		return
	}
	r.form.answers[p.first] = Answer{State: Valid, Number: v}
}

// confirmations are the values that confirm the number. A program confirms by sending it.
func (r *submissionReader) confirmations(p *planItem, s *slot) map[string][]string {
	var values []string
	if !r.typed {
		values = []string{string(s.given)}
	}
	for _, c := range r.confirmed {
		if c.slot == p.slot {
			values = append(values, string(c.given))
		}
	}
	return map[string][]string{ConfirmPrefix + p.item.Key: values}
}

// plainNumber15 reads up to fifteen ASCII digits, which is what nearly
// everybody sends; anything else goes the longer way.
func plainNumber15(given []byte) (float64, bool) {
	if len(given) == 0 || len(given) > 15 {
		return 0, false
	}
	n := int64(0)
	for _, c := range given {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return float64(n), true
}

// allocation reads the parts of an item that must add up.
func (r *submissionReader) allocation(p *planItem, whole *slot) {
	if len(whole.given) > 0 && !r.typed {
		r.form.refuse(p.item.Key, ProblemUnknownOption, fmt.Sprintf("%q is no answer to the whole: please send a number for each part.", excerpt(string(whole.given), 30)))
		return
	}
	shares := make([]float64, len(p.fields))
	filled, faulty := 0, false
	for i, field := range p.fields {
		s := &r.slots[p.slot+1+i]
		if len(s.given) == 0 {
			continue
		}
		filled++
		v, fine := r.share(field, s)
		faulty = faulty || !fine
		shares[i] = v
	}
	switch {
	case filled == 0:
		r.form.missing(p.item)
	case !faulty:
		r.form.addUp(p.item, p.fields, shares)
	}
}

func (r *submissionReader) share(field Field, s *slot) (float64, bool) {
	v, fine := plainNumber15(s.given)
	if !fine && s.kind == slotNumber {
		parsed, err := strconv.ParseFloat(string(s.given), 64)
		v, fine = parsed, err == nil
	}
	if !fine {
		zero := 0.0
		typed, fault := readNumber(string(s.given), &zero, &field.Item.Sum)
		if fault != numberFine {
			r.form.problem(field.Key, ProblemNotANumber, Details{Sentence: "not_a_number", Given: excerpt(string(s.given), 30)})
			return 0, false
		}
		v = typed
	}
	if v == 0 {
		v = 0
	}
	if !(v >= 0 && v <= field.Item.Sum) {
		r.form.problem(field.Key, ProblemOutOfRange, noShare(v, field.Item.Sum))
		return 0, false
	}
	return v, true
}
