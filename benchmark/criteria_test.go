package benchmark

import (
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
)

func TestEmbeddedCriteriaFitTheBuiltinInstrument(t *testing.T) {
	for rule, items := range map[string]int{"organizations/1": 12, "study-style/1": 42} {
		c, ok := BuiltinCriteria(rule)
		if !ok || c.Rule() != rule || len(c.Items) != items {
			t.Fatalf("%s: %+v", rule, c)
		}
		if problems := c.Lint(survey.Builtin()); len(problems) > 0 {
			t.Errorf("%s: %v", rule, problems)
		}
		again, err := ParseCriteria(c.Canonical())
		if err != nil || again.Hash() != c.Hash() {
			t.Errorf("%s does not survive being written and read: %v", rule, err)
		}
		if found, ok := BuiltinCriteria(c.Hash()); !ok || found != c {
			t.Errorf("%s is not found by its hash", rule)
		}
	}
	for _, item := range OrganizationCriteria().Items {
		if !survey.Builtin().ItemByKey(item).KeyPractice {
			t.Errorf("%s is no key practice", item)
		}
	}
}

func TestWrongCriteriaNameThePlace(t *testing.T) {
	good := `{"key":"own","version":1,"title":"Own","unit":"organization","items":["a","b"]`
	for name, c := range map[string]struct{ document, want string }{
		"unknown field":          {good + `,"cutz":{}}`, "cutz"},
		"wrong type":             {"{\n\"key\":1}", "line 2"},
		"field twice":            {good + `,"key":"x"}`, "key"},
		"no items":               {`{"key":"own","version":1,"title":"Own","unit":"organization","items":[]}`, "items"},
		"item twice":             {strings.Replace(good, `"b"`, `"a"`, 1) + `}`, "a is named twice"},
		"unknown unit":           {strings.Replace(good, `"organization"`, `"team"`, 1) + `}`, "team"},
		"cuts in wrong order":    {good + `,"cuts":{"world_class":0.4,"high_performing":0.5,"average":0.3,"wave":"w"}}`, "cuts"},
		"cut above one":          {good + `,"cuts":{"world_class":1.4,"high_performing":0.5,"average":0.3,"wave":"w"}}`, "cuts"},
		"mix without roles":      {good + `,"role_mix":[1]}`, "role_mix"},
		"mix that is no whole":   {good + `,"roles":["x","y"],"role_mix":[0.5,0.2]}`, "add up"},
		"respondents, no mean":   {strings.Replace(good, `"organization"`, `"respondent"`, 1) + `}`, "mean_at_least"},
		"organizations and mean": {good + `,"mean_at_least":6}`, "mean_at_least"},
		"kpi cut out of range":   {good + `,"kpi_cut":140}`, "kpi_cut"},
		"no version":             {strings.Replace(good, `"version":1,`, "", 1) + `}`, "version"},
		"not JSON":               {"nothing", "line 1"},
		"empty":                  {"", "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseCriteria([]byte(c.document))
			if err == nil || !strings.Contains(err.Error(), c.want) || survey.KindOf(err) != survey.Invalid {
				t.Errorf("error %v, want something about %s", err, c.want)
			}
		})
	}
}

func TestCriteriaThatNameMissingItemsSaySo(t *testing.T) {
	c := smallCriteria("p0", "gone", "role")
	c.KPIs, c.HeadlineItem = []string{"p1"}, "lost"
	problems := strings.Join(c.Lint(smallStudy(4)), "\n")
	for _, want := range []string{"item gone", "item role", "KPI p1", "headline item lost"} {
		if !strings.Contains(problems, want) {
			t.Errorf("nothing about %s in %s", want, problems)
		}
	}
}

func FuzzParseCriteria(f *testing.F) {
	f.Add(OrganizationCriteria().Canonical())
	f.Add([]byte(`{"key":"x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseCriteria(data)
		if err != nil {
			return
		}
		if _, err := ParseCriteria(c.Canonical()); err != nil {
			t.Errorf("what was read can not be read again: %v", err)
		}
	})
}

func TestCriteriaSayInWordsWhatTheyAskFor(t *testing.T) {
	inst := survey.Builtin()
	frozen := *OrganizationCriteria()
	frozen.Cuts = &FrozenCuts{WorldClass: 0.62, HighPerforming: 0.5, Average: 0.35, Wave: "2026.1"}
	for name, c := range map[string]struct {
		criteria  *Criteria
		practices int
		words     []string
	}{
		"provisional cuts": {OrganizationCriteria(), 12, []string{"over 12 key practices, the mean of the share of its people who agree (6-7 of 7)",
			"Roles that count: Salesperson, Sales manager and ", "The cuts are not frozen", "not below an index of 50%", "from a probability of 90%"}},
		"frozen cuts": {&frozen, 12, []string{"The cuts are frozen, as in the wave 2026.1: World-Class from an index of 62%, High-Performing from 50%, Average from 35%."}},
		"study style": {StudyStyleCriteria(), 42, []string{"A person is World-Class whose answers to these 42 statements average 6.0 or more; at least half"}},
	} {
		text := c.criteria.Text(inst)
		said := strings.Join(text.Sentences, " ")
		for _, want := range c.words {
			if !strings.Contains(said, want) {
				t.Errorf("%s: %q is not in %q", name, want, said)
			}
		}
		if len(text.Practices) != c.practices || text.Practices[0].Label != "Customer problems understood before proposing" || text.Practices[0].Area != "Creating opportunities" {
			t.Errorf("%s: %d practices, the first %v", name, len(text.Practices), text.Practices[0])
		}
	}
	other := &Criteria{Key: "k", Version: 1, Title: "T", Unit: UnitOrganization, Items: []string{"absent"}}
	if text := other.Text(inst); text.Practices[0].Label != "absent" || !strings.Contains(text.Sentences[0], "who agree. ") {
		t.Errorf("a statement that the questionnaire does not have: %v", text)
	}
}
