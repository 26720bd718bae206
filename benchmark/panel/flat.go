package panel

// flat makes one slice of a column, once per snapshot. A slice costs memory and a
// pass over all rows; whoever wants single rows asks RoleOf and its like.
func flat[T any](s *Snapshot, name string, of func(row int32) T) []T {
	column, _ := s.Derived("column "+name, func() (any, error) { // making it does not fail
		all := make([]T, s.rows)
		for i := range all {
			all[i] = of(int32(i))
		}
		return all, nil
	})
	return column.([]T)
}

// Role is the code of each row's role.
func (s *Snapshot) Role() []int32 { return flat(s, "role", s.RoleOf) }

// Weight is the weight of each row.
func (s *Snapshot) Weight() []float64 { return flat(s, "weight", s.WeightOf) }
