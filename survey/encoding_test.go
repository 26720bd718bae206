package survey

import (
	"strings"
	"testing"
)

func TestAFileInAnotherEncodingIsToldOnce(t *testing.T) {
	data := smallHeader + strings.Repeat("a;Z\xfcrich;S\xfcd;C;T;1;B;0;1;1;12;40;60;why;n;e\n", 100) + "b;Acme;North;C;T;1;B;9;1;1;12;40;60;why;n;e\n"
	_, report, err := readRows(t, small(t), parseMapping(t, smallMapping), data)
	if err != nil || len(report.Refusals) != 2 || report.Counts[RefusedEncoding] != 200 || report.Refused != 101 {
		t.Fatalf("%+v, %v", report, err)
	}
	if report.Refusals[0].Code != RefusedEncoding || report.Refusals[0].Line != 2 || report.Refusals[1].Code != RefusedOutside {
		t.Errorf("%v", report.Refusals)
	}
}
