package words

import "testing"

func TestTheEmbeddedFilesAreRead(t *testing.T) {
	for _, l := range Embedded().Languages() {
		t.Log(l.Tag(), l.Name(), l.Direction(), l.Number(1234567.891), l.Number(-1234.5), l.Number(12.5), "|", l.decimal, l.minus)
	}
}
