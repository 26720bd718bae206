package benchmark

import "fmt"

// peerGroup is whom an organization is compared with beside World-Class and All.
// It is chosen before any result is seen.
type peerGroup struct {
	members []int // without the organization itself
	caption string
}

// peersOf are the organizations of the same industry, else of the same region,
// else all others, the organization itself left out.
func (e *engine) peersOf(own int) peerGroup {
	u := e.units[own]
	if same := e.others(own, func(o unit) bool { return u.Industry != "" && o.Industry == u.Industry }); len(same) >= benchmarkMinimum {
		return peerGroup{same, fmt.Sprintf("Peers: the %s other organizations in the same industry (%s).", FormatCount(len(same)), e.optionLabel("industry")(u.Industry))}
	}
	if same := e.others(own, func(o unit) bool { return u.Region != "" && o.Region == u.Region }); len(same) >= benchmarkMinimum {
		return peerGroup{same, fmt.Sprintf("Peers: the %s other organizations in the same region (%s); its industry has fewer than %d others.",
			FormatCount(len(same)), e.optionLabel("region")(u.Region), benchmarkMinimum)}
	}
	all := without(e.columns.all, own)
	if len(all) < benchmarkMinimum {
		return peerGroup{all, fmt.Sprintf("No peers: fewer than %d other organizations have enough respondents.", benchmarkMinimum)}
	}
	return peerGroup{all, fmt.Sprintf("Peers: all %s other organizations; neither its industry nor its region has %d others.", FormatCount(len(all)), benchmarkMinimum)}
}

func (e *engine) others(own int, same func(unit) bool) []int {
	var found []int
	for j, o := range e.units {
		if j != own && same(o) {
			found = append(found, j)
		}
	}
	return found
}

// publishedSets are the sets of organizations whose figures can be seen
// somewhere: the columns, and with peers the groups of which each member sees
// the others.
func (e *engine) publishedSets(peers bool) [][]int {
	sets := [][]int{e.columns.all, e.columns.wc, e.columns.rest}
	if !peers {
		return sets
	}
	byIndustry, byRegion := map[string][]int{}, map[string][]int{}
	for j, u := range e.units {
		byIndustry[u.Industry] = append(byIndustry[u.Industry], j)
		byRegion[u.Region] = append(byRegion[u.Region], j)
	}
	for j, u := range e.units {
		if set := byIndustry[u.Industry]; set[0] == j && len(set) > benchmarkMinimum {
			sets = append(sets, set)
		}
		if set := byRegion[u.Region]; set[0] == j && len(set) > benchmarkMinimum {
			sets = append(sets, set)
		}
	}
	return sets
}

// ownHidden says which organizations may not see their own figure, given how
// many people stand behind it in each: too few, or needed to protect another.
func (e *engine) ownHidden(n []int, peers bool) []bool {
	if peers {
		return e.gate.protectSets(n, e.sets())
	}
	return e.gate.protectSets(n, e.publishedSets(false))
}
