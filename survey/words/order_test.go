package words_test

import (
	"slices"
	"testing"

	"github.com/salesbench/salesbench/survey/words"
)

func TestNamesStandAsReadersLookThemUp(t *testing.T) {
	tests := []struct {
		name, tag string
		want      []string
	}{
		{"numbers by their size", "en", []string{"Team 1", "Team 2", "Team 9", "Team 10", "Team 100"}},
		{"case and accents do not part names", "en", []string{"acme", "Bolt", "Éclair", "eclipse", "Zeta"}},
		{"Spanish has ñ behind n", "es", []string{"nube", "ñandú", "oro"}},
		{"numbers inside names", "en", []string{"A2b", "A10a", "A10b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := slices.Clone(test.want)
			slices.Reverse(got)
			words.SortBy(test.tag, got, func(name string) []string { return []string{name} })
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestLaterNamesCountWhereEarlierOnesAreEqual(t *testing.T) {
	list := [][]string{{"a", "10"}, {"b", "1"}, {"a", "9"}}
	words.SortBy("en", list, func(names []string) []string { return names })
	if list[0][1] != "9" || list[1][1] != "10" || list[2][0] != "b" {
		t.Errorf("got %v", list)
	}
}
