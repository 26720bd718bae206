package load

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// packedBy packs parts with one writer; Flush between them makes stored and empty blocks.
func packedBy(t testing.TB, level int, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range parts {
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestThePrefixIsWhatTheStandardLibraryUnpacks(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 20000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	var page strings.Builder
	for i := range 400 {
		fmt.Fprintf(&page, `<label class="point"><input type="radio" name="p%02d" value="%d"><span>%d</span></label>`, i/7, i%7+1, i%7+1)
	}
	texts := map[string][]string{
		"page": {page.String()}, "noise": {string(noise)}, "short": {"a"}, "empty": {""}, "run": {strings.Repeat("x", 5000)},
		"pieces": {page.String()[:3000], "seen", string(noise[:100]), page.String()[3000:]},
	}
	z := newInflater()
	for name, parts := range texts {
		whole := strings.Join(parts, "")
		for _, level := range []int{gzip.NoCompression, gzip.BestSpeed, gzip.BestCompression, gzip.HuffmanOnly} {
			packed := packedBy(t, level, parts...)
			for _, n := range []int{1, 100, 2000, len(whole), len(whole) + 1000} {
				got, err := z.prefix(packed, n)
				if err != nil {
					t.Fatalf("%s at level %d, %d bytes: %v", name, level, n, err)
				}
				if len(got) < min(n, len(whole)) || !strings.HasPrefix(whole, string(got)) {
					t.Fatalf("%s at level %d: the first %d of %d bytes are wrong", name, level, len(got), len(whole))
				}
			}
		}
	}
	members := append(packedBy(t, 9, "first, "), packedBy(t, 1, "second")...)
	if got, err := z.prefix(members, 100); err != nil || string(got) != "first, second" {
		t.Errorf("two members give %q, %v", got, err)
	}
}

func TestBrokenStreamsAreRefused(t *testing.T) {
	good := packedBy(t, 9, strings.Repeat("the same again, ", 50)+"and then something else")
	z := newInflater()
	for name, broken := range map[string][]byte{
		"nothing": {}, "head only": good[:10], "no gzip": bytes.Repeat([]byte("x"), 40),
		"cut": good[:len(good)/2], "without the check": good[:len(good)-8],
	} {
		if got, err := z.prefix(broken, 1<<20); err == nil {
			t.Errorf("%s: unpacked %q", name, got)
		}
	}
}

func FuzzPrefix(f *testing.F) {
	f.Add([]byte("some text, some text"), 10)
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 5, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0}, 100)
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		z := newInflater()
		n = n & 0xffff
		_, _ = z.prefix(data, n) // must only not panic, and end
		got, err := z.prefix(packedBy(t, gzip.BestSpeed, string(data)), n)
		if err != nil || len(got) < min(n, len(data)) || !bytes.HasPrefix(data, got) {
			t.Fatalf("%d bytes of %q give %q, %v", n, data, got, err)
		}
	})
}

func BenchmarkPrefixOfAPage(b *testing.B) {
	packed := packedBy(b, 9, strings.Repeat(`<label class="point"><input type="radio" name="p01" value="5"><span class="face">5</span></label>`+"\n", 20),
		`<input type="hidden" name="seen" value="abc">`, strings.Repeat("and so on ", 3000))
	z := newInflater()
	for b.Loop() {
		if _, err := z.prefix(packed, 2000); err != nil {
			b.Fatal(err)
		}
	}
}
