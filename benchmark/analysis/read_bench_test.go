package analysis

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"strconv"
	"testing"
)

// likertFile writes a file of random answers 1..7.
func likertFile(rows, items, organizations int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	file := []byte("team")
	for k := range items {
		file = append(file, ",q"...)
		file = strconv.AppendInt(file, int64(k+1), 10)
	}
	file = append(file, '\n')
	for range rows {
		file = strconv.AppendInt(file, int64(random.IntN(organizations)), 10)
		for range items {
			file = append(file, ',', byte('1'+random.IntN(7)))
		}
		file = append(file, '\n')
	}
	return file
}

// BenchmarkRead compares the reader with encoding/csv doing nothing but
// splitting the same file into cells.
func BenchmarkRead(b *testing.B) {
	file := likertFile(100_000, 60, 1_000)
	c := Columns{Group: []string{"team"}, Items: []string{"q*"}, Min: 1, Max: 7}
	b.Run("table", func(b *testing.B) {
		b.SetBytes(int64(len(file)))
		for range b.N {
			if _, err := Read(bytes.NewReader(file), c, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/csv", func(b *testing.B) {
		b.SetBytes(int64(len(file)))
		for range b.N {
			r := csv.NewReader(bytes.NewReader(file))
			r.ReuseRecord = true
			for {
				if _, err := r.Read(); err != nil {
					break
				}
			}
		}
	})
}
