package stat

import (
	"math"
	"strconv"
)

// Number is a figure that may be missing. The zero value is missing, so an
// estimate that was never computed can not be read as 0.
type Number struct {
	Value float64
	Valid bool
}

// Some wraps a computed figure. NaN and infinities become missing: the caller
// adds the Reason.
func Some(v float64) Number {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Number{}
	}
	return Number{Value: v, Valid: true}
}

// Or returns the value, or fallback where it is missing.
func (n Number) Or(fallback float64) float64 {
	if n.Valid {
		return n.Value
	}
	return fallback
}

// MarshalJSON writes null for a missing figure and the shortest form that reads
// back to the same float64 otherwise. Negative zero is written as 0.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.Valid || math.IsNaN(n.Value) || math.IsInf(n.Value, 0) {
		return []byte("null"), nil
	}
	v := n.Value
	if v == 0 {
		v = 0
	}
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(nil, v, format, -1, 64), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (n *Number) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = Number{}
		return nil
	}
	v, err := strconv.ParseFloat(string(data), 64)
	if err != nil {
		return err
	}
	*n = Some(v)
	return nil
}
