package benchmark

import (
	"context"
	"math"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/benchmark/stat"
)

// Trust says how far the scores of a wave can be believed: whether the answers
// hang together, whether people in one organization agree, how much the answers
// are worth, how carefully they were given and who stayed silent.
type Trust struct {
	Provenance     Provenance          `json:"provenance"`
	Title          string              `json:"title"` // of study and wave
	Headline       string              `json:"headline"`
	Story          []string            `json:"story"`
	Caveats        []string            `json:"caveats"`
	Respondents    *int                `json:"respondents"`
	OrganizationsN *int                `json:"organizations_n"`
	MinimumGroup   int                 `json:"minimum_group"`
	Scales         []TrustScale        `json:"scales"`
	Organizations  []TrustOrganization `json:"organizations"`
	Flags          []Share             `json:"flags"`
	WithoutFlagged []RobustRow         `json:"without_flagged"`
	RobustReason   string              `json:"without_flagged_reason,omitempty"` // why there is nothing to compare
	Response       TrustResponse       `json:"response"`
	Silence        []SilenceRow        `json:"item_nonresponse"`
}

// TrustScale is one area, or the key practices together.
type TrustScale struct {
	Key          string       `json:"key"`
	Title        string       `json:"title"`
	Items        int          `json:"items"`
	Alpha        Estimate     `json:"alpha_listwise"`
	AlphaWithout Estimate     `json:"alpha_without_flagged"`
	Omega        Estimate     `json:"omega_total"`
	PerItem      []TrustItem  `json:"per_item"`
	Agreement    AgreementRow `json:"agreement"`
	Deff         Estimate     `json:"deff_n"` // median over the items
	NEff         Estimate     `json:"n_eff"`  // what the answers are worth at that design effect
	Needed       Estimate     `json:"respondents_needed"`
	Reached      Estimate     `json:"organizations_with_respondents_needed"`
}

// TrustItem is what one item adds to its scale.
type TrustItem struct {
	Item           string   `json:"item"`
	Label          string   `json:"label"`
	ItemTotal      Estimate `json:"item_total_corrected"`
	AlphaIfDeleted Estimate `json:"alpha_if_deleted"`
	Hurts          bool     `json:"hurts"`
	Why            string   `json:"why,omitempty"`
}

// TrustOrganization is the agreement among the people of one organization, in
// the order of the scales.
type TrustOrganization struct {
	Key      string              `json:"organization"`
	Name     string              `json:"name"`
	N        *int                `json:"n"`
	Status   Status              `json:"status"`
	Response Estimate            `json:"response_rate"`
	Scales   []OrganizationScale `json:"scales"`
}

// OrganizationScale says whether the mean of a scale may stand for the
// organization.
type OrganizationScale struct {
	Key         string   `json:"key"`
	Aggregation string   `json:"aggregation"` // supported, limited, not_supported; empty where nothing can be said
	RwgjUniform Estimate `json:"rwgj_uniform"`
	RwgjSlight  Estimate `json:"rwgj_slight_skew"`
	Lambda      Estimate `json:"lambda"`
}

// reliabilityReplicates of the bootstrap over organizations behind the intervals
// of alpha and omega.
const reliabilityReplicates = 200

// UnitPeople is the unit of a number of people.
const UnitPeople = "respondents"

// wantedReliability is the reliability of an organization's mean that a plan
// aims at.
const wantedReliability = 0.70

// ComputeTrust says how far the scores of a wave can be believed. Everything in
// it has passed the disclosure gate.
func ComputeTrust(ctx context.Context, snapshot *panel.Snapshot, in Input) (*Trust, error) {
	e, err := newEngine(ctx, snapshot, in)
	if err != nil {
		return nil, err
	}
	t := &Trust{Provenance: e.provenance(), Title: waveTitle(in.Study, in.Wave), MinimumGroup: e.gate.minimum,
		Respondents: ptr(e.people), OrganizationsN: ptr(len(e.units))}
	maker := &trustMaker{engine: e, in: in}
	for _, part := range []func(*Trust) error{
		maker.suspects, maker.addScales, maker.addFlags, maker.addWithoutFlagged, maker.addResponse, maker.addOrganizations, maker.addSilence,
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := part(t); err != nil {
			return nil, err
		}
	}
	maker.words(t)
	e.gate.seal(t)
	return t, nil
}

// trustMaker is an engine with what several parts of a Trust share.
type trustMaker struct {
	*engine
	in           Input
	judged       judged
	suspect      []bool // per row: a straight line, or two flags
	suspectCount int
	agreements   []stat.AgreementTable // per scale
	lambdas      [][]stat.Number       // per scale and organization
}

// keyPractices is the key of the scale made of the practices of the criteria.
const keyPractices = "key_practices"

func (m *trustMaker) addScales(t *Trust) error {
	for s, scale := range m.plan.scales {
		row := TrustScale{Items: len(scale.items)}
		row.Key, row.Title = m.scaleNames(s)
		var err error
		if row.Agreement, err = m.engine.agreements[s](); err != nil {
			return err
		}
		if err := m.within(s); err != nil {
			return err
		}
		if err := m.reliability(&row, scale.items); err != nil {
			return err
		}
		if err := m.worth(&row, scale.items); err != nil {
			return err
		}
		m.needed(&row, scale.items)
		t.Scales = append(t.Scales, row)
	}
	return nil
}

// within looks at each organization by itself.
func (m *trustMaker) within(s int) error {
	scale := m.plan.scales[s]
	lambda := make([]stat.Number, len(m.units))
	var table stat.AgreementTable
	if scale.points > 0 {
		counts, err := stat.AgreementCounts(pick(m.image().answers, scale.items), m.image().org, scale.points, true)
		if err != nil {
			return err
		}
		table = stat.AgreementOf(counts)
		copy(lambda, stat.RandomIntercept(m.scaleMeans(s), false).Lambda)
	}
	m.agreements, m.lambdas = append(m.agreements, table), append(m.lambdas, lambda)
	return nil
}

// worth says what clustered answers are worth: the median design effect of the
// scale's items.
func (m *trustMaker) worth(row *TrustScale, items []int) error {
	var effects, answers []float64
	for _, k := range items {
		r, err := stat.ClusteredShare(m.items[k].persons(), stat.ShareOptions{Conf: confidence})
		if err != nil {
			return err
		}
		if r.DeffN.Valid && r.DeffN.Value > 0 {
			effects, answers = append(effects, r.DeffN.Value), append(answers, float64(r.N))
		}
	}
	deff, n := stat.Median(effects), stat.Median(answers)
	b := m.everyone()
	row.Deff = m.known("deff_n", UnitRatio, deff, b)
	row.NEff = m.known("n_eff", UnitPeople, stat.Number{}, b)
	if deff.Valid {
		row.NEff = m.known("n_eff", UnitPeople, stat.Some(n.Value/deff.Value), b)
	}
	return nil
}

// needed says how many respondents an organization needs for a reliable mean, and
// how many organizations have them.
func (m *trustMaker) needed(row *TrustScale, items []int) {
	b := m.everyone()
	icc := row.Agreement.ICC1.Value
	needed := stat.Number{}
	if icc.Valid {
		needed = stat.RespondentsNeeded(icc.Value, wantedReliability)
	}
	row.Needed = m.known("respondents_needed", UnitPeople, needed, b)
	row.Reached = m.known("organizations", UnitCount, stat.Number{}, base{kind: baseCount})
	if !needed.Valid {
		if icc.Valid {
			row.Needed.Reasons = []stat.Reason{stat.NoDetectableDifference}
		}
		return
	}
	reached := 0
	scored := m.meanAnswers(items)
	for _, u := range m.units {
		n := 0
		for _, v := range scored[u.from:u.to] {
			if !math.IsNaN(v) {
				n++
			}
		}
		if float64(n) >= needed.Value {
			reached++
		}
	}
	row.Reached = m.known("organizations", UnitCount, stat.Some(float64(reached)), base{kind: baseCount})
	row.Reached.Organizations = ptr(len(m.units))
}

// everyone is the base of a figure over all respondents of the frame.
func (e *engine) everyone() base {
	return base{kind: baseColumn, respondents: e.people, organizations: len(e.units)}
}

// known is a figure with the number of all respondents and organizations.
func (m *trustMaker) known(name, unit string, value stat.Number, b base) Estimate {
	return figure(name, unit, value, b).withN(m.people, len(m.units))
}

// addOrganizations lists every organization with its agreement on each scale;
// one that is too small appears by name alone.
func (m *trustMaker) addOrganizations(t *Trust) error {
	at := map[string]int{}
	for j, u := range m.units {
		at[u.Key] = j
	}
	for _, o := range m.sortedOrganizations() {
		row := TrustOrganization{Key: o.Key, Name: o.Name, Status: Withheld}
		if j, ok := at[o.Key]; ok {
			row.Status, row.N, row.Response = OK, ptr(m.units[j].size()), m.rateOf(j)
			for s := range t.Scales {
				row.Scales = append(row.Scales, m.organizationScale(t.Scales[s], s, j))
			}
		}
		t.Organizations = append(t.Organizations, row)
	}
	return nil
}

func (m *trustMaker) organizationScale(scale TrustScale, s, j int) OrganizationScale {
	row := OrganizationScale{Key: scale.Key}
	var a stat.AgreementResult
	if j < len(m.agreements[s].PerOrganization) {
		a = m.agreements[s].PerOrganization[j]
	}
	row.RwgjUniform = within("rwgj_uniform", a.RwgjUniform, a)
	row.RwgjSlight = within("rwgj_slight_skew", a.RwgjSlight, a)
	row.Lambda = figure("lambda", UnitCorrelation, m.lambdas[s][j], base{kind: baseGroup, respondents: a.N}).withN(a.N, 0)
	if m.gate.open(row.RwgjUniform) {
		row.Aggregation = string(organizationGate(stat.Aggregation(scale.Agreement.Aggregation), a))
	}
	return row
}

// within is an index of agreement inside one organization. That everybody in a
// small organization gave the same answers is what each of them answered.
func within(name string, value stat.Number, a stat.AgreementResult) Estimate {
	b := base{kind: baseGroup, respondents: a.N}
	b.hidden = value.Valid && a.RwgjUniform.Value >= 1 && a.N < unanimousBelow
	e := figure(name, UnitCorrelation, value, b).withN(a.N, 0)
	if !value.Valid && len(a.Reasons) > 0 {
		e.Reasons = a.Reasons
	}
	return e
}
