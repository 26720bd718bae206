package stat

import (
	"reflect"
	"runtime"
	"testing"
)

// BenchmarkBootstrapGaps draws 2,000 replicates of the gaps of 42 practices of
// 10,000 organizations, the tier made again in each. The aim is two seconds.
func BenchmarkBootstrapGaps(b *testing.B) {
	for name, again := range map[string]bool{"tier made again": true, "fixed columns": false} {
		data := simulatedGapData(10000, 42, again)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := BootstrapGaps(data, BootstrapOptions{Seed: 1}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestTheBootstrapOfGapsHasTheSameBytesOnAnyNumberOfCores(t *testing.T) {
	data := simulatedGapData(60, 5, true)
	var first []Bootstrapped
	for _, cores := range []int{1, 2, 3, 7} {
		before := runtime.GOMAXPROCS(cores)
		got, err := BootstrapGaps(data, BootstrapOptions{Seed: 5, Replicates: 333, BCa: true})
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !reflect.DeepEqual(got, first) {
			t.Errorf("%d cores give %+v, one gives %+v", cores, got[0], first[0])
		}
	}
}
