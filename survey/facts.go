package survey

import (
	"slices"
	"strings"
)

// organizationFacts are the facts of an organization, with the items of a questionnaire
// whose options are their codes.
var organizationFacts = []struct {
	column, item string
	of           func(Organization) string
}{
	{"industry", "industry", func(o Organization) string { return o.Industry }},
	{"region", "region", func(o Organization) string { return o.Region }},
	{"size", "company_size", func(o Organization) string { return o.Size }},
}

// FactCodes are the codes of facts of organizations that questionnaires know, by
// fact: industry, region, size. A fact without codes takes any words.
type FactCodes map[string][]Option

// Learn adds the codes of a questionnaire. A study whose waves ask several of them
// knows the codes of each.
func (f FactCodes) Learn(in *Instrument) {
	for _, fact := range organizationFacts {
		item := in.ItemByKey(fact.item)
		if item == nil {
			continue
		}
		for _, option := range item.Options {
			if !f.knows(fact.column, option.Code) {
				f[fact.column] = append(f[fact.column], option)
			}
		}
	}
}

func (f FactCodes) knows(fact, code string) bool {
	return slices.ContainsFunc(f[fact], func(o Option) bool { return o.Code == code })
}

// Words lists the codes of a fact.
func (f FactCodes) Words(fact string) string {
	codes := make([]string, len(f[fact]))
	for i, option := range f[fact] {
		codes[i] = option.Code
	}
	return strings.Join(codes, ", ")
}

// strange says that a value is no code of its fact.
func (f FactCodes) strange(fact, value string) bool {
	return value != "" && len(f[fact]) > 0 && !f.knows(fact, value)
}

// Doubts are the facts of an organization that are no codes, one sentence each: they
// are kept and shown as they are, but no filter and no peer group knows them.
func (f FactCodes) Doubts(o Organization) []Fault {
	var doubts []Fault
	for _, fact := range organizationFacts {
		if value := fact.of(o); f.strange(fact.column, value) {
			doubts = append(doubts, Faultf(fact.column, "%q is no code of the questionnaire; it is kept, and shown as it is", value))
		}
	}
	return doubts
}

// DoubtOrganizations is what is worth a look in a list of organizations before it is
// taken: facts that are no codes, and one name under two keys.
func DoubtOrganizations(s *Sheet, listed []ListedOrganization, known []Organization, codes FactCodes) *Complaints {
	doubts := &Complaints{Sheet: s}
	keys := make(map[string]string, len(known)+len(listed))
	for _, o := range known {
		keys[strings.ToLower(o.Name)] = o.Key
	}
	for _, o := range listed {
		name := strings.ToLower(o.Name)
		if other, ok := keys[name]; ok && other != o.Key {
			doubts.AddFault(o.Line, Faultf("name", "%q has this name, too: is it the same organization?", other))
		}
		keys[name] = o.Key
		for _, doubt := range codes.Doubts(o.Organization) {
			if slices.ContainsFunc(s.Rows[:min(1, len(s.Rows))], func(r SheetRow) bool { return r.Has(doubt.Column) }) {
				doubts.AddFault(o.Line, doubt)
			}
		}
	}
	return doubts
}

// UnknownWords says for each fact that a list of doubts is about which codes there are.
func (f FactCodes) UnknownWords(doubts *Complaints) []string {
	var words []string
	for _, fact := range organizationFacts {
		if slices.ContainsFunc(doubts.List, func(c Complaint) bool { return c.Column == fact.column }) {
			words = append(words, "codes of "+fact.column+" are "+f.Words(fact.column))
		}
	}
	return words
}
