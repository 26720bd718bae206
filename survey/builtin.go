package survey

import (
	"embed"
	"fmt"
	"sync"
)

// The built-in questionnaire is written by a test: version 1 from builtin/items.csv,
// version 2 from that and the translations in builtin/texts.csv.
//
//go:generate go test -run TestBuiltinDocumentsMatchTheirSources -update .

//go:embed builtin/*.json
var builtinFiles embed.FS

// BuiltinVersions are the versions of the built-in instrument that were published.
// They ask the same in the same order, so that their answers can be compared:
// version 1 in English only, version 2 in five languages.
const BuiltinVersions = 2

// Builtin returns the newest built-in instrument: 42 practices in six areas, 12 of
// them key practices, KPIs, coaching, manager time, deal shape and a few facts about
// the person. The same value is returned each time.
func Builtin() *Instrument { return newestBuiltin() }

var newestBuiltin = sync.OnceValue(func() *Instrument {
	in, err := ParseInstrument(BuiltinDocument())
	if err != nil {
		panic("survey: the built-in instrument is broken: " + err.Error())
	}
	return in
})

// BuiltinDocument returns the newest built-in instrument as it is published.
func BuiltinDocument() []byte {
	document, err := BuiltinVersion(BuiltinVersions)
	if err != nil {
		panic(err) // it is embedded
	}
	return document
}

// BuiltinVersion returns one version of the built-in instrument as it is published.
func BuiltinVersion(version int) ([]byte, error) {
	document, err := builtinFiles.ReadFile(fmt.Sprintf("builtin/builtin-%d.json", version))
	if err != nil {
		return nil, Errorf(NotFound, "the built-in questionnaire has versions 1 to %d, not %d", BuiltinVersions, version)
	}
	return document, nil
}
