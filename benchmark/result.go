// Package benchmark turns a panel into a Benchmark: it scores and classifies
// organizations against criteria, compares World-Class, Rest and All, and lets
// nothing out that the disclosure gate withholds. It is pure: panel in, result
// out. Page, chart, CSV and JSON are made from the same result.
package benchmark

import (
	"time"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// Status says how a figure may be read.
type Status string

// The states of a figure.
const (
	OK          Status = "ok"
	Limited     Status = "limited"      // a value with a warning
	NotComputed Status = "not_computed" // no value; the reasons say why
	Withheld    Status = "suppressed"   // withheld by the disclosure gate
)

// Column names the group of a figure.
type Column string

// The columns of the study style and of an organization's page.
const (
	WorldClass Column = "wc"
	Rest       Column = "rest"
	All        Column = "all"
	Own        Column = "own"
	Peers      Column = "peers"
	Median     Column = "median"         // the median organization
	Upper      Column = "upper_quartile" // the upper quartile of organizations
	Lower      Column = "lower_quartile"
)

// Estimate is one figure with everything that is needed to read it. A share is
// a proportion 0..1, a gap is in points, a mean in scale points, a KPI in its
// own unit. Value, interval and n are absent where Status is suppressed.
type Estimate struct {
	Stat          string         `json:"stat"`
	Item          string         `json:"item,omitempty"`
	Column        Column         `json:"column,omitempty"`
	Status        Status         `json:"status"`
	Reasons       []stat.Reason  `json:"reasons"`
	Notes         []string       `json:"notes"`
	Value         stat.Number    `json:"value"`
	Bound         string         `json:"bound,omitempty"` // "over 90%" or "under 10%" for a unanimous group
	Unit          string         `json:"unit"`
	CI            *stat.Interval `json:"ci"`
	Conf          float64        `json:"conf,omitempty"`
	CIMethod      string         `json:"ci_method,omitempty"`
	Quartiles     *stat.Interval `json:"quartiles,omitempty"`      // of a median: lower and upper, over organizations
	Mean          stat.Number    `json:"mean_winsorized,omitzero"` // beside a median: mean, winsorized at 1 and 99%
	N             *int           `json:"n"`
	NAsked        *int           `json:"n_asked,omitempty"`
	NDontKnow     *int           `json:"n_dont_know,omitempty"`
	NEff          stat.Number    `json:"n_eff"`
	Organizations *int           `json:"organizations,omitempty"`
	P             stat.Number    `json:"p_value"`
	PBH           stat.Number    `json:"p_bh"`
	PHolm         stat.Number    `json:"p_holm,omitzero"`     // over the key practices alone
	Cut           string         `json:"cut,omitempty"`       // "6-7 of 7"
	Weighting     string         `json:"weighting,omitempty"` // equal_organization, equal_respondent, none
	Seed          *uint64        `json:"seed,omitempty"`
	Replicates    *int           `json:"replicates,omitempty"`

	base base // what the gate has to know; empty in a finished result
	like int  // the answers by which it is rounded beside other figures; 0: its own
}

// Provenance names what a result was computed from and how; it holds for every
// figure of the result.
type Provenance struct {
	Study       string `json:"study"`
	Wave        string `json:"wave"`
	Edition     string `json:"edition"`          // count and watermark of the responses
	Filter      string `json:"filter,omitempty"` // which of them; empty for all
	Instrument  string `json:"instrument"`
	Criteria    string `json:"criteria"`
	Rule        string `json:"rule"`           // organizations/1
	Seal        string `json:"seal,omitempty"` // hash of what was sealed when the wave opened
	Method      string `json:"method"`         // methods/1
	Version     string `json:"version"`
	Origin      string `json:"origin"` // fieldwork, imported, generated
	Attribution string `json:"attribution,omitempty"`
	// Drawn is the edition of the figures that take longest (split-half gaps,
	// rank intervals, tests of results, carefulness, roles, study style) where it
	// is not Edition; Pending where they are still being computed.
	Drawn string `json:"drawn_edition,omitempty"`
}

// Share is a part of a breakdown.
type Share struct {
	Key   string   `json:"key"`
	Label string   `json:"label"`
	Value Estimate `json:"value"`
}

// NormReference is a published figure shown beside own data: context, never a test.
type NormReference struct {
	Label       string      `json:"label"`
	Year        int         `json:"year"`
	Measure     string      `json:"measure"`
	WorldClass  stat.Number `json:"world_class"` // as published, in percent or as the measure says
	Comparison  stat.Number `json:"comparison"`
	Base        string      `json:"base"` // all, others, none
	Approximate bool        `json:"approximate"`
	Grade       string      `json:"grade"`
	SourceTitle string      `json:"source_title"`
	SourceURL   string      `json:"source_url"`
	Note        string      `json:"note,omitempty"`
}

// PracticeRow is one practice in the World-Class / Rest / All table.
type PracticeRow struct {
	Item        string          `json:"item"`
	Label       string          `json:"label"`
	Area        string          `json:"area"`
	KeyPractice bool            `json:"key_practice"`
	Reverse     bool            `json:"reverse"` // recoded; lower raw agreement is better
	WC          Estimate        `json:"wc"`
	Rest        Estimate        `json:"rest"`
	All         Estimate        `json:"all"`
	Top3All     Estimate        `json:"top3_all"`
	Median      Estimate        `json:"median"`
	Upper       Estimate        `json:"upper_quartile"`
	Gap         Estimate        `json:"gap"`            // in_sample, WC - Rest, points
	Effect      Estimate        `json:"cohen_h"`        // of WC and Rest as chosen
	LeaveOut    Estimate        `json:"leave_item_out"` // points
	SplitHalf   Estimate        `json:"split_half"`     // points, the headline
	KPIDefined  Estimate        `json:"kpi_defined"`    // points
	Circular    stat.Number     `json:"circular_share"`
	Norms       []NormReference `json:"norms,omitempty"`
}

// AreaRow is the score of one area in each column: the mean of its practices
// on the answer scale, and as an index 0..100.
type AreaRow struct {
	Key    string `json:"key"`
	Title  string `json:"title"`
	Points int    `json:"scale_points"` // of the answer scale; 0 where the practices have different ones
	// Aggregation says whether the score may be called a property of the
	// organization: supported, limited or not_supported.
	Aggregation string   `json:"aggregation,omitempty"`
	WC          Estimate `json:"wc"`
	Rest        Estimate `json:"rest"`
	All         Estimate `json:"all"`
	Own         Estimate `json:"own"`
	// Reason says why an organization has no score here, and Spread shows its
	// answers instead.
	Reason string        `json:"reason,omitempty"`
	Spread *Distribution `json:"distribution,omitempty"`
}

// Index is the area score in a column on 0..100.
func (a AreaRow) Index(mean Estimate) stat.Number {
	if !mean.Value.Valid || a.Points < 2 {
		return stat.Number{}
	}
	return stat.Some(100 * (mean.Value.Value - 1) / float64(a.Points-1))
}

// AgreementRow says how far the people of one organization agree on a scale, and
// so whether a mean of respondents may be called a property of the organization.
type AgreementRow struct {
	Key         string   `json:"key"` // key_practices or an area
	Title       string   `json:"title"`
	Items       int      `json:"items"`
	Aggregation string   `json:"aggregation"` // supported, limited, not_supported; empty where scales differ
	Sentence    string   `json:"sentence"`
	ICC1        Estimate `json:"icc1_n0"`
	ICC2        Estimate `json:"icc2"`
	RwgjUniform Estimate `json:"rwgj_uniform"` // median organization; rwgj grows with the number of items
	RwgjSlight  Estimate `json:"rwgj_slight_skew"`
	ADMean      Estimate `json:"ad_mean"`
}

// Distribution is the agreement distribution of one item: shares of the scale
// points (or of three boxes where the group is small), ascending.
type Distribution struct {
	Item   string     `json:"item"`
	Label  string     `json:"label"`
	Points []Estimate `json:"points"`
	Labels []string   `json:"labels"`
	Boxes  bool       `json:"boxes"` // three boxes instead of all points
	N      *int       `json:"n"`
}

// Tier is the class of an organization.
type Tier string

// The tiers, best first.
const (
	TierWorldClass      Tier = "world_class"
	TierHighPerforming  Tier = "high_performing"
	TierAverage         Tier = "average"
	TierUnderPerforming Tier = "under_performing"
)

// Call is what may be said about an organization being World-Class.
type Call string

// The calls, by the probability of being World-Class.
const (
	CallWorldClass   Call = "world_class"
	CallLikely       Call = "likely"
	CallUndecided    Call = "undecided"
	CallUnlikely     Call = "unlikely"
	CallInsufficient Call = "insufficient"
)

// Classification is an organization's tier with its probability.
type Classification struct {
	Tier      Tier          `json:"tier"` // empty where Reasons say why there is none
	TierP     stat.Number   `json:"tier_p"`
	Call      Call          `json:"wc_call"`
	PWC       stat.Number   `json:"p_world_class"`
	PHP       stat.Number   `json:"p_high_performing"`
	PAvg      stat.Number   `json:"p_average"`
	PUnder    stat.Number   `json:"p_under_performing"`
	Index     Estimate      `json:"index_posterior_mean"`
	IndexRaw  Estimate      `json:"index_raw"`
	Lambda    stat.Number   `json:"lambda"`
	Rank      Estimate      `json:"expected_rank"` // CI is the rank interval
	KPIAxis   Estimate      `json:"kpi_axis"`      // mean midrank percentile
	KPITop    *bool         `json:"kpi_top"`
	Reasons   []stat.Reason `json:"reasons"`
	Provision bool          `json:"provisional_cut"`
}

// OrganizationRow is one line of the table of organizations.
type OrganizationRow struct {
	Key            string         `json:"organization"`
	Name           string         `json:"name"`
	Industry       string         `json:"industry,omitempty"`
	Region         string         `json:"region,omitempty"`
	Size           string         `json:"size,omitempty"`
	N              *int           `json:"n"`
	Status         Status         `json:"status"`
	Classification Classification `json:"classification"`
}

// KPIRow compares one KPI between the columns: medians with quartiles.
type KPIRow struct {
	Key       string          `json:"key"`
	Label     string          `json:"label"`
	Unit      string          `json:"unit"`
	Direction string          `json:"direction"`
	Source    string          `json:"source"`    // reported or records
	Reporters []string        `json:"reporters"` // labels of the roles whose answers are used
	WC        Estimate        `json:"wc"`
	Rest      Estimate        `json:"rest"`
	All       Estimate        `json:"all"`
	Own       Estimate        `json:"own"`
	Gap       Estimate        `json:"gap"`              // WC - Rest, points
	Relative  stat.Number     `json:"relative_percent"` // 100 (WC/Rest - 1), of levels only
	Norms     []NormReference `json:"norms,omitempty"`
}

// TimeRow is one part of the managers' time in each column, mean percent.
type TimeRow struct {
	Key   string          `json:"key"`
	Label string          `json:"label"`
	WC    Estimate        `json:"wc"`
	Rest  Estimate        `json:"rest"`
	All   Estimate        `json:"all"`
	Own   Estimate        `json:"own"`
	Norms []NormReference `json:"norms,omitempty"`
}

// CoachIndex tells coach from forecast accountant: the ratio of the time for
// coaching and resources to the time for forecasting and administration.
type CoachIndex struct {
	WC   Estimate `json:"wc"`
	Rest Estimate `json:"rest"`
	All  Estimate `json:"all"`
	Own  Estimate `json:"own"`
}

// RoleGapRow compares managers and salespeople inside organizations.
type RoleGapRow struct {
	Item        string   `json:"item"`
	Label       string   `json:"label"`
	Salesperson Estimate `json:"salesperson"`
	Manager     Estimate `json:"manager"`
	Executive   Estimate `json:"executive"`
	Gap         Estimate `json:"role_gap_points"`
}

// Quality says how far the answers can be trusted: flags by kind.
type Quality struct {
	Respondents  int      `json:"respondents"`
	Uniform      Estimate `json:"uniform"`       // share of respondents with one answer to every item
	StraightLine Estimate `json:"straight_line"` // share of respondents flagged as straight-liners
	Flagged      Estimate `json:"flagged"`       // share with two flags or more
	Sentence     string   `json:"sentence"`
}

// Matrix counts organizations by practice tier and KPI result; the two axes are
// never merged into one score.
type Matrix struct {
	Cells  []MatrixCell `json:"cells"`
	Status Status       `json:"status"`
	Reason string       `json:"reason,omitempty"` // in words where it can not be drawn
}

// MatrixCell is one cell of the 2 x 2.
type MatrixCell struct {
	PracticeTop   bool     `json:"practice_top"`
	KPITop        bool     `json:"kpi_top"`
	Organizations *int     `json:"organizations"`
	Status        Status   `json:"status"`
	Names         []string `json:"names,omitempty"` // only of organizations that may be shown
}

// StudyStyle is the respondent view of the 2012 rule.
type StudyStyle struct {
	Rule    string          `json:"rule"`
	Caption string          `json:"caption"`
	Share   Estimate        `json:"share"` // share of respondents who are World-Class by their own answers
	Norms   []NormReference `json:"norms,omitempty"`
	Rows    []PracticeRow   `json:"rows"`
}

// Benchmark is the whole result of a wave under one criteria document.
type Benchmark struct {
	Provenance      Provenance        `json:"provenance"`
	Title           string            `json:"title"` // of study and wave
	ComputedAt      time.Time         `json:"computed_at"`
	Headline        string            `json:"headline"` // the finding, one sentence
	Story           []string          `json:"story"`    // further sentences a reader needs
	Caveats         []string          `json:"caveats"`  // circular by design, self-report, ...
	Respondents     *int              `json:"respondents"`
	OrganizationsN  *int              `json:"organizations_n"`
	MinimumGroup    int               `json:"minimum_group"`
	Moving          bool              `json:"moving"`     // results are not final: answers enter in steps
	ShownFrom       string            `json:"shown_from"` // from how many answers on an organization is shown, a sentence
	Roles           []Share           `json:"roles"`
	Industries      []Share           `json:"industries"`
	Regions         []Share           `json:"regions"`
	Practices       []PracticeRow     `json:"practices"`
	Areas           []AreaRow         `json:"areas"`
	Agreement       []AgreementRow    `json:"agreement"`
	Distributions   []Distribution    `json:"distributions"`
	Tiers           []Share           `json:"tiers"`
	ExpectedWC      Estimate          `json:"expected_world_class"`
	Criteria        *CriteriaText     `json:"criteria"`   // absent: the wave names no tiers
	WCCaption       string            `json:"wc_caption"` // "the 4 organizations most likely World-Class, 2 of them with a probability of 90% or more"
	HalfCorrelation stat.Number       `json:"half_correlation"`
	ICC1            Estimate          `json:"icc1_n0"`
	Organizations   []OrganizationRow `json:"organizations"`
	KPIs            []KPIRow          `json:"kpis"`
	Matrix          Matrix            `json:"matrix"`
	Time            []TimeRow         `json:"manager_time"`
	Coach           CoachIndex        `json:"coach_index"`
	RoleGaps        []RoleGapRow      `json:"role_gaps"`
	StudyStyle      *StudyStyle       `json:"study_style"`
	Quality         Quality           `json:"quality"`
}

// OrganizationPractice is one practice on an organization's own page.
type OrganizationPractice struct {
	Item        string          `json:"item"`
	Label       string          `json:"label"`
	Area        string          `json:"area"`
	KeyPractice bool            `json:"key_practice"`
	Reverse     bool            `json:"reverse"`
	Own         Estimate        `json:"own"`
	Shrunk      Estimate        `json:"share_posterior_mean"`
	WC          Estimate        `json:"wc"`
	All         Estimate        `json:"all"`
	Peers       Estimate        `json:"peers"`
	GapWC       Estimate        `json:"gap_wc"`    // WC without the own organization, minus own
	Effect      Estimate        `json:"cohen_h"`   // of the same two shares
	GapAll      Estimate        `json:"gap_all"`   // All without the own organization, minus own
	GapPeers    Estimate        `json:"gap_peers"` // peers minus own
	Norms       []NormReference `json:"norms,omitempty"`
}

// OrganizationReport is what one organization sees about itself.
type OrganizationReport struct {
	Provenance    Provenance             `json:"provenance"`
	Title         string                 `json:"title"`
	Organization  OrganizationRow        `json:"organization"`
	Headline      string                 `json:"headline"`
	Story         []string               `json:"story"`
	Caveats       []string               `json:"caveats"`
	Status        Status                 `json:"status"` // suppressed: too few respondents, nothing else is filled
	Reason        string                 `json:"reason,omitempty"`
	MinimumGroup  int                    `json:"minimum_group"`
	PeersCaption  string                 `json:"peers_caption"`
	Practices     []OrganizationPractice `json:"practices"`
	Strengths     []OrganizationPractice `json:"strengths"`
	Gaps          []OrganizationPractice `json:"gaps"`
	StrengthWords string                 `json:"strengths_are"` // how sure they are
	GapWords      string                 `json:"gaps_are"`
	StrengthOrder string                 `json:"strengths_by"` // what they are sorted by
	GapOrder      string                 `json:"gaps_by"`
	ListsNote     string                 `json:"lists_note,omitempty"`   // how the figures of both lists are to be read
	Incomparable  string                 `json:"incomparable,omitempty"` // why there is nothing to compare with; then there are no lists
	Areas         []AreaRow              `json:"areas"`
	Distributions []Distribution         `json:"distributions"`
	KPIs          []KPIRow               `json:"kpis"`
	Time          []TimeRow              `json:"manager_time"`
	Coach         CoachIndex             `json:"coach_index"`
	Roles         []RoleGapRow           `json:"roles"`
	Quality       Quality                `json:"quality"`
}

// AggregateRow is one measure of a benchmark made from published shares of organizations.
type AggregateRow struct {
	Measure    string      `json:"measure"`
	Label      string      `json:"label"`
	Theme      bool        `json:"theme"`
	Median     Estimate    `json:"median"`
	Upper      Estimate    `json:"upper_quartile"`
	Lower      Estimate    `json:"lower_quartile"`
	Minimum    stat.Number `json:"minimum"`
	Maximum    stat.Number `json:"maximum"`
	Published  stat.Number `json:"published"` // the source's own benchmark row
	Own        Estimate    `json:"own"`
	Percentile Estimate    `json:"percentile_midrank"`
}

// AggregateBenchmark is the result for a source without single answers: the
// median organization is the benchmark, the upper quartile the high performers.
type AggregateBenchmark struct {
	Provenance     Provenance     `json:"provenance"`
	Title          string         `json:"title"`
	Headline       string         `json:"headline"`
	Caveats        []string       `json:"caveats"`
	OrganizationsN int            `json:"organizations_n"`
	Organization   string         `json:"organization,omitempty"` // set on one organization's page
	Names          []AggregateOrg `json:"organizations,omitempty"`
	Rows           []AggregateRow `json:"rows"`
}

// AggregateOrg names an organization of an aggregate source.
type AggregateOrg struct {
	Key  string `json:"organization"`
	Name string `json:"name"`
}
