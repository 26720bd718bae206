package stat

import "testing"

// The panel holds counts of 10,000 organizations and asks for one item at a
// time: no kernel may take longer than a few milliseconds then.

func manySummaries(organizations int) []Summary {
	stream := NewStream(1, "benchmark", 0)
	summaries := make([]Summary, organizations)
	for j := range summaries {
		counts := make([]int, 7)
		for range 5 + stream.IntN(200) {
			counts[stream.IntN(7)]++
		}
		summaries[j] = SummaryFromCounts(counts)
	}
	return summaries
}

func manyShares(organizations int) []Summary {
	stream := NewStream(2, "benchmark", 0)
	n, x := make([]int, organizations), make([]int, organizations)
	for j := range n {
		n[j] = 5 + stream.IntN(200)
		x[j] = stream.IntN(n[j] + 1)
	}
	summaries, err := ShareSummaries(n, x)
	if err != nil {
		panic(err)
	}
	return summaries
}

func BenchmarkClusteredShareOf10000Organizations(b *testing.B) {
	shares := manyShares(10_000)
	for b.Loop() {
		if _, err := ClusteredShare(Contribute(shares, EqualOrganization), ShareOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGapOf10000Organizations(b *testing.B) {
	shares := manyShares(10_000)
	wc, rest := make([]Summary, len(shares)), make([]Summary, len(shares))
	copy(wc[:1000], shares[:1000])
	copy(rest[1000:], shares[1000:])
	for b.Loop() {
		if _, err := Gap(wc, rest, GapOptions{Weighting: EqualRespondent}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkICCOf10000Organizations(b *testing.B) {
	summaries := manySummaries(10_000)
	for b.Loop() {
		if _, err := ICC(summaries, 0.95); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRandomInterceptOf10000Organizations(b *testing.B) {
	summaries := manySummaries(10_000)
	for b.Loop() {
		RandomIntercept(summaries, false)
	}
}

func BenchmarkAgreementOf1000Organizations(b *testing.B) {
	stream := NewStream(3, "benchmark", 0)
	counts := make([][][]int, 1000)
	for j := range counts {
		counts[j] = make([][]int, 12)
		for k := range counts[j] {
			counts[j][k] = make([]int, 7)
			for range 100 {
				counts[j][k][stream.IntN(7)]++
			}
		}
	}
	for b.Loop() {
		AgreementOf(counts)
	}
}

func BenchmarkOneFactorOf40Items(b *testing.B) {
	const k = 40
	cor := make([]float64, k*k)
	for i := range k {
		for j := range k {
			cor[i*k+j] = (0.3 + 0.01*float64(i)) * (0.3 + 0.01*float64(j))
		}
		cor[i*k+i] = 1
	}
	for b.Loop() {
		OneFactor(cor, k)
	}
}

func BenchmarkTCritical(b *testing.B) {
	for b.Loop() {
		TCritical(0.95, 37.4)
	}
}
