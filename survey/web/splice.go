package web

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"sync"
)

// A page is put together from pieces that were compressed before. Each piece is
// a deflate stream of its own that ends on a byte, so pieces can follow each
// other in any order, and what is only known with the request goes between them
// as stored blocks. The check sum at the end of a gzip member is combined from
// the sums of the pieces. Nothing is compressed while somebody waits.

// coding is how a page travels.
type coding int

const (
	plain coding = iota
	gzipCoding
	brotliCoding
)

// piece is a part of a page that never changes.
type piece struct {
	html     []byte
	deflated []byte
	sum      uint32 // of html
	shift    uint32 // moves another sum past html
}

// weight is what the piece costs in memory.
func (p *piece) weight() int { return cap(p.html) + cap(p.deflated) + pieceOverhead }

// pieceOverhead is a piece without its bytes, roughly, with the pointers to it.
const pieceOverhead = 96

// newPiece compresses html for itself.
func newPiece(html []byte) piece {
	var b blocks
	defer b.forget()
	return b.piece(html)
}

// blocks compresses pieces that follow each other in every page, so that a later
// one may refer to an earlier one.
type blocks struct {
	out bytes.Buffer
	w   *flate.Writer
}

// deflaters are used again: each takes a megabyte, and a questionnaire is compressed in
// thousands of parts after a start.
var deflaters = sync.Pool{New: func() any {
	// The level is a constant.
	w, _ := flate.NewWriter(nil, flate.BestCompression)
	return w
}}

// deflated compresses the next part up to a whole byte. Writing to a buffer does not fail.
func (b *blocks) deflated(html []byte) []byte {
	if b.w == nil {
		b.w, _ = deflaters.Get().(*flate.Writer)
		b.w.Reset(&b.out)
	}
	b.out.Reset()
	_, _ = b.w.Write(html)
	_ = b.w.Flush()
	return bytes.Clone(b.out.Bytes())
}

func (b *blocks) piece(html []byte) piece {
	return piece{html: bytes.Clone(html), deflated: b.deflated(html), sum: crc32.ChecksumIEEE(html), shift: shiftFor(len(html))}
}

// forget lets the next part refer to nothing before it. It is also the end.
func (b *blocks) forget() {
	if b.w != nil {
		deflaters.Put(b.w)
	}
	b.w = nil
}

// composer puts one page together. It is used again and again.
type composer struct {
	coding coding
	out    []byte
	sum    uint32
	size   uint32
	texts  []byte   // the values
	values [][]byte // of the sheet that is being filled
}

// gzipHead is a gzip header without name and time (RFC 1952, 2.3).
var gzipHead = [10]byte{0: 0x1f, 1: 0x8b, 2: 8, 9: 255}

// deflateEnd is an empty last block (RFC 1951, 3.2.4).
var deflateEnd = [5]byte{1, 0, 0, 0xff, 0xff}

func (c *composer) begin(how coding) {
	c.coding, c.out, c.sum, c.size = how, c.out[:0], 0, 0
	if how == gzipCoding {
		c.out = append(c.out, gzipHead[:]...)
	}
}

// add appends a piece.
func (c *composer) add(p *piece) {
	if len(p.html) == 0 {
		return
	}
	if c.coding == plain {
		c.out = append(c.out, p.html...)
		return
	}
	c.out = append(c.out, p.deflated...)
	c.sum = moveSum(p.shift, c.sum) ^ p.sum
	c.size += uint32(len(p.html))
}

// longestStored is what one stored block can hold.
const longestStored = 1<<16 - 1

// insert appends bytes that are known only now. They are not compressed.
func (c *composer) insert(b []byte) {
	if c.coding == plain {
		c.out = append(c.out, b...)
		return
	}
	c.sum = crc32.Update(c.sum, crc32.IEEETable, b)
	c.size += uint32(len(b))
	for part := range slices.Chunk(b, longestStored) {
		n := uint16(len(part))
		c.out = append(c.out, 0, byte(n), byte(n>>8), byte(^n), byte(^n>>8))
		c.out = append(c.out, part...)
	}
}

// heavy is the size from which a page is compressed once more as a whole. Pieces that
// know nothing of each other are no burden to some twenty questions; three hundred in
// one section, or as many answers in a review, would be several times what they need be.
const heavy = 24 << 10

// end completes the page and returns it; it holds until the next begin.
func (c *composer) end() []byte {
	if c.coding != gzipCoding {
		return c.out
	}
	c.out = append(c.out, deflateEnd[:]...)
	c.out = binary.LittleEndian.AppendUint32(c.out, c.sum)
	c.out = binary.LittleEndian.AppendUint32(c.out, c.size)
	if len(c.out) > heavy {
		if lighter, err := compressedAnew(c.out); err == nil {
			c.out = append(c.out[:0], lighter...)
		}
	}
	return c.out
}

// compressedAnew compresses what a gzip member holds as one.
func compressedAnew(member []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(member))
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return gzipped(content)
}

// CRC-32 is a remainder of polynomials over GF(2) in reflected bit order. The
// sum of A followed by B is sum(A) * x^(8*len(B)) + sum(B).

// sumPolynomial is CRC-32's polynomial (IEEE 802.3), reflected.
const sumPolynomial = crc32.IEEE

// powers holds x^(2^n).
var powers = func() (p [32]uint32) {
	p[0] = 1 << 30 // x
	for n := 1; n < len(p); n++ {
		p[n] = moveSum(p[n-1], p[n-1])
	}
	return p
}()

// shiftFor is x^(8*n): multiplied with a sum it moves that past n bytes.
func shiftFor(n int) uint32 {
	shift := uint32(1 << 31) // 1
	for k := 3; n > 0; k, n = k+1, n>>1 {
		if n&1 == 1 {
			shift = moveSum(powers[k&31], shift)
		}
	}
	return shift
}

// moveSum multiplies two polynomials modulo the one of CRC-32.
func moveSum(a, b uint32) uint32 {
	product := uint32(0)
	for ; a != 0; a <<= 1 {
		product ^= b & -(a >> 31)
		b = b>>1 ^ sumPolynomial&-(b&1)
	}
	return product
}
