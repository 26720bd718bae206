package benchmark

import "slices"

// orderedKeys lists the keys that occur: first the known ones in their order,
// then the others by name, and the empty key last.
func orderedKeys(count map[string]int, known []string) []string {
	seen := map[string]bool{}
	for k := range count {
		seen[k] = true
	}
	var order, others []string
	for _, k := range known {
		if seen[k] && !slices.Contains(order, k) {
			order = append(order, k)
			delete(seen, k)
		}
	}
	for k := range seen {
		if k != "" {
			others = append(others, k)
		}
	}
	slices.Sort(others)
	order = append(order, others...)
	if seen[""] {
		order = append(order, "")
	}
	return order
}
