package load

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
)

// inflater unpacks the beginning of a gzip stream and stops as soon as enough is
// there. The standard library's reader gives nothing before 32 kilobytes are
// unpacked, which would cost the client more than the page costs the server.
// RFC 1951 and 1952 are the reference.
type inflater struct {
	in         []byte
	at         int // bytes of in that were taken; past its end zeros are
	bits       uint64
	have       uint
	out        []byte
	enough     int
	literals   code
	distances  code
	literals0  code // of RFC 1951, 3.2.6
	distances0 code
}

// code is a canonical Huffman code: how many codes each length has, and the symbols
// in the order of their codes. Short codes, which are nearly all that occur, are
// looked up by the next bits.
type code struct {
	count  [16]uint16
	symbol [288]uint16
	short  [1 << shortBits]uint16 // symbol<<4 | length; 0: a longer code, or none
}

const shortBits = 9

var errDeflate = errors.New("malformed gzip stream")

var (
	lengthBase    = [29]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra   = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase  = [30]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distanceExtra = [30]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
	codeOrder     = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
)

func newInflater() *inflater {
	z := &inflater{}
	var lengths [288]uint8
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	z.literals0.build(lengths[:])
	for i := range 30 {
		lengths[i] = 5
	}
	z.distances0.build(lengths[:30])
	return z
}

// prefix unpacks at least n bytes, or all there are. The result is valid until the next call.
func (z *inflater) prefix(packed []byte, n int) ([]byte, error) {
	z.in, z.at, z.out, z.enough = packed, 0, z.out[:0], n
	for first := true; first || z.at < len(z.in) && len(z.out) < n; first = false {
		if err := z.member(); err != nil {
			return nil, err
		}
	}
	return z.out, nil
}

// member unpacks one gzip member up to enough.
func (z *inflater) member() error {
	head := z.in[z.at:]
	if len(head) < 18 || head[0] != 0x1f || head[1] != 0x8b || head[2] != 8 || head[3] != 0 {
		return errDeflate // names, comments and extra fields are not used on the web
	}
	z.at, z.bits, z.have = z.at+10, 0, 0
	for {
		final, err := z.block()
		if err != nil || len(z.out) >= z.enough {
			return err
		}
		if final {
			break
		}
	}
	z.align()
	if z.at+8 > len(z.in) {
		return errDeflate
	}
	z.at += 8
	return nil
}

// align goes on at the next whole byte.
func (z *inflater) align() {
	z.at -= int(z.have / 8)
	z.bits, z.have = 0, 0
}

// load brings at least n bits of at most 48, the lowest first. Away from the end it
// takes as many whole bytes as there is room for.
func (z *inflater) load(n uint) {
	if z.have >= n {
		return
	}
	if z.at+8 <= len(z.in) {
		z.bits |= binary.LittleEndian.Uint64(z.in[z.at:]) << z.have
		z.at += int(63-z.have) >> 3
		z.have |= 56
		return
	}
	for z.have < n {
		if z.at < len(z.in) {
			z.bits |= uint64(z.in[z.at]) << z.have
		}
		z.at++
		z.have += 8
	}
}

// overrun says whether more was used than there is.
func (z *inflater) overrun() bool { return z.at-int(z.have/8) > len(z.in) }

// block unpacks one block and says whether it is the last of its member.
func (z *inflater) block() (final bool, err error) {
	final = z.take(1) == 1
	switch z.take(2) {
	case 0:
		return final, z.stored()
	case 1:
		return final, z.packed(&z.literals0, &z.distances0)
	case 2:
		if err := z.tables(); err != nil {
			return false, err
		}
		return final, z.packed(&z.literals, &z.distances)
	}
	return false, errDeflate
}

// take reads n bits.
func (z *inflater) take(n uint) uint32 {
	z.load(n)
	v := uint32(z.bits) & (1<<n - 1)
	z.bits >>= n
	z.have -= n
	return v
}

func (z *inflater) stored() error {
	z.align()
	if z.at+4 > len(z.in) {
		return errDeflate
	}
	rest := z.in[z.at:]
	n := int(rest[0]) | int(rest[1])<<8
	if check := int(rest[2]) | int(rest[3])<<8; check != n^0xffff || len(rest) < 4+n {
		return errDeflate
	}
	z.out = append(z.out, rest[4:4+n]...)
	z.at += 4 + n
	return nil
}

// tables reads the codes of a block.
func (z *inflater) tables() error {
	literals, distances, lengths := int(z.take(5))+257, int(z.take(5))+1, int(z.take(4))+4
	if literals > 286 || distances > 30 {
		return errDeflate
	}
	var list [320]uint8
	for i := range lengths {
		list[codeOrder[i]] = uint8(z.take(3))
	}
	z.literals.build(list[:19])
	clear(list[:19])
	for i := 0; i < literals+distances; {
		symbol := z.symbol(&z.literals)
		if symbol < 0 || symbol > 18 || symbol == 16 && i == 0 {
			return errDeflate
		}
		if symbol < 16 {
			list[i] = uint8(symbol)
			i++
			continue
		}
		var repeated uint8
		var times int
		switch symbol {
		case 16:
			repeated, times = list[i-1], 3+int(z.take(2))
		case 17:
			times = 3 + int(z.take(3))
		case 18:
			times = 11 + int(z.take(7))
		}
		if i+times > literals+distances {
			return errDeflate
		}
		for range times {
			list[i] = repeated
			i++
		}
	}
	z.literals.build(list[:literals])
	z.distances.build(list[literals : literals+distances])
	return nil
}

// build orders the symbols by their codes.
func (c *code) build(lengths []uint8) {
	c.count = [16]uint16{}
	for _, n := range lengths {
		c.count[n]++
	}
	c.count[0] = 0
	var next, value [16]uint16
	for n := 1; n < 15; n++ {
		next[n+1] = next[n] + c.count[n]
		value[n+1] = (value[n] + c.count[n]) << 1
	}
	clear(c.short[:])
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		c.symbol[next[n]] = uint16(symbol)
		next[n]++
		reversed := int(bits.Reverse16(value[n]) >> (16 - n))
		value[n]++
		for at := reversed; n <= shortBits && at < len(c.short); at += 1 << n {
			c.short[at] = uint16(symbol)<<4 | uint16(n)
		}
	}
}

// symbol reads one code; -1 is a code that does not exist.
func (z *inflater) symbol(c *code) int {
	z.load(15)
	if short := c.short[z.bits%(1<<shortBits)]; short != 0 {
		z.bits >>= short & 15
		z.have -= uint(short & 15)
		return int(short >> 4)
	}
	return z.longSymbol(c)
}

// longSymbol reads one code bit by bit.
func (z *inflater) longSymbol(c *code) int {
	rest, value, first, at := z.bits, uint32(0), uint32(0), uint32(0)
	for n := uint(1); n < 16; n++ {
		value |= uint32(rest) & 1
		rest >>= 1
		count := uint32(c.count[n])
		if value-first < count {
			z.bits, z.have = rest, z.have-n
			return int(c.symbol[at+value-first])
		}
		at += count
		first = (first + count) << 1
		value <<= 1
	}
	return -1
}

// packed unpacks the codes of one block up to its end or enough.
func (z *inflater) packed(literals, distances *code) error {
	for len(z.out) < z.enough {
		symbol := z.symbol(literals)
		switch {
		case symbol < 0 || z.overrun():
			return errDeflate
		case symbol < 256:
			z.out = append(z.out, byte(symbol))
			continue
		case symbol == 256:
			return nil
		case symbol > 285:
			return errDeflate
		}
		length := int(lengthBase[symbol-257]) + int(z.take(uint(lengthExtra[symbol-257])))
		symbol = z.symbol(distances)
		if symbol < 0 || symbol > 29 {
			return errDeflate
		}
		distance := int(distanceBase[symbol]) + int(z.take(uint(distanceExtra[symbol])))
		if distance > len(z.out) {
			return errDeflate
		}
		z.repeat(distance, length)
	}
	return nil
}

// repeat appends what stands a distance back. What is longer than the distance
// repeats itself.
func (z *inflater) repeat(distance, length int) {
	for length > 0 {
		part := z.out[len(z.out)-distance:]
		part = part[:min(len(part), length)]
		z.out = append(z.out, part...)
		length -= len(part)
		distance += len(part)
	}
}

// unpack returns the whole body of an answer as it was meant.
func unpack(a Answer) ([]byte, error) {
	if !a.Gzip {
		return a.Body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(a.Body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
