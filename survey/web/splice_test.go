package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

func TestSplicedPiecesAreOneGzipMember(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = "abcde <>\"\n"[random.IntN(10)]
		}
		return b
	}
	var c composer
	for round := range 200 {
		var want []byte
		c.begin(gzipCoding)
		for range random.IntN(12) {
			part := text(random.IntN(3000))
			want = append(want, part...)
			if random.IntN(2) == 0 {
				one := newPiece(part)
				c.add(&one)
			} else {
				c.insert(part)
			}
		}
		if round == 0 {
			part := text(3*longestStored + 7)
			want = append(want, part...)
			c.insert(part)
		}
		packed := c.end()
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		r.Multistream(false)
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("round %d: %d bytes, want %d (%v)", round, len(got), len(want), err)
		}
		if round < 2 {
			cmd := exec.Command("gzip", "-t")
			cmd.Stdin = bytes.NewReader(packed)
			if out, err := cmd.CombinedOutput(); err != nil || len(strings.TrimSpace(string(out))) > 0 {
				t.Errorf("gzip says %q (%v)", out, err)
			}
		}
	}
}
