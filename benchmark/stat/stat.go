// Package stat holds the estimators of the benchmark: slices in, struct out.
//
// Every function is pure. It leaves the caller's slices untouched, draws random
// numbers only from a seed it was given, and answers degenerate input with a
// Reason instead of NaN, a silent zero or a panic. A mistake of the programmer
// (slices of different length, a confidence outside (0,1)) is an *InputError.
//
// Symbols follow the methods paper of the project: respondents i, organizations
// j, items k; J organizations, n_j respondents in j, N respondents in all.
package stat

import (
	"encoding/json"
	"fmt"
)

// Reason says why a value is missing or has to be read with care.
type Reason string

// The reasons an estimate can carry, worst first within a result.
const (
	NoValidAnswers          Reason = "no_valid_answers"
	OneOrganization         Reason = "one_organization"
	FewOrganizations        Reason = "few_organizations"
	OneRespondent           Reason = "one_respondent"
	NoReplication           Reason = "no_replication"
	ZeroVariance            Reason = "zero_variance"
	ZeroBetweenVariance     Reason = "zero_between_variance"
	ZeroWithinVariance      Reason = "zero_within_variance"
	NegativeEstimate        Reason = "negative_estimate"
	BoundaryEstimate        Reason = "boundary_estimate"
	NoDetectableDifference  Reason = "no_detectable_difference"
	InsufficientReliability Reason = "insufficient_reliability"
	FewEffectiveCases       Reason = "few_effective_cases"
	SmallTier               Reason = "small_tier"
	SelectedOnItems         Reason = "selected_on_items"
	UnitIsRespondent        Reason = "unit_is_respondent"
	NoCounts                Reason = "no_counts"
	TooFewItems             Reason = "too_few_items"
	TooFewRows              Reason = "too_few_rows"
	SingularMatrix          Reason = "singular_matrix"
	NotConverged            Reason = "not_converged"
	Heywood                 Reason = "heywood"
	OutOfDomain             Reason = "out_of_domain"
	EmptyMarginCell         Reason = "empty_margin_cell"
	TrimRakeConflict        Reason = "trim_rake_conflict"
	WordingChanged          Reason = "wording_changed"
	CutChanged              Reason = "cut_changed"
	PopulationChanged       Reason = "population_changed"
	ProvisionalCut          Reason = "provisional_cut"
	Suppressed              Reason = "suppressed"
	Unanimous               Reason = "unanimous"
	// ManyOrganizations stands where a figure is not drawn because there are more
	// organizations than it is made for.
	ManyOrganizations Reason = "many_organizations"
	// Pending stands where a figure is still being computed.
	Pending Reason = "pending"
)

// InputError is a mistake in the data or the call that no estimate can answer.
// Code is one of invalid_value, invalid_weight, length_mismatch, unknown_item,
// mixed_scales, invalid_confidence and duplicate_respondent; Row and Column are
// zero-based positions in the caller's slices, -1 where they do not apply.
type InputError struct {
	Code        string
	Row, Column int
	Detail      string
}

func (e *InputError) Error() string {
	if e.Row < 0 {
		return fmt.Sprintf("%s: %s", e.Code, e.Detail)
	}
	return fmt.Sprintf("%s at row %d, column %d: %s", e.Code, e.Row+1, e.Column+1, e.Detail)
}

// Interval is a confidence or credible interval; Lower <= Upper.
type Interval struct{ Lower, Upper float64 }

// MarshalJSON writes [lower, upper].
func (i Interval) MarshalJSON() ([]byte, error) {
	return json.Marshal([2]Number{Some(i.Lower), Some(i.Upper)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (i *Interval) UnmarshalJSON(data []byte) error {
	var pair [2]float64
	if err := json.Unmarshal(data, &pair); err != nil {
		return err
	}
	i.Lower, i.Upper = pair[0], pair[1]
	return nil
}

// The notes an estimate can carry: remarks that are no warning.
const (
	NoteRescaled            = "rescaled"
	NoteRoleMissing         = "role_missing"
	NoteHalfAdded           = "half_added"
	NoteUnstable            = "unstable"
	NoteSetToZero           = "n_set_to_zero"
	NoteZeroBetweenVariance = "zero_between_variance"
)

// Missing is the answer code of every kind of missing answer. Estimators that
// work on answers take them as int8 or int slices in which a value <= Missing
// is not counted; the kinds are kept apart by the panel, not here.
const Missing = 0

// z95 is the two-sided 95% quantile of the standard normal distribution.
const z95 = 1.959963984540054
