package survey

import (
	_ "embed"
	"sync"
)

// The built-in questionnaire is written by a test from builtin/items.csv:
//
//go:generate go test -run TestBuiltinDocumentMatchesItems -update .

//go:embed builtin/builtin-1.json
var builtinDocument []byte

// Builtin returns the built-in instrument: 42 practices in six areas, 12 of them
// key practices, KPIs, coaching, manager time, deal shape and a few facts about
// the person. The same value is returned each time.
var Builtin = sync.OnceValue(func() *Instrument {
	in, err := ParseInstrument(builtinDocument)
	if err != nil {
		panic("survey: the built-in instrument is broken: " + err.Error())
	}
	return in
})

// BuiltinDocument returns the built-in instrument as it is published.
func BuiltinDocument() []byte { return builtinDocument }
