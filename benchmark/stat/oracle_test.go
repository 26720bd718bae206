package stat

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// readOracle decodes the reference values that testdata/r/NAME.R has written to
// testdata/NAME.json. R is not needed to run the tests.
func readOracle(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s.json: %v", name, err)
	}
}

// wantClose compares with an absolute tolerance; NaN is never close.
func wantClose(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.15g, want %.15g (off by %.2g, allowed %.2g)", what, got, want, got-want, tolerance)
	}
}

// wantNumber compares a figure that must be there.
func wantNumber(t *testing.T, what string, got Number, want, tolerance float64) {
	t.Helper()
	if !got.Valid {
		t.Errorf("%s is missing, want %.15g", what, want)
		return
	}
	wantClose(t, what, got.Value, want, tolerance)
}

// wantInterval compares both limits of an interval that must be there.
func wantInterval(t *testing.T, what string, got *Interval, want [2]float64, tolerance float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is missing, want %v", what, want)
		return
	}
	wantClose(t, what+" lower", got.Lower, want[0], tolerance)
	wantClose(t, what+" upper", got.Upper, want[1], tolerance)
}
