package web

import (
	"bytes"
	"io"
	"sync/atomic"

	"github.com/andybalholm/brotli"
)

// A page that many people get alike, but for values of a fixed length, has a
// brotli form as well. It is compressed as a whole with the best level, so it is
// a quarter smaller than the spliced deflate blocks; pieces that are compressed
// each for itself would gain nothing (a brotli decoder has its dictionary at a
// distance that depends on the place in the page, so they could not use it).

// packed is the brotli form of a sheet.
type packed struct {
	asked atomic.Int32
	busy  atomic.Bool
	form  atomic.Pointer[packedForm]
}

// packedForm is a brotli stream in parts. Between them go uncompressed blocks
// with the values.
type packedForm struct {
	parts [][]byte
	slots []int
	after [][]byte // the characters behind each value, on which the decoder's next table depends
}

// packFrom is how often a page is asked for before its brotli form is made: that
// takes about as long as a thousand pages.
const packFrom = 3

// brotli returns the brotli form, or nil where there is none (yet).
func (s *sheet) brotli() *packedForm {
	if s.html == nil {
		return nil
	}
	if form := s.packed.form.Load(); form != nil {
		return form
	}
	if s.packed.asked.Add(1) < packFrom || !s.packed.busy.CompareAndSwap(false, true) {
		return nil
	}
	form := s.pack()
	if form == nil {
		return nil // busy stays: it would fail again
	}
	s.packed.form.Store(form)
	return form
}

// lookBehind is how many characters decide on the decoder's next table (RFC 7932, 7.1).
const lookBehind = 2

// pack compresses the sheet. Each slot is a block of its own, which is thrown
// away; what follows refers to nothing in it, since its filler occurs nowhere.
func (s *sheet) pack() *packedForm {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, brotli.BestCompression)
	next := func(text []byte) []byte {
		out.Reset()
		// Writing to a buffer does not fail.
		_, _ = w.Write(text)
		_ = w.Flush()
		return bytes.Clone(out.Bytes())
	}
	form := &packedForm{}
	at, done := 0, 0 // in s.html: read, compressed
	for i := range s.pieces {
		at += len(s.pieces[i].html)
		if i == len(s.slots) || s.fixed[i] <= 0 {
			continue
		}
		if len(s.pieces[i+1].html) < lookBehind {
			return nil
		}
		form.parts = append(form.parts, next(s.html[done:at]))
		at += s.fixed[i]
		done = at + lookBehind
		next(s.html[at-s.fixed[i] : done])
		form.slots = append(form.slots, s.slots[i])
		form.after = append(form.after, bytes.Clone(s.html[at:done]))
	}
	last := next(s.html[done:])
	out.Reset()
	_ = w.Close()
	form.parts = append(form.parts, append(last, out.Bytes()...))
	if !s.proves(form) {
		return nil
	}
	return form
}

// proves unpacks the form with values and compares.
func (s *sheet) proves(form *packedForm) bool {
	for _, digit := range []byte("07") {
		values, want := make([][]byte, maxSlots), composer{}
		for i, slot := range s.slots {
			if slot >= 0 {
				values[slot] = bytes.Repeat([]byte{digit}, s.fixed[i])
			}
		}
		want.begin(plain)
		want.fill(s, 0, values)
		var got composer
		got.begin(brotliCoding)
		got.fillPacked(form, values)
		text, err := io.ReadAll(brotli.NewReader(bytes.NewReader(got.end())))
		if err != nil || !bytes.Equal(text, want.end()) {
			return false
		}
	}
	return true
}

// maxSlots is more than the slots with a fixed length of any page.
const maxSlots = 8

// fillPacked appends a whole page in its brotli form.
func (c *composer) fillPacked(form *packedForm, values [][]byte) {
	parts := form.parts
	for i, slot := range form.slots {
		c.out = append(c.out, parts[i]...)
		value, after := values[slot], form.after[i]
		// Not the last block, 16 bits of length less one, uncompressed (RFC 7932, 9.2).
		head := uint32(len(value)+len(after)-1)<<3 | 1<<19
		c.out = append(c.out, byte(head), byte(head>>8), byte(head>>16))
		c.out = append(c.out, value...)
		c.out = append(c.out, after...)
	}
	c.out = append(c.out, parts[len(form.slots)]...)
}
