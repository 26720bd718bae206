package stat

import "math"

// ItemCounts are the agreements and valid answers of every organization to one
// item.
type ItemCounts struct{ Agree, Valid []int }

// Counts returns the counts of all items, in the order of the columns packed.
func (a *AgreeBits) Counts() []ItemCounts {
	counts := make([]ItemCounts, a.items)
	for k := range counts {
		counts[k] = ItemCounts{make([]int, a.organizations), make([]int, a.organizations)}
	}
	inBlocks(a.organizations, 64, func(from, to int) {
		scratch := a.newCounts()
		for j := from; j < to; j++ {
			rows := a.rowsOf(j)
			a.count(rows, scratch)
			for k := range counts {
				counts[k].Agree[j] = int(scratch.agree[k])
				counts[k].Valid[j] = len(rows) - int(scratch.missing[k])
			}
		}
	})
	return counts
}

// Gap is the difference of the shares of agreement of chosen organizations and
// the others; missing where a column is empty. With it `kpi_defined` is the gap
// of the organizations a KPI chose, `in_sample` that of the tier as it stands.
func (c ItemCounts) Gap(chosen []bool, weighting Weighting) Number {
	var weight, sum [2]Sum
	for j, n := range c.Valid {
		w := itemWeight(int32(n), weighting)
		if w == 0 {
			continue
		}
		side := 1
		if chosen[j] {
			side = 0
		}
		weight[side].Add(w)
		sum[side].Add(w * float64(c.Agree[j]) / float64(n))
	}
	return Some(sum[0].Value()/weight[0].Value() - sum[1].Value()/weight[1].Value())
}

// CircularGap is one row of the columns that show how much of a gap is circular.
type CircularGap struct {
	InSample     Number `json:"in_sample"`
	LeaveItemOut Number `json:"leave_item_out"`
	SplitHalf    Number `json:"split_half"`
	// CircularShare is 1 - split_half/in_sample: the part of the gap that comes
	// from choosing the group by these answers.
	CircularShare Number   `json:"circular_share"`
	Reasons       []Reason `json:"reasons"`
}

// CircularGaps is the result of Circularity.
type CircularGaps struct {
	Items []CircularGap  `json:"items"`
	Split *SplitHalfGaps `json:"split_half"`
	// Chosen marks the WC column of in_sample.
	Chosen []bool `json:"-"`
}

// Circularity measures, with the same number of organizations in the WC column,
// the gap of every item in sample (the top organizations by posterior mean of
// the index), with the item left out of the index, and split-half. A gap in
// sample is selected_on_items when its item is in the index. Sums are checked:
// circular_share is out_of_domain where the gap in sample is not positive.
func Circularity(a *AgreeBits, options CircularOptions) (*CircularGaps, error) {
	options, err := options.filled(a.organizations)
	if err != nil {
		return nil, err
	}
	split, err := SplitHalf(a, options)
	if err != nil {
		return nil, err
	}
	chosen, err := a.TopByIndex(options, -1)
	if err != nil {
		return nil, err
	}
	left, err := LeaveItemOut(a, options)
	if err != nil {
		return nil, err
	}
	out := &CircularGaps{Items: make([]CircularGap, a.items), Split: split, Chosen: chosen}
	inKey := make([]bool, a.items)
	for _, k := range options.Key {
		inKey[k] = true
	}
	for k, counts := range a.Counts() {
		row := CircularGap{InSample: counts.Gap(chosen, options.Weighting), LeaveItemOut: left[k], SplitHalf: split.Items[k].Gap, Reasons: []Reason{}}
		row.CircularShare = CircularShare(row.InSample, row.SplitHalf)
		switch {
		case !row.InSample.Valid:
			row.Reasons = append(row.Reasons, NoValidAnswers)
		case !row.CircularShare.Valid && row.SplitHalf.Valid:
			row.Reasons = append(row.Reasons, OutOfDomain)
		}
		if inKey[k] {
			row.Reasons = append(row.Reasons, SelectedOnItems)
		}
		out.Items[k] = row
	}
	return out, nil
}

// CircularShare is 1 - split_half/in_sample; missing unless in_sample > 0.
func CircularShare(inSample, splitHalf Number) Number {
	if !inSample.Valid || !splitHalf.Valid || inSample.Value <= 0 {
		return Number{}
	}
	return Some(1 - splitHalf.Value/inSample.Value)
}

// LeaveItemOut returns, for every item, the gap of the organizations that have
// the highest posterior mean of the index computed without that item. An item
// outside the index has the gap in sample. It removes only the item's own noise:
// where people differ by a general mood it stays large although organizations
// do not differ at all. Descriptive: its p-value is no test.
func LeaveItemOut(a *AgreeBits, options CircularOptions) ([]Number, error) {
	options, err := options.filled(a.organizations)
	if err != nil {
		return nil, err
	}
	whole, err := a.TopByIndex(options, -1)
	if err != nil {
		return nil, err
	}
	gaps := make([]Number, a.items)
	counts := a.Counts()
	for k := range gaps {
		gaps[k] = counts[k].Gap(whole, options.Weighting)
	}
	for _, k := range options.Key {
		chosen, err := a.TopByIndex(options, k)
		if err != nil {
			return nil, err
		}
		gaps[k] = counts[k].Gap(chosen, options.Weighting)
	}
	return gaps, nil
}

// TopByIndex marks the WorldClass eligible organizations with the highest
// posterior mean of the index over the key practices without one of them (-1:
// with all). Where there is nothing to shrink with, the raw index decides.
func (a *AgreeBits) TopByIndex(options CircularOptions, without int) ([]bool, error) {
	key := make([]int, 0, len(options.Key))
	for _, k := range options.Key {
		if k != without {
			key = append(key, k)
		}
	}
	index, err := a.Index(key, options.Mix)
	if err != nil {
		return nil, err
	}
	scores, s2 := index.Scores()
	present, err := presentScores(scores, s2)
	if err != nil {
		return nil, err
	}
	if len(present) > 1 {
		for i, mean := range newNormalPosterior(pick(scores, present), pick(s2, present)).means() {
			scores[present[i]] = mean
		}
	}
	for j := range scores {
		if options.Eligible != nil && !options.Eligible[j] {
			scores[j] = math.NaN()
		}
	}
	return TopOrganizations(scores, options.WorldClass), nil
}
