package stat

import "math"

// RandomGroupResult compares the variance inside organizations with that inside
// groups dealt at random.
type RandomGroupResult struct {
	Z              Number   `json:"random_group_z"`
	P              Number   `json:"p_z"`
	RealVariance   Number   `json:"mean_variance_within"`
	RandomVariance Number   `json:"mean_variance_random"`
	RandomSD       Number   `json:"sd_variance_random"`
	Groups         int      `json:"pseudo_groups"`
	Organizations  int      `json:"organizations"`
	Seed           uint64   `json:"seed"`
	Reasons        []Reason `json:"reasons"`
}

// RandomGroupZ is the test of Bliese and Halverson (2002): respondents are dealt
// without replacement into pseudo groups of the real sizes, again and again
// until there are at least as many pseudo groups as asked (0 means 1,000), and
// z = (mean real variance - mean pseudo variance)/(sd pseudo/sqrt(J)). A
// negative z says that people of one organization agree more than strangers.
// Values <= Missing and negative organization codes are left out;
// organizations of one are, too, since they have no variance.
//
// Fewer than two organizations of two or more: one_organization. All answers
// equal: zero_variance.
func RandomGroupZ(answers []int8, org []int32, groups int, seed uint64) (RandomGroupResult, error) {
	r := RandomGroupResult{Seed: seed, Reasons: []Reason{}}
	if len(answers) != len(org) {
		return r, lengthMismatch("answers", len(answers), "organizations", len(org))
	}
	if groups <= 0 {
		groups = 1000
	}
	pool, sizes, err := largerGroups(answers, org)
	if err != nil {
		return r, err
	}
	if len(sizes) < 2 {
		r.Reasons = append(r.Reasons, OneOrganization)
		return r, nil
	}
	r.Organizations = len(sizes)
	rounds := (groups + len(sizes) - 1) / len(sizes)
	r.Groups = rounds * len(sizes)
	r.RealVariance = Some(average(groupVariances(pool, sizes)))
	pseudo := make([][]float64, rounds)
	inParallel(rounds, func(i int) {
		stream := NewStream(seed, "random groups", i)
		dealt := append([]int8(nil), pool...)
		for k := len(dealt) - 1; k > 0; k-- {
			l := stream.IntN(k + 1)
			dealt[k], dealt[l] = dealt[l], dealt[k]
		}
		pseudo[i] = groupVariances(dealt, sizes)
	})
	var all []float64
	for _, v := range pseudo {
		all = append(all, v...)
	}
	r.RandomVariance, r.RandomSD = Some(average(all)), Some(math.Sqrt(variance(all)))
	if r.RandomSD.Value == 0 {
		r.Reasons = append(r.Reasons, ZeroVariance)
		return r, nil
	}
	z := (r.RealVariance.Value - r.RandomVariance.Value) / (r.RandomSD.Value / math.Sqrt(float64(len(sizes))))
	r.Z, r.P = Some(z), Some(NormalTwoSided(z))
	return r, nil
}

// largerGroups lays the answers of organizations of two or more side by side.
func largerGroups(answers []int8, org []int32) (pool []int8, sizes []int, err error) {
	j, err := organizationCount(org)
	if err != nil {
		return nil, nil, err
	}
	start := make([]int, j+1)
	for i, a := range answers {
		if a > Missing && org[i] >= 0 {
			start[org[i]+1]++
		}
	}
	counts := append([]int(nil), start[1:]...)
	for k := range j {
		if counts[k] < 2 {
			start[k+1] = start[k]
			continue
		}
		sizes = append(sizes, counts[k])
		start[k+1] += start[k]
	}
	pool = make([]int8, start[j])
	for i, a := range answers {
		if a > Missing && org[i] >= 0 && counts[org[i]] >= 2 {
			pool[start[org[i]]] = a
			start[org[i]]++
		}
	}
	return pool, sizes, nil
}

// groupVariances cuts the pool into groups of the given sizes.
func groupVariances(pool []int8, sizes []int) []float64 {
	variances := make([]float64, len(sizes))
	for g, size := range sizes {
		var sum, squares int64
		for _, a := range pool[:size] {
			sum += int64(a)
			squares += int64(a) * int64(a)
		}
		variances[g] = SummaryFromSums(size, sum, squares).SS / float64(size-1)
		pool = pool[size:]
	}
	return variances
}
