package store

import (
	"crypto/sha256"
	"database/sql/driver"
	"sync"

	"github.com/salesbench/salesbench/survey"
	modernc "modernc.org/sqlite"
)

// markLength is what is kept of the hash: 120 bits, of which no two keys will ever have
// the same by chance, and which an index of PostgreSQL keeps in 28 bytes where one more
// would make it 36.
const markLength = 15

// markOf stands for the submission key in its wave. A unique index over it keeps anything
// from being counted twice; one over wave and key was four times as large, and every
// response writes to a page of it that is another one each time. Whoever makes two keys
// with one mark on purpose has the second refused, as one that is there already.
func markOf(wave survey.WaveID, key string) []byte {
	var text [sha256.BlockSize + maxKeyLength]byte
	id, _ := survey.ParseUID(string(wave)) // in whatever spelling; what is none is no wave either
	sum := sha256.Sum256(append(append(text[:0], id[:]...), key...))
	return sum[:markLength]
}

// marksOf is markOf for several keys.
func marksOf(wave survey.WaveID, keys []string) [][]byte {
	marks := make([][]byte, len(keys))
	for i, key := range keys {
		marks[i] = markOf(wave, key)
	}
	return marks
}

// withMarks gives SQLite markOf as a function, for the migration of responses from before.
var withMarks = sync.OnceValue(func() error {
	return modernc.RegisterDeterministicScalarFunction("salesbench_mark", 2, func(_ *modernc.FunctionContext, args []driver.Value) (driver.Value, error) {
		wave, _ := args[0].(string)
		key, isText := args[1].(string)
		if _, isID := survey.ParseUID(wave); !isID || !isText {
			return nil, survey.Errorf(survey.Internal, "a response has no wave or no submission key")
		}
		return markOf(survey.WaveID(wave), key), nil
	})
})
