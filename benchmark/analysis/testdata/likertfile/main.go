// Command likertfile writes a generated Likert file for the comparison of times:
// answers 1..7 with an organization effect, a person effect and 1% missing cells.
//
//	go run ./benchmark/analysis/testdata/likertfile -rows 1000000 > answers.csv
package main

import (
	"bufio"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
)

func main() {
	rows := flag.Int("rows", 1_000_000, "respondents")
	items := flag.Int("items", 60, "items")
	organizations := flag.Int("organizations", 10_000, "organizations")
	seed := flag.Uint64("seed", 1, "seed")
	flag.Parse()
	if err := write(*rows, *items, *organizations, *seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(rows, items, organizations int, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 60))
	effect := make([]float64, organizations)
	for j := range effect {
		effect[j] = 0.6 * random.NormFloat64()
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	out.WriteString("team")
	for k := range items {
		out.WriteString(",q" + strconv.Itoa(k+1))
	}
	line := []byte{'\n'}
	for range rows {
		j := random.IntN(organizations)
		line = fmt.Appendf(line, "org%05d", j)
		level := 4.5 + effect[j] + 0.8*random.NormFloat64()
		for range items {
			line = append(line, ',')
			if random.IntN(100) > 0 {
				answer := math.Round(level + 1.2*random.NormFloat64())
				line = append(line, byte('0'+int(min(7, max(1, answer)))))
			}
		}
		line = append(line, '\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
		line = line[:0]
	}
	return out.Flush()
}
