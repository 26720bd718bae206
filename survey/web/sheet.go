package web

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"sync"

	"github.com/salesbench/salesbench/static"
	"github.com/salesbench/salesbench/survey/words"
	"github.com/salesbench/salesbench/templates"
)

// A sheet is what html/template made of a page, or of a part of one, with slots
// for what is only known with the request. The template is executed once, with
// marks that no text can hold in the place of the values; the marks become the
// slots. So the templates stay the only source of markup.
type sheet struct {
	pieces []piece // one more than slots; empty where nothing stands between two slots
	slots  []int   // the number of the value that follows the piece, or a special slot
	html   []byte  // with fillers in the slots; nil where there can be no brotli form
	fixed  []int   // the length of each slot's value, 0 where it varies
	tag    uint64  // names the content apart from the slots
	packed packed
}

// noSlot stands between two pieces without a value; bodySlot is where other
// sheets go.
const (
	noSlot   = -1
	bodySlot = -2
)

// blank is a text in the place of a value.
type blank struct {
	text   string
	slot   int
	length int // of every value; 0: it varies
}

// The marks can not be guessed, so no instrument or name contains one. They are
// letters and digits only, so that escaping leaves them alone in every context.
var (
	markName   = "m" + hex.EncodeToString(secret(12)) + "x"
	markNumber = int64(1e17) + int64(binary.LittleEndian.Uint64(secret(8))>>8)
)

func secret(n int) []byte {
	b := make([]byte, n)
	// crypto/rand.Read never fails on the systems Go supports.
	_, _ = rand.Read(b)
	return b
}

// marked is the text in the place of the value with this number.
func marked(slot int) string { return markName + strconv.Itoa(slot) + "z" }

// bodyMark is where other sheets go.
var bodyMark = blank{text: markName + "body", slot: bodySlot}

// markOf describes the slot of a text whose length varies, or is always the same.
func markOf(slot, length int) blank { return blank{text: marked(slot), slot: slot, length: length} }

// newSheet takes the rendered text apart at the marks.
func newSheet(html []byte, marks []blank) *sheet {
	s := &sheet{}
	var b blocks
	defer b.forget()
	whole := make([]byte, 0, len(html))
	canFix := !bytes.ContainsAny(html, fillers)
	digest := fnv.New64a()
	for {
		at, m := nextMark(html, marks)
		s.addPiece(&b, html[:at])
		_, _ = digest.Write(html[:at])
		whole = append(whole, html[:at]...)
		if m == nil {
			break
		}
		html = html[at+len(m.text):]
		length := m.length
		if !canFix {
			length = 0
		}
		s.slots, s.fixed = append(s.slots, m.slot), append(s.fixed, length)
		whole = append(whole, filler(length)...)
		if length == 0 {
			b.forget()
		} else {
			b.deflated(filler(length)) // takes its place in what later parts refer to
		}
	}
	s.tag = digest.Sum64()
	if !slices.Contains(s.fixed, 0) {
		s.html = whole
	}
	return s
}

// addPiece compresses a part; the style that many pages carry is compressed once.
func (s *sheet) addPiece(b *blocks, html []byte) {
	style := stylePiece()
	if before, after, found := bytes.Cut(html, style.html); found {
		s.pieces = append(s.pieces, b.piece(before), *style)
		s.slots, s.fixed = append(s.slots, noSlot, noSlot), append(s.fixed, noSlot, noSlot)
		b.forget()
		html = after
	}
	if len(html) == 0 {
		s.pieces = append(s.pieces, piece{})
		return
	}
	s.pieces = append(s.pieces, b.piece(html))
}

// stylePiece is the style that a page carries to whoever comes from elsewhere.
var stylePiece = sync.OnceValue(func() *piece {
	one := newPiece([]byte(static.InlineStyle()))
	return &one
})

// source is the file of a page in a language.
type source struct {
	words *words.Language
	page  string
}

// standIn is a part in the place of others: its text becomes a body slot.
type standIn struct {
	part string // a template of the page's file
	data any
	end  string // what stands behind each such part
}

// frameSheet renders a page and makes body slots of its stand-ins.
func frameSheet(p templates.Page, marks []blank, stands ...standIn) (*sheet, error) {
	html, err := templates.Render(p)
	if err != nil {
		return nil, err
	}
	return openSheet(source{p.In(), p.Template()}, html, marks, stands...)
}

// openSheet makes body slots of the stand-ins in what was rendered.
func openSheet(from source, html []byte, marks []blank, stands ...standIn) (*sheet, error) {
	for _, stand := range stands {
		alone, err := templates.RenderPart(from.words, from.page, stand.part, stand.data)
		if err != nil {
			return nil, err
		}
		alone = append(alone, stand.end...)
		if !bytes.Contains(html, alone) {
			return nil, fmt.Errorf("page %s: %s does not stand in it as it stands alone", from.page, stand.part)
		}
		html = bytes.Replace(html, alone, []byte(bodyMark.text), 1)
	}
	return newSheet(html, append(marks, bodyMark)), nil
}

// partSheet renders a part of a page.
func partSheet(from source, part string, data any, marks ...blank) (*sheet, error) {
	html, err := templates.RenderPart(from.words, from.page, part, data)
	if err != nil {
		return nil, err
	}
	return newSheet(html, marks), nil
}

// nextMark finds the first mark in the text; without one it is the end of the text.
func nextMark(html []byte, marks []blank) (at int, found *blank) {
	at = len(html)
	for i := range marks {
		if here := bytes.Index(html[:at], []byte(marks[i].text)); here >= 0 {
			at, found = here, &marks[i]
		}
	}
	return at, found
}

// fillers are characters that no page contains. A slot is filled with them while
// its page is compressed: nothing can then refer to what stands in the slot.
const fillers = "\x01\x02\x03\x04\x05\x06\x07\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"

func filler(length int) []byte {
	return bytes.Repeat([]byte(fillers), length/len(fillers)+1)[:length]
}

// weight is what the sheet costs in memory, its brotli form included.
func (s *sheet) weight() int {
	n := len(s.html) + len(s.html)/6
	for i := range s.pieces {
		n += s.pieces[i].weight()
	}
	return n
}

// fill appends the sheet from the piece on, until a slot for other sheets, and
// returns the number of the piece after that.
func (c *composer) fill(s *sheet, from int, values [][]byte) int {
	for i := from; ; i++ {
		c.add(&s.pieces[i])
		if i == len(s.slots) {
			return i
		}
		switch slot := s.slots[i]; slot {
		case noSlot:
		case bodySlot:
			return i + 1
		default:
			c.insert(values[slot])
		}
	}
}

// newComposer returns an empty composer; release gives it back.
func newComposer() *composer {
	c, ok := composers.Get().(*composer)
	if !ok {
		c = &composer{}
	}
	c.texts = c.texts[:0]
	return c
}

func (c *composer) release() { composers.Put(c) }

// composers keeps what pages were put together in.
var composers = sync.Pool{New: func() any {
	return &composer{out: make([]byte, 0, 16<<10), texts: make([]byte, 0, 1<<10)}
}}

// room is where the next value is written; keep returns it from there.
func (c *composer) room() []byte { return c.texts[len(c.texts):] }

func (c *composer) keep(value []byte) []byte {
	if cap(c.texts)-len(c.texts) >= len(value) {
		c.texts = c.texts[:len(c.texts)+len(value)]
	} else {
		c.texts = make([]byte, 0, 2*cap(c.texts)+len(value)) // older values keep the old room
	}
	return value
}

// escaped is the text as html/template writes it between elements and into
// quoted attributes.
func (c *composer) escaped(text string) []byte { return c.keep(appendEscaped(c.room(), text)) }

// appendEscaped escapes as html/template does in text, in attributes with quotes
// and in textarea and title.
func appendEscaped(b []byte, text string) []byte {
	from := 0
	for i := range len(text) {
		var entity string
		switch text[i] {
		case 0:
			entity = "\uFFFD"
		case '"':
			entity = "&#34;"
		case '&':
			entity = "&amp;"
		case '\'':
			entity = "&#39;"
		case '+':
			entity = "&#43;"
		case '<':
			entity = "&lt;"
		case '>':
			entity = "&gt;"
		default:
			continue
		}
		b = append(append(b, text[from:i]...), entity...)
		from = i + 1
	}
	return append(b, text[from:]...)
}

// mix adds a number to a digest (FNV-1a with whole words, then spread).
func mix(digest, v uint64) uint64 {
	digest = (digest ^ v) * 0x9e3779b97f4a7c15
	return digest ^ digest>>29
}

func mixText(digest uint64, text string) uint64 {
	for i := range len(text) {
		digest = mix(digest, uint64(text[i]))
	}
	return mix(digest, uint64(len(text)))
}

func appendSeen(b []byte, seen uint64) []byte { return appendPadded(b, seen, 16, seenLength) }

func appendShownAt(b []byte, at int64) []byte {
	return appendPadded(b, uint64(max(at, 0)), 10, shownAtLength)
}

// appendPadded writes a number with exactly this many digits.
func appendPadded(b []byte, v uint64, base, length int) []byte {
	var digits [64]byte
	text := strconv.AppendUint(digits[:0], v, base)
	for range length - len(text) {
		b = append(b, '0')
	}
	return append(b, text[max(0, len(text)-length):]...)
}
