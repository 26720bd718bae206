package benchmark

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/salesbench/salesbench/benchmark/stat"
	"github.com/salesbench/salesbench/survey"
)

var reasonWords = map[stat.Reason]string{
	stat.NoValidAnswers:          "no valid answers",
	stat.OneOrganization:         "only one organization",
	stat.FewOrganizations:        "fewer than 10 organizations",
	stat.OneRespondent:           "only one respondent",
	stat.NoReplication:           "every organization has one respondent only",
	stat.ZeroVariance:            "all values are equal",
	stat.ZeroBetweenVariance:     "the organizations do not differ",
	stat.ZeroWithinVariance:      "all answers within an organization are equal",
	stat.NegativeEstimate:        "the estimate lies below its natural range",
	stat.BoundaryEstimate:        "the organizations' true difference is estimated as zero",
	stat.NoDetectableDifference:  "no difference between the organizations can be detected",
	stat.InsufficientReliability: "too few respondents, or answers too unlike each other, for a reliable score",
	stat.FewEffectiveCases:       "few effective cases: the interval may be too narrow",
	stat.SmallTier:               "fewer than 5 organizations in a column: only a permutation test",
	stat.SelectedOnItems:         "the group was chosen by this very item: descriptive, no test",
	stat.UnitIsRespondent:        "not defined where the tier is a property of persons",
	stat.NoCounts:                "the source gives no number of respondents",
	stat.TooFewItems:             "too few items",
	stat.TooFewRows:              "too few complete answers",
	stat.SingularMatrix:          "the items can not be told apart",
	stat.NotConverged:            "the model did not settle",
	stat.Heywood:                 "the model can not be fitted",
	stat.OutOfDomain:             "not defined for these values",
	stat.EmptyMarginCell:         "a cell of the weighting is empty",
	stat.TrimRakeConflict:        "the weighting can not meet its targets",
	stat.WordingChanged:          "the wording changed between the waves",
	stat.CutChanged:              "the cut changed between the waves",
	stat.PopulationChanged:       "another population was asked",
	stat.ProvisionalCut:          "the cut is provisional",
	stat.ManyOrganizations:       "more than " + FormatCount(stat.MostRanked) + " organizations: no ranks are drawn",
	stat.Pending:                 "still being computed",
	stat.Suppressed:              "withheld: the group is too small to be shown, or would reveal one that is",
	fewInRole:                    fmt.Sprintf("no organization has %d answers in this role beside %d of salespeople and of managers", roleAnswers, roleAnswers),
	noColumn:                     "there is no World-Class column in this wave",
	stat.Unanimous:               "withheld: everybody in a small group answered alike",
}

// ReasonWords says a reason code in words.
func ReasonWords(reason stat.Reason) string {
	if words, ok := reasonWords[reason]; ok {
		return words
	}
	return string(reason)
}

// plural chooses between one and many.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return FormatCount(n) + " " + many
}

// ReversePrefix stands before a statement that is worded the other way round:
// its answers are turned, so that whoever does not agree with it counts.
const ReversePrefix = "Not so: "

// ReverseWords explain the prefix where statements are listed.
const ReverseWords = "Not so: the statement is worded the other way round and its answers are turned. The share is of people who disagree with it."

// turned is the label of an item as its figures have to be read.
func turned(item *survey.Item, language string) string {
	label := item.Label.In(language)
	if !item.Reverse {
		return label
	}
	r := []rune(label)
	if len(r) > 1 && unicode.IsUpper(r[0]) && !unicode.IsUpper(r[1]) {
		r[0] = unicode.ToLower(r[0])
	}
	return ReversePrefix + string(r)
}

// isAre agrees with a number.
func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// fractions are the shares that have a name.
var fractions = []struct {
	share float64
	name  string
}{
	{0.10, "about one in ten"}, {0.20, "about a fifth"}, {0.25, "about a quarter"}, {1.0 / 3, "about a third"},
	{0.50, "about half"}, {2.0 / 3, "about two thirds"}, {0.75, "about three quarters"}, {0.90, "about nine in ten"},
}

// shareWords names a share in words where a plain fraction lies within three
// points, else in digits.
func shareWords(p float64, digits string) string {
	nearest := ""
	distance := 0.03
	for _, f := range fractions {
		if d := math.Abs(p - f.share); d <= distance {
			nearest, distance = f.name, d
		}
	}
	if nearest == "" {
		return digits
	}
	return nearest
}

func upperFirst(text string) string {
	r := []rune(text)
	if len(r) == 0 {
		return text
	}
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

var tierWords = map[Tier]string{
	TierWorldClass: "World-Class", TierHighPerforming: "High-Performing", TierAverage: "Average", TierUnderPerforming: "Under-Performing",
}

// Words is the tier as pages print it; "no tier" where there is none.
func (t Tier) Words() string {
	if w, ok := tierWords[t]; ok {
		return w
	}
	return "no tier"
}

// Words is the call as pages print it.
func (c Call) Words() string {
	switch c {
	case CallWorldClass:
		return "World-Class"
	case CallLikely:
		return "likely World-Class"
	case CallUndecided:
		return "undecided"
	case CallUnlikely:
		return "unlikely World-Class"
	}
	return "not enough to tell"
}

// Why says in words why an organization has no tier; empty where it has one.
func (c Classification) Why() string {
	if len(c.Reasons) == 0 {
		return ""
	}
	few := c.IndexRaw.N != nil && *c.IndexRaw.N < tierRespondents
	unsure := c.Lambda.Valid && c.Lambda.Value < tierReliability
	switch {
	case c.Reasons[0] != stat.InsufficientReliability || !few && !unsure:
		return ReasonWords(c.Reasons[0])
	case !unsure:
		return fmt.Sprintf("fewer than %d respondents whose answers count", tierRespondents)
	}
	words := fmt.Sprintf("answers too unlike each other for a reliable score (reliability %s, a tier needs %s)",
		FormatNumber(c.Lambda.Value, 2), FormatNumber(tierReliability, 2))
	if few {
		words = fmt.Sprintf("fewer than %d respondents whose answers count, and ", tierRespondents) + words
	}
	return words
}

// TierRule says how the tier of an organization is found.
var TierRule = fmt.Sprintf("The tier is the most probable one. World-Class alone needs a probability of %d%%: below it the most probable of the other tiers is named, and beside it how likely World-Class is.", callPercent)

// longestName is how many letters of a name a sentence takes.
const longestName = 80

// inSentence makes a name of unknown origin fit for a sentence: one line, no
// control characters, nothing that turns the direction of what follows.
func inSentence(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar, unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if r := []rune(name); len(r) > longestName {
		name = strings.TrimSpace(string(r[:longestName-1])) + "…"
	}
	if name == "" {
		return "This organization"
	}
	return name
}
