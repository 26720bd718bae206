package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// origin is the notice over results that nobody should take for fieldwork.
func origin(p benchmark.Provenance) *templates.Notice {
	switch survey.Origin(p.Origin) {
	case survey.Generated:
		return &templates.Notice{Title: "Made-up data", Words: "These organizations and answers are invented to show what the pages look like."}
	case survey.Imported:
		return &templates.Notice{Title: "Data of others", Words: strings.TrimSpace("Imported, not collected with salesbench. " + p.Attribution)}
	}
	return nil
}

// mostStraightLiners is the share of respondents with one answer to everything
// above which a page says so before any figure.
const mostStraightLiners = 0.1

// warning says what must be known before a figure is believed.
func warning(q benchmark.Quality) *templates.Notice {
	if !q.Uniform.Shown() || q.Uniform.Value.Value < mostStraightLiners {
		return nil
	}
	return &templates.Notice{Title: "Read this first: many gave one answer to everything", Words: q.Sentence}
}

// originWord is one word for the line over the heading.
func originWord(o survey.Origin) string {
	return map[survey.Origin]string{survey.Generated: "made-up data", survey.Imported: "imported data"}[o]
}

// eyebrow names what the page belongs to.
func eyebrow(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}

// provenance lists what the figures were computed from and how.
func provenance(p benchmark.Provenance, respondents, organizations *int, minimum int) []templates.Fact {
	facts := []templates.Fact{{Name: "Study and wave", Words: p.Study + ", " + p.Wave}}
	add := func(name, words string) {
		if words != "" {
			facts = append(facts, templates.Fact{Name: name, Words: words})
		}
	}
	if respondents != nil && organizations != nil {
		add("Base", benchmark.FormatCount(*respondents)+" respondents "+inOrganizations(*organizations))
	}
	if minimum > 0 {
		add("Smallest group shown", strconv.Itoa(minimum)+" respondents")
	}
	add("Edition", p.Edition)
	add("Figures drawn at random", drawnWords(p.Drawn))
	add("Rule", p.Rule)
	add("Criteria", p.Criteria)
	add("Instrument", p.Instrument)
	add("Seal of the wave", p.Seal)
	add("Method", p.Method)
	add("salesbench", p.Version)
	add("Credit", p.Attribution)
	return facts
}

// drawnWords say of which edition the figures are that take long; empty where it is
// that of the page.
func drawnWords(edition string) string {
	switch edition {
	case "":
		return ""
	case benchmark.Pending:
		return "still being computed: split-half gaps, ranks, tests of results, roles, study style and carefulness follow within a minute"
	}
	return "split-half gaps, ranks, tests of results, roles, study style and carefulness are of edition " + edition
}

// inOrganizations says in how many organizations people were asked.
func inOrganizations(n int) string {
	if n == 1 {
		return "in 1 organization that may be shown"
	}
	return "in " + benchmark.FormatCount(n) + " organizations that may be shown"
}

// practiceHeading is a practice at the head of a row.
func practiceHeading(label string, key, reverse bool) templates.Cell {
	c := text(label)
	if key {
		c.Small = "key practice"
	}
	if reverse {
		c.Small = eyebrow(c.Small, "answers turned")
	}
	return c
}

// tierSentence says the tier of an organization and how sure it is.
func tierSentence(c benchmark.Classification) (tier, words string) {
	if c.Tier == "" || c.Call == benchmark.CallInsufficient {
		words = "No tier is named."
		if len(c.Reasons) > 0 {
			words = "No tier is named: " + c.Why() + "."
		}
		return "no tier yet", words
	}
	tier = c.Tier.Words()
	switch c.Call {
	case benchmark.CallWorldClass:
		tier = "World-Class"
	case benchmark.CallLikely:
		tier = "likely World-Class"
	case benchmark.CallUndecided:
		tier = "undecided, World-Class or not"
	}
	words = fmt.Sprintf("The probability of being World-Class is %s.", benchmark.FormatProbability(c.PWC))
	if c.Call != benchmark.CallWorldClass && c.TierP.Valid {
		likeliest := "The most likely tier is"
		if c.PWC.Valid && c.PWC.Value > c.TierP.Value {
			likeliest = "The title needs 90%; the most likely of the other tiers is"
		}
		words += fmt.Sprintf(" %s %s (%s).", likeliest, c.Tier.Words(), benchmark.FormatProbability(c.TierP))
	}
	if c.Index.Shown() && c.Index.CI != nil {
		words += fmt.Sprintf(" The index is %s (95%% interval %s).", c.Index.Text(), c.Index.Range())
	}
	if c.Rank.Shown() && c.Rank.CI != nil {
		words += fmt.Sprintf(" The rank lies between %s.", strings.Replace(c.Rank.Range(), " to ", " and ", 1))
	}
	if c.Provision {
		words += " The cuts between the tiers are provisional until they are frozen."
	}
	return tier, words
}

// criteriaSection lists what the criteria ask for; nil where there are none.
func criteriaSection(t *benchmark.CriteriaText) *templates.CriteriaSection {
	if t == nil {
		return nil
	}
	section := &templates.CriteriaSection{Title: chart.Plain(t.Title), Rule: t.Rule, Words: t.Sentences}
	for _, p := range t.Practices {
		section.Practices = append(section.Practices, templates.Fact{Name: chart.Plain(p.Area), Words: chart.Plain(p.Label)})
	}
	return section
}

// waiting says what is needed before a wave has anything to show; empty: it has.
func waiting(b *benchmark.Benchmark) string {
	shown := func(o benchmark.OrganizationRow) bool { return o.Status != benchmark.Withheld }
	if slices.ContainsFunc(b.Organizations, shown) || slices.ContainsFunc(b.Practices, func(p benchmark.PracticeRow) bool { return p.All.Shown() }) {
		return ""
	}
	so := "nobody has answered"
	if n := len(b.Organizations); n > 0 {
		so = "0 of " + counted(n, "organization has", "organizations have") + " enough answers"
	}
	if !b.Moving {
		return fmt.Sprintf("No results: %s. %s", so, b.ShownFrom)
	}
	return fmt.Sprintf("No results yet: %s. %s", so, b.ShownFrom)
}

// pageBase is what all pages of results share.
func pageBase(title string, nav ...templates.Link) templates.Base {
	return templates.Base{Title: title, Wide: true, SkipNote: true, Nav: append(nav, templates.Link{Text: "Method", URL: "/method"}),
		Styles: []string{"results.css"}, Scripts: []string{"vendor/echarts.6.1.0.min.js", "chart.js"}}
}
