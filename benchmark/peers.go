package benchmark

import (
	"fmt"
	"sync"
)

// peerGroup is whom an organization is compared with beside World-Class and All.
// It is chosen before any result is seen.
type peerGroup struct {
	*peerSet // with the organization itself
	caption  string
}

// peerSet are organizations that are each other's peers: the same on the pages of all
// of them, but for the organization itself.
type peerSet struct {
	members []int
	sums    func() []columnSums // by item
}

// peerSets are the organizations of each industry and region, and all.
type peerSets struct {
	industry, region map[string]*peerSet
	all              *peerSet
}

// makePeerSets parts the organizations by industry and by region.
func (e *engine) makePeerSets() *peerSets {
	p := &peerSets{industry: map[string]*peerSet{}, region: map[string]*peerSet{}, all: &peerSet{members: e.columns.all}}
	in := func(sets map[string]*peerSet, trait string, j int) {
		if sets[trait] == nil {
			sets[trait] = &peerSet{}
		}
		sets[trait].members = append(sets[trait].members, j)
	}
	for j := range e.units {
		in(p.industry, e.units[j].Industry, j)
		in(p.region, e.units[j].Region, j)
	}
	for _, sets := range []map[string]*peerSet{p.industry, p.region, {"": p.all}} {
		for _, set := range sets {
			set.sums = sync.OnceValue(func() []columnSums { return e.sumsOf(set.members) })
		}
	}
	return p
}

// peersOf are the organizations of the same industry, else of the same region,
// else all others.
func (e *engine) peersOf(own int) peerGroup {
	u, sets := e.units[own], e.peerSets()
	if set := sets.industry[u.Industry]; u.Industry != "" && set.others() >= benchmarkMinimum {
		return peerGroup{set, fmt.Sprintf("Peers: the %s other organizations in the same industry (%s).", FormatCount(set.others()), e.optionLabel("industry")(u.Industry))}
	}
	if set := sets.region[u.Region]; u.Region != "" && set.others() >= benchmarkMinimum {
		return peerGroup{set, fmt.Sprintf("Peers: the %s other organizations in the same region (%s); its industry has fewer than %d others.",
			FormatCount(set.others()), e.optionLabel("region")(u.Region), benchmarkMinimum)}
	}
	if sets.all.others() < benchmarkMinimum {
		return peerGroup{sets.all, fmt.Sprintf("No peers: fewer than %d other organizations have enough respondents.", benchmarkMinimum)}
	}
	return peerGroup{sets.all, fmt.Sprintf("Peers: all %s other organizations; neither its industry nor its region has %d others.", FormatCount(sets.all.others()), benchmarkMinimum)}
}

// others are how many peers each has.
func (p *peerSet) others() int { return len(p.members) - 1 }

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
