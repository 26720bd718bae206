package stat

import "hash/maphash"

// Duplicates: the same answers on at least nine tenths of at least 20 items.
const (
	duplicateItems = 20
	duplicateShare = 0.9
)

// Duplicates marks respondents who share at least 90% of their answers, of at
// least 20 items both answered, with somebody else; an item that only one of
// the two answered counts as a difference. People who gave one and the same
// answer to 90% of the items are left out: equal straight lines are no copies.
//
// Two rows that differ in at most a tenth of K items are equal in at least one
// of floor(K/10)+1 blocks of items, so only rows that share a block are
// compared. Columns hold answers 1..127, 0 = missing.
func Duplicates(columns [][]uint8) []bool {
	if len(columns) == 0 {
		return nil
	}
	rows, items := len(columns[0]), len(columns)
	marked := make([]bool, rows)
	if items < duplicateItems {
		return marked
	}
	table := make([]uint8, rows*items)
	var varied []int
	for i := range rows {
		row := table[i*items : (i+1)*items]
		for k, c := range columns {
			row[k] = c[i]
		}
		if !monotonous(row) {
			varied = append(varied, i)
		}
	}
	blocks := items/10 + 1
	for b := range blocks {
		from, to := b*items/blocks, (b+1)*items/blocks
		buckets := make(map[uint64][]int)
		seed := maphash.MakeSeed()
		for _, i := range varied {
			key := maphash.Bytes(seed, table[i*items+from:i*items+to])
			buckets[key] = append(buckets[key], i)
		}
		for _, bucket := range buckets {
			markBucket(bucket, table, items, marked)
		}
	}
	return marked
}

func markBucket(bucket []int, table []uint8, items int, marked []bool) {
	for a, i := range bucket {
		for _, j := range bucket[a+1:] {
			if marked[i] && marked[j] {
				continue
			}
			if alike(table[i*items:(i+1)*items], table[j*items:(j+1)*items]) {
				marked[i], marked[j] = true, true
			}
		}
	}
}

func alike(x, y []uint8) bool {
	both, either, same := 0, 0, 0
	for k, v := range x {
		if v == 0 && y[k] == 0 {
			continue
		}
		either++
		if v != 0 && y[k] != 0 {
			both++
			if v == y[k] {
				same++
			}
		}
	}
	return both >= duplicateItems && 10*same >= 9*either
}

// monotonous says that one answer makes up 90% of a row's answers.
func monotonous(row []uint8) bool {
	var counts [256]int
	n, most := 0, 0
	for _, v := range row {
		if v > 0 {
			n++
			counts[v]++
			most = max(most, counts[v])
		}
	}
	return n < duplicateItems || float64(most) >= duplicateShare*float64(n)
}
