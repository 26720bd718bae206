package benchmark

import (
	"cmp"
	"context"
	"slices"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
)

// Suspect is a response that looks careless, with the reasons. It is about one
// person and passes no gate: it is for those who may see single answers, to decide
// whether the response counts.
type Suspect struct {
	Response     survey.ResponseID     `json:"response"`
	Organization survey.OrganizationID `json:"-"`
	Key          string                `json:"organization"`
	Role         string                `json:"role"`
	Flags        []string              `json:"flags"`
	Reasons      []string              `json:"reasons"` // a sentence for each flag
	// LeftOut says that "without flagged" on the page of trust leaves it out.
	LeftOut bool `json:"left_out"`
}

// suspicions are the flags that a single response can have.
var suspicions = []struct {
	flag, reason string
	rows         func(j *judged) []bool
}{
	{"uniform", "the same answer to every item", func(j *judged) []bool { return j.uniform }},
	{"straight_line", "one answer all the way down a page with a reversed item, or through half of the items", func(j *judged) []bool { return j.straight }},
	{"fast", "less than two seconds for an item, or less than a third of the usual time", func(j *judged) []bool { return j.fast }},
}

// Suspects lists the responses of a snapshot with at least one flag, by
// organization. The snapshot should hold everything, what is excluded too.
func Suspects(ctx context.Context, snapshot *panel.Snapshot, in Input) ([]Suspect, error) {
	e, err := newEngine(ctx, snapshot, in)
	if err != nil {
		return nil, err
	}
	flags, err := e.judge()
	if err != nil {
		return nil, err
	}
	keys := make(map[survey.OrganizationID]string, len(in.Organizations))
	for i := range in.Organizations {
		keys[in.Organizations[i].ID] = in.Organizations[i].Key
	}
	organizations, roles := snapshot.Organizations(), snapshot.Roles()
	var out []Suspect
	for i, row := range e.image().rows {
		s := Suspect{LeftOut: flags.straight[i] || flags.uniform[i] || flags.flagged[i]}
		for _, suspicion := range suspicions {
			if suspicion.rows(&flags)[i] {
				s.Flags, s.Reasons = append(s.Flags, suspicion.flag), append(s.Reasons, suspicion.reason)
			}
		}
		if len(s.Flags) == 0 {
			continue
		}
		s.Response, s.Organization = survey.ResponseID(snapshot.IDOf(row).String()), organizations[snapshot.OrganizationOf(row)]
		s.Key, s.Role = keys[s.Organization], roles[snapshot.RoleOf(row)]
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Suspect) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Response, b.Response))
	})
	return out, ctx.Err()
}

// WithoutExclusions says whether figures of all responses may stand beside those
// without the excluded ones: the two differ by the excluded people, of whom there
// must be none, or as many as a shown group needs.
func WithoutExclusions(wave survey.Wave, excluded int) bool {
	return excluded == 0 || excluded >= newGate(wave.MinimumGroup).minimum
}
