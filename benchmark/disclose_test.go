package benchmark

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

// smallStudy is an instrument of a few items with roles, to be answered by
// hand-made or random people.
func smallStudy(items int) *survey.Instrument { return smallStudyAsking(items, "") }

// smallStudyAsking has one more section.
func smallStudyAsking(items int, section string) *survey.Instrument {
	var practices []string
	for k := range items {
		practices = append(practices, fmt.Sprintf(`{"key":"p%d","kind":"likert","block":"practice","area":"a","key_practice":true,"scale":"s7","label":{"en":"Practice %d"},"texts":{"*":{"en":"Practice %d."}},"missing":["dont_know"]}`, k, k, k))
	}
	var points []string
	for x := 1; x <= 7; x++ {
		points = append(points, fmt.Sprintf(`{"value":%d,"label":{"en":"point %d"}}`, x, x))
	}
	inst, err := survey.ReadInstrument([]byte(`{"key":"small","version":1,"title":{"en":"Small"},"languages":["en"],"role_item":"role",
	 "roles":[{"key":"salesperson","label":{"en":"Salesperson"}},{"key":"manager","label":{"en":"Manager"}},{"key":"executive","label":{"en":"Executive"}}],
	 "areas":[{"key":"a","title":{"en":"Area A"}}],"scales":[{"key":"s7","top_box":2,"points":[` + strings.Join(points, ",") + `]}],
	 "sections":[{"key":"about","title":{"en":"About"},"items":[{"key":"role","kind":"single_choice","label":{"en":"Role"},"texts":{"*":{"en":"Role?"}},"options":[{"code":"salesperson","label":{"en":"S"}},{"code":"manager","label":{"en":"M"}},{"code":"executive","label":{"en":"E"}}]}]},
	 {"key":"one","title":{"en":"One"},"items":[` + strings.Join(practices, ",") + `]}` + section + `]}`))
	if err != nil {
		panic(err) // it is written down above
	}
	return inst
}

// person answers the items of a small study; 0 is don't know.
func person(inst *survey.Instrument, organization survey.OrganizationID, id int, role string, codes ...int) survey.Response {
	answers := inst.NewAnswers()
	answers[0] = survey.Answer{State: survey.Valid, Code: 1 + slices.Index([]string{"salesperson", "manager", "executive"}, role)}
	for k, c := range codes {
		answers[1+k] = survey.Answer{State: survey.Valid, Code: c}
		if c == 0 {
			answers[1+k] = survey.Answer{State: survey.DontKnow}
		}
	}
	return survey.Response{ID: survey.ResponseID(fmt.Sprintf("r-%06d", id)), OrganizationID: organization, Role: role, Answers: answers, Weight: 1, SubmittedAt: testNow}
}

func smallCriteria(items ...string) *Criteria {
	return &Criteria{Key: "test", Version: 1, Title: "Test", Unit: UnitOrganization, Items: items, Column: ColumnExpectedNumber,
		Roles: []string{"salesperson", "manager", "executive"}}
}

// randomSmall is a wave in which many cells are near the limits of the gate.
func randomSmall(t testing.TB, seed uint64) made {
	random := rand.New(rand.NewPCG(seed, 7))
	return randomWave(random, 6+random.IntN(30))
}

func randomWave(random *rand.Rand, organizations int) made {
	m := made{inst: smallStudy(4)}
	for j := range organizations {
		o := survey.Organization{ID: survey.OrganizationID(fmt.Sprint("id", j)), Key: fmt.Sprintf("o%02d", j), Name: fmt.Sprint("Name ", j),
			Industry: fmt.Sprint("i", random.IntN(3)), Region: fmt.Sprint("r", random.IntN(2))}
		m.organizations = append(m.organizations, o)
		level := 3.5 + 1.5*random.NormFloat64()
		for range 6 + random.IntN(22) {
			codes := make([]int, 4)
			for k := range codes {
				codes[k] = min(7, max(1, int(math.Round(level+1.2*random.NormFloat64()))))
				if random.Float64() < 0.12 {
					codes[k] = 0
				}
			}
			role := []string{"salesperson", "salesperson", "salesperson", "manager", "manager", "executive"}[random.IntN(6)]
			m.responses = append(m.responses, person(m.inst, o.ID, len(m.responses), role, codes...))
		}
	}
	return m
}

func (m made) small() Input {
	in := m.input()
	in.Criteria, in.Norms = smallCriteria("p0", "p1", "p2", "p3"), nil
	return in
}

// known are linear equations in the organizations' shares that a reader of all
// published pages can write down.
type known struct {
	width int
	rows  [][]float64
}

func (k *known) add(members ...int) {
	row := make([]float64, k.width)
	for _, j := range members {
		row[j] = 1
	}
	k.rows = append(k.rows, row)
}

// determines says whether the sum over the members follows from what is known,
// by reducing it with an elimination of its own.
func (k *known) determines(members ...int) bool {
	target := map[int]float64{}
	for _, j := range members {
		target[j] = 1
	}
	return k.follows(target)
}

// follows says whether a combination of shares follows from what is known.
func (k *known) follows(combination map[int]float64) bool {
	target := make([]float64, k.width)
	for j, factor := range combination {
		target[j] = factor
	}
	rows := make([][]float64, len(k.rows))
	for i := range rows {
		rows[i] = slices.Clone(k.rows[i])
	}
	used := make([]bool, len(rows))
	for c := range k.width {
		pivot := -1
		for r := range rows {
			if !used[r] && math.Abs(rows[r][c]) > 1e-9 && (pivot < 0 || math.Abs(rows[r][c]) > math.Abs(rows[pivot][c])) {
				pivot = r
			}
		}
		if pivot < 0 {
			continue
		}
		used[pivot] = true
		eliminate := func(row []float64) {
			if f := row[c] / rows[pivot][c]; f != 0 {
				for i := range row {
					row[i] -= f * rows[pivot][i]
				}
			}
		}
		for r := range rows {
			if r != pivot && !used[r] {
				eliminate(rows[r])
			}
		}
		eliminate(target)
	}
	for _, v := range target {
		if math.Abs(v) > 1e-7 {
			return false
		}
	}
	return true
}

func TestNoSmallGroupCanBeComputedFromAllPublishedPages(t *testing.T) {
	hiddenCells, orgs := 0, 0
	for seed := range uint64(attacks) {
		m := randomSmall(t, seed)
		snapshot, in := m.snapshot(t), m.small()
		e, err := newEngine(context.Background(), snapshot, in)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Compute(context.Background(), snapshot, in)
		if err != nil {
			t.Fatal(err)
		}
		reports := make([]*OrganizationReport, len(e.units))
		for j, u := range e.units {
			if reports[j], err = ComputeOrganization(context.Background(), snapshot, in, u.Key); err != nil {
				t.Fatal(err)
			}
		}
		orgs += len(e.units)
		for k := range e.items {
			hiddenCells += attack(t, seed, e, b, reports, k)
		}
	}
	if hiddenCells < 5*attacks {
		t.Errorf("only %d hidden cells in %d organizations: the attack had nothing to find", hiddenCells, orgs)
	}
}

// attack collects what is published about one item and tries to compute each
// hidden share, and each sum of two that has fewer people than may be shown.
func attack(t *testing.T, seed uint64, e *engine, b *Benchmark, reports []*OrganizationReport, k int) int {
	valid := e.items[k].valids()
	facts := known{width: len(e.units)}
	answered := func(members []int) []int {
		return slices.DeleteFunc(slices.Clone(members), func(j int) bool { return valid[j] == 0 })
	}
	if b.Practices[k].All.Shown() {
		facts.add(answered(e.columns.all)...)
	}
	if b.Practices[k].WC.Shown() {
		facts.add(answered(e.columns.wc)...)
	}
	if b.Practices[k].Rest.Shown() {
		facts.add(answered(e.columns.rest)...)
	}
	var hidden []int
	for j, r := range reports {
		p := r.Practices[k]
		if p.Own.Shown() {
			facts.add(j)
		} else if valid[j] > 0 && p.Own.Bound == "" {
			hidden = append(hidden, j)
		}
		if p.Own.Bound != "" {
			facts.add(j)
		}
		if p.Peers.Shown() {
			facts.add(answered(e.peersOf(j).members)...)
		}
		if p.GapAll.Shown() && !p.Own.Shown() || p.GapPeers.Shown() && !p.Peers.Shown() || p.GapWC.Shown() && !p.WC.Shown() {
			t.Errorf("seed %d, %s, item %d: a gap is shown to something that is not", seed, r.Organization.Key, k)
		}
		for _, part := range []Estimate{p.Shrunk, r.Distributions[k].Points[0]} {
			if part.Shown() && !p.Own.Shown() {
				t.Errorf("seed %d, %s, item %d: %s is shown, the share is not", seed, r.Organization.Key, k, part.Stat)
			}
		}
	}
	for i, j := range hidden {
		if valid[j] < 10 && facts.determines(j) {
			t.Errorf("seed %d, item %d: %d answers of %s can be computed", seed, k, valid[j], e.units[j].Key)
		}
		for _, other := range hidden[:i] {
			if valid[j]+valid[other] < 10 && facts.determines(j, other) {
				t.Errorf("seed %d, item %d: %s and %s together can be computed", seed, k, e.units[j].Key, e.units[other].Key)
			}
		}
	}
	return len(hidden)
}

func TestHiddenRolesCanNotBeToldFromTheTotal(t *testing.T) {
	for seed := range uint64(3) {
		m := randomSmall(t, seed)
		snapshot, in := m.snapshot(t), m.small()
		e, err := newEngine(context.Background(), snapshot, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range e.units {
			r, err := ComputeOrganization(context.Background(), snapshot, in, u.Key)
			if err != nil {
				t.Fatal(err)
			}
			for k, row := range r.Roles {
				total := r.Practices[k].Own
				if !total.Shown() {
					if row.Manager.Shown() || row.Salesperson.Shown() || row.Executive.Shown() {
						t.Errorf("seed %d, %s, item %d: a role is shown, the organization is not", seed, u.Key, k)
					}
					continue
				}
				left := *total.N
				for _, role := range []Estimate{row.Salesperson, row.Manager, row.Executive} {
					if role.N != nil {
						left -= *role.N
					}
				}
				if left != 0 && left < 10 {
					t.Errorf("seed %d, %s, item %d: %d people are left over", seed, u.Key, k, left)
				}
			}
		}
	}
}

func TestABreakdownHidesWhatTheOthersWouldGiveAway(t *testing.T) {
	g := newGate(10)
	for name, c := range map[string]struct {
		n    []int
		want []bool // hidden
	}{
		"nothing small": {[]int{30, 20, 10}, []bool{false, false, false}},
		"one small cell takes the smallest other":    {[]int{30, 20, 3}, []bool{false, true, true}},
		"two small cells that reach ten":             {[]int{30, 6, 4}, []bool{false, true, true}},
		"two small cells that do not":                {[]int{30, 2, 4}, []bool{true, true, true}},
		"an empty cell is no cover":                  {[]int{30, 20, 3, 0}, []bool{false, true, true, false}},
		"alone":                                      {[]int{4}, []bool{true}},
		"nine":                                       {[]int{100, 9, 50, 11}, []bool{false, true, false, true}},
		"nobody":                                     {[]int{0, 0}, []bool{false, false}},
		"ten exactly is shown beside large ones":     {[]int{10, 10}, []bool{false, false}},
		"one person takes the next smallest with it": {[]int{1, 12, 40}, []bool{true, true, false}},
	} {
		t.Run(name, func(t *testing.T) {
			cells := make([]cell, len(c.n))
			for i, n := range c.n {
				cells[i].n = n
			}
			g.protect(cells)
			for i := range cells {
				if cells[i].hidden != c.want[i] {
					t.Errorf("cell %d of %v: hidden %v", i, c.n, cells[i].hidden)
				}
			}
		})
	}
}

func TestSetsThatTogetherDetermineACellHideAnother(t *testing.T) {
	// a+b, a+c and b+c alone are safe; together they give a, b and c.
	n := []int{5, 5, 5, 40, 50}
	sets := [][]int{{0, 1, 3}, {0, 2, 4}, {1, 2, 3, 4}}
	hidden := newGate(10).protectSets(n, sets)
	if !hidden[3] && !hidden[4] {
		t.Errorf("hidden %v", hidden)
	}
}

func TestAnOrganizationThatIsTooSmallShowsItsNameAlone(t *testing.T) {
	m := ordinary(3)
	keep := m.responses[:0:0]
	seen := 0
	for _, r := range m.responses {
		if r.OrganizationID == m.organizations[5].ID {
			if seen++; seen > 7 {
				continue
			}
		}
		keep = append(keep, r)
	}
	m.responses = keep
	b := m.compute(t)
	row := b.Organizations[5]
	if row.Status != Withheld || row.N != nil || row.Classification.PWC.Valid || row.Classification.Index.Value.Valid {
		t.Errorf("row %+v", row)
	}
	total := 0
	for _, o := range b.Organizations {
		if o.N != nil {
			total += *o.N
		}
	}
	if total != *b.Respondents || !strings.HasPrefix(b.Provenance.Edition, fmt.Sprint(total, "-")) {
		t.Errorf("the total %d or the edition %s tells how many the small organization has; the others have %d", *b.Respondents, b.Provenance.Edition, total)
	}
	r := m.report(t, m.organizations[5].Key)
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != Withheld || r.Reason == "" || len(r.Practices)+len(r.Areas)+len(r.KPIs)+len(r.Distributions) != 0 || strings.Contains(string(data), `"n":7`) {
		t.Errorf("report %s", data)
	}
}

func TestAFigureThatDeclaresNoBaseDoesNotLeave(t *testing.T) {
	b := &Benchmark{ICC1: Estimate{Stat: "new", Value: stat.Some(1), Status: OK, N: ptr(3)}}
	newGate(10).seal(b)
	if b.ICC1.Status != Withheld || b.ICC1.Value.Valid || b.ICC1.N != nil {
		t.Errorf("%+v", b.ICC1)
	}
}

func TestTheGateHoldsItsLimits(t *testing.T) {
	g := newGate(0)
	for name, c := range map[string]struct {
		base base
		want bool
	}{
		"ten people of one organization":     {base{kind: baseGroup, respondents: 10}, true},
		"nine people":                        {base{kind: baseGroup, respondents: 9}, false},
		"five organizations of equal weight": {base{kind: baseColumn, respondents: 50, organizations: 5, largest: 0.2}, true},
		"four organizations":                 {base{kind: baseColumn, respondents: 400, organizations: 4, largest: 0.25}, false},
		"one holds a quarter":                {base{kind: baseColumn, respondents: 50, organizations: 6, largest: 0.25}, true},
		"one holds more than a quarter":      {base{kind: baseColumn, respondents: 50, organizations: 6, largest: 0.2501}, false},
		"five organizations, nine people":    {base{kind: baseColumn, respondents: 9, organizations: 5, largest: 0.2}, false},
		"hidden for another":                 {base{kind: baseGroup, respondents: 100, hidden: true}, false},
		"undeclared":                         {base{respondents: 100, organizations: 100}, false},
	} {
		if got := g.passes(c.base); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if newGate(3).minimum != 5 || newGate(0).minimum != 10 || newGate(12).minimum != 12 {
		t.Error("the minimum group")
	}
}

func TestUnanimousSmallGroupsGetABound(t *testing.T) {
	m := made{inst: smallStudy(4)}
	for j := range 12 {
		o := survey.Organization{ID: survey.OrganizationID(fmt.Sprint("id", j)), Key: fmt.Sprintf("o%02d", j), Name: "N"}
		m.organizations = append(m.organizations, o)
		for i := range 12 {
			codes := []int{7, 2, 1 + (i+j)%7, 4 + i%4}
			m.responses = append(m.responses, person(m.inst, o.ID, len(m.responses), "salesperson", codes...))
		}
	}
	r, err := ComputeOrganization(context.Background(), m.snapshot(t), m.small(), "o03")
	if err != nil {
		t.Fatal(err)
	}
	for k, bound := range []string{"over 90%", "under 10%"} {
		p := r.Practices[k]
		if p.Own.Bound != bound || p.Own.Value.Valid || p.Own.N != nil || p.GapAll.Shown() || p.Shrunk.Shown() || r.Distributions[k].Points[0].Shown() {
			t.Errorf("item %d: own %+v, gap %s, shrunk %s", k, p.Own, p.GapAll.Text(), p.Shrunk.Text())
		}
	}
	if !r.Practices[2].Own.Shown() || !r.Distributions[2].Boxes {
		t.Errorf("item 2: %s, boxes %v", r.Practices[2].Own.Text(), r.Distributions[2].Boxes)
	}
}
