package words

import (
	"bytes"
	"slices"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// SortBy sorts as a reader of the language looks things up: letters as the language
// has them, whatever their case and accents, and numbers by their size, so that 2
// stands before 10. Later names count where earlier ones are equal.
func SortBy[T any](tag string, list []T, names func(T) []string) {
	type keyed struct {
		thing T
		keys  [][]byte
	}
	order := collate.New(language.Make(tag), collate.Numeric)
	all := make([]keyed, len(list))
	var buffer collate.Buffer
	for i, thing := range list {
		all[i].thing = thing
		for _, name := range names(thing) {
			all[i].keys = append(all[i].keys, bytes.Clone(order.KeyFromString(&buffer, name)))
		}
		buffer.Reset()
	}
	slices.SortStableFunc(all, func(a, b keyed) int { return slices.CompareFunc(a.keys, b.keys, bytes.Compare) })
	for i := range all {
		list[i] = all[i].thing
	}
}
