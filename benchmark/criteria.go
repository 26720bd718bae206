package benchmark

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

//go:embed criteria/*.json
var criteriaFiles embed.FS

// The units a tier can belong to.
const (
	UnitOrganization = "organization"
	UnitRespondent   = "respondent"
)

// The ways to fill the World-Class column.
const (
	ColumnExpectedNumber = "expected_number" // as many organizations as are expected to be World-Class
	ColumnCertain        = "certain"         // only those with P >= .90
)

// Criteria is a versioned document that says who is World-Class. It is immutable
// once used; its hash stands in every result.
type Criteria struct {
	Key          string      `json:"key"`
	Version      int         `json:"version"`
	Title        string      `json:"title"`
	Unit         string      `json:"unit"`                    // organization or respondent
	Items        []string    `json:"items"`                   // the criterion items
	MeanAtLeast  float64     `json:"mean_at_least,omitempty"` // respondent: least mean of the items answered
	Roles        []string    `json:"roles,omitempty"`         // roles that count in the index; without the first there is no tier
	RoleMix      []float64   `json:"role_mix,omitempty"`      // frozen shares of the roles; empty: those of the wave itself
	Cuts         *FrozenCuts `json:"cuts,omitempty"`          // empty: provisional, made from the wave itself
	Column       string      `json:"wc_column,omitempty"`     // expected_number or certain
	KPIs         []string    `json:"kpis,omitempty"`          // the second axis
	KPICut       float64     `json:"kpi_cut,omitempty"`       // frozen value of the axis from which results are top; 0: .75 quantile of the wave
	HeadlineItem string      `json:"headline_item,omitempty"` // the practice the headline is about; else the widest gap
}

// FrozenCuts are the lower bounds of the tiers on the index 0..1.
type FrozenCuts struct {
	WorldClass     float64 `json:"world_class"`
	HighPerforming float64 `json:"high_performing"`
	Average        float64 `json:"average"`
	Wave           string  `json:"wave"` // where they were made
}

// ParseCriteria reads a criteria document strictly: an unknown field, a field
// given twice or a value out of its range is an error that names the place.
func ParseCriteria(data []byte) (*Criteria, error) {
	var c Criteria
	if err := survey.DecodeDocument(data, &c); err != nil {
		return nil, survey.Errorf(survey.Invalid, "criteria: %w", err)
	}
	if c.Column == "" && c.Unit == UnitOrganization {
		c.Column = ColumnExpectedNumber
	}
	if err := c.check(); err != nil {
		return nil, survey.Errorf(survey.Invalid, "criteria: %w", err)
	}
	return &c, nil
}

func (c *Criteria) check() error {
	switch {
	case c.Key == "":
		return fmt.Errorf("key is missing")
	case c.Version < 1:
		return fmt.Errorf("version must be 1 or more")
	case c.Title == "":
		return fmt.Errorf("title is missing")
	case c.Unit != UnitOrganization && c.Unit != UnitRespondent:
		return fmt.Errorf("unit: %q is not organization or respondent", c.Unit)
	case len(c.Items) == 0:
		return fmt.Errorf("items: a rule needs at least one item")
	case c.Unit == UnitRespondent && !(c.MeanAtLeast >= 1):
		return fmt.Errorf("mean_at_least: a rule about respondents needs the least mean answer")
	case c.Unit == UnitOrganization && c.MeanAtLeast != 0:
		return fmt.Errorf("mean_at_least belongs to a rule about respondents")
	case c.Unit == UnitOrganization && c.Column != ColumnExpectedNumber && c.Column != ColumnCertain:
		return fmt.Errorf("wc_column: %q is not expected_number or certain", c.Column)
	case c.KPICut < 0 || c.KPICut > 100:
		return fmt.Errorf("kpi_cut: %v is not between 0 and 100", c.KPICut)
	}
	if twice := firstTwice(c.Items); twice != "" {
		return fmt.Errorf("items: %s is named twice", twice)
	}
	if twice := firstTwice(c.KPIs); twice != "" {
		return fmt.Errorf("kpis: %s is named twice", twice)
	}
	if err := c.checkMix(); err != nil {
		return err
	}
	return c.Cuts.check()
}

func (c *Criteria) checkMix() error {
	if len(c.RoleMix) == 0 {
		return nil
	}
	if len(c.RoleMix) != len(c.Roles) {
		return fmt.Errorf("role_mix: %d shares for %d roles", len(c.RoleMix), len(c.Roles))
	}
	total := 0.0
	for i, share := range c.RoleMix {
		if share < 0 || share > 1 {
			return fmt.Errorf("role_mix[%d]: %v is not a share", i, share)
		}
		total += share
	}
	if total < 0.999 || total > 1.001 {
		return fmt.Errorf("role_mix: the shares add up to %v, not to 1", total)
	}
	return nil
}

func (f *FrozenCuts) check() error {
	if f == nil {
		return nil
	}
	if !(f.WorldClass <= 1 && f.WorldClass > f.HighPerforming && f.HighPerforming > f.Average && f.Average >= 0) {
		return fmt.Errorf("cuts: world_class, high_performing and average must fall within 0..1, highest first")
	}
	return nil
}

func (f *FrozenCuts) cuts() stat.TierCuts {
	return stat.TierCuts{WorldClass: f.WorldClass, HighPerforming: f.HighPerforming, Average: f.Average}
}

func firstTwice(keys []string) string {
	for i, k := range keys {
		if slices.Contains(keys[:i], k) {
			return k
		}
	}
	return ""
}

// Rule is the name of the rule as results print it, such as organizations/1.
func (c *Criteria) Rule() string { return fmt.Sprintf("%s/%d", c.Key, c.Version) }

// Canonical is the document in the form that is hashed and kept.
func (c *Criteria) Canonical() []byte {
	data, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("benchmark: criteria %s can not be written: %v", c.Key, err))
	}
	return data
}

// Hash is "sha256:" and the hexadecimal hash of the canonical document.
func (c *Criteria) Hash() string {
	sum := sha256.Sum256(c.Canonical())
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Lint lists what the document names and the instrument does not have, one
// sentence each.
func (c *Criteria) Lint(inst *survey.Instrument) []string {
	var problems []string
	for _, key := range c.Items {
		switch item := inst.ItemByKey(key); {
		case item == nil:
			problems = append(problems, fmt.Sprintf("criteria %s name the item %s, which the instrument does not have", c.Rule(), key))
		case item.Kind != survey.Likert:
			problems = append(problems, fmt.Sprintf("criteria %s name the item %s, which is not an agreement item", c.Rule(), key))
		case item.Reverse && c.Unit == UnitOrganization:
			problems = append(problems, fmt.Sprintf("criteria %s name the item %s, which is worded in reverse", c.Rule(), key))
		}
	}
	for _, key := range c.KPIs {
		if item := inst.ItemByKey(key); item == nil || item.Kind != survey.Number {
			problems = append(problems, fmt.Sprintf("criteria %s name the KPI %s, which is no number item of the instrument", c.Rule(), key))
		}
	}
	if key := c.HeadlineItem; key != "" && inst.ItemByKey(key) == nil {
		problems = append(problems, fmt.Sprintf("criteria %s name the headline item %s, which the instrument does not have", c.Rule(), key))
	}
	return append(problems, c.lintScales(inst)...)
}

func (c *Criteria) lintScales(inst *survey.Instrument) []string {
	points := 0
	for _, key := range c.Items {
		f, ok := inst.FieldByKey(key)
		if !ok || f.Kind != survey.Likert {
			continue
		}
		if points != 0 && f.Points != points {
			return []string{fmt.Sprintf("criteria %s pool items of %d and of %d points; one scale is needed", c.Rule(), points, f.Points)}
		}
		points = f.Points
	}
	if c.Unit == UnitRespondent && points != 0 && c.MeanAtLeast > float64(points) {
		return []string{fmt.Sprintf("criteria %s ask for a mean of %v on a scale of %d points", c.Rule(), c.MeanAtLeast, points)}
	}
	return nil
}

var builtinCriteria = sync.OnceValue(func() map[string]*Criteria {
	found := map[string]*Criteria{}
	for _, name := range []string{"criteria/organizations-1.json", "criteria/study-style-1.json"} {
		data, err := criteriaFiles.ReadFile(name)
		if err != nil {
			panic("benchmark: " + err.Error())
		}
		c, err := ParseCriteria(data)
		if err != nil {
			panic("benchmark: " + name + ": " + err.Error())
		}
		found[c.Rule()] = c
	}
	return found
})

// OrganizationCriteria is organizations/1, the default: a tier is a property of
// an organization.
func OrganizationCriteria() *Criteria { return builtinCriteria()["organizations/1"] }

// StudyStyleCriteria is study-style/1, the rule that was stated for the 2012
// study: a tier is a property of a respondent.
func StudyStyleCriteria() *Criteria { return builtinCriteria()["study-style/1"] }

// BuiltinCriteria finds an embedded document by rule name or hash.
func BuiltinCriteria(nameOrHash string) (*Criteria, bool) {
	for rule, c := range builtinCriteria() {
		if nameOrHash == rule || nameOrHash == c.Hash() {
			return c, true
		}
	}
	return nil, false
}
