package panel

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// record is one response on the way into the columns: fixed places, no pointers.
// Organization, team, role and language are codes of the batch's vocabulary.
type record []byte

func (r record) id() survey.UID       { return survey.UID(r[recordID : recordID+16]) }
func (r record) fingerprint() uint64  { return binary.LittleEndian.Uint64(r[recordFingerprint:]) }
func (r record) code(at int) int32    { return int32(binary.LittleEndian.Uint32(r[at:])) }
func (r record) setCode(at, code int) { binary.LittleEndian.PutUint32(r[at:], uint32(code)) }
func (r record) number(at int) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(r[at:]))
}
func (r record) setNumber(at int, v float64) {
	binary.LittleEndian.PutUint64(r[at:], math.Float64bits(v))
}
func (r record) narrow(at int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(r[at:]))
}
func (r record) setNarrow(at int, v float32) {
	binary.LittleEndian.PutUint32(r[at:], math.Float32bits(v))
}

func (r record) setID(id survey.UID) {
	copy(r[recordID:], id[:])
	binary.LittleEndian.PutUint64(r[recordFingerprint:], fingerprint(id))
}

func (r record) submitted() time.Time {
	return time.Unix(int64(binary.LittleEndian.Uint64(r[recordSubmitted:])), int64(r.code(recordNanos))).UTC()
}

func (r record) setSubmitted(t time.Time) {
	binary.LittleEndian.PutUint64(r[recordSubmitted:], uint64(t.Unix()))
	r.setCode(recordNanos, t.Nanosecond())
}

// names gives texts dense codes in order of arrival. Whoever fills it may go on
// while a reader uses what it had before.
type names struct {
	seed  maphash.Seed
	table []int32 // by hash: the code and one, 0: free. A map would hold each text once more
	uid   map[survey.UID]int32
	list  []string
}

func newNames() *names { return &names{seed: maphash.MakeSeed(), table: make([]int32, 8)} }

func (n *names) of(name string) int32 {
	hash := maphash.String(n.seed, name)
	if c, ok := n.find(hash, func(known string) bool { return known == name }); ok {
		return c
	}
	return n.add(hash, name)
}

func (n *names) ofBytes(name []byte) int32 {
	hash := maphash.Bytes(n.seed, name)
	if c, ok := n.find(hash, func(known string) bool { return known == string(name) }); ok {
		return c
	}
	return n.add(hash, string(name))
}

// find returns the code of the text with this hash.
func (n *names) find(hash uint64, same func(string) bool) (int32, bool) {
	mask := len(n.table) - 1
	for at := int(hash) & mask; n.table[at] != 0; at = (at + 1) & mask {
		if c := n.table[at] - 1; same(n.list[c]) {
			return c, true
		}
	}
	return 0, false
}

// add gives a text that is not there the next code.
func (n *names) add(hash uint64, name string) int32 {
	n.list = append(n.list, name)
	if 4*len(n.list) <= 3*len(n.table) {
		n.put(hash, int32(len(n.list)))
		return int32(len(n.list) - 1)
	}
	n.table = make([]int32, 2*len(n.table))
	for i, known := range n.list {
		n.put(maphash.String(n.seed, known), int32(i+1))
	}
	return int32(len(n.list) - 1)
}

func (n *names) put(hash uint64, entry int32) {
	mask := len(n.table) - 1
	at := int(hash) & mask
	for n.table[at] != 0 {
		at = (at + 1) & mask
	}
	n.table[at] = entry
}

// ofUID is of for an identifier; the zero one is the empty text.
func (n *names) ofUID(id survey.UID) int32 {
	c, ok := n.uid[id]
	if !ok {
		if n.uid == nil {
			n.uid = map[survey.UID]int32{}
		}
		name := ""
		if id != (survey.UID{}) {
			name = id.String()
		}
		c = n.of(name)
		n.uid[id] = c
	}
	return c
}

// The attributes of a response that are codes of a dictionary.
const (
	organizations = iota
	teams
	roles
	languages
	attributes
)

// attributeAt is where each attribute stands in a record.
var attributeAt = [attributes]int{recordOrganization, recordTeam, recordRole, recordLanguage}

// vocabulary is what the codes in records mean.
type vocabulary [attributes]*names

func newVocabulary() vocabulary {
	return vocabulary{newNames(), newNames(), newNames(), newNames()}
}

// translation turns the codes of one vocabulary into those of another, which
// learns only the names that are asked for.
type translation struct {
	into vocabulary
	code [attributes][]int32 // 0: not asked for yet; else the code and one
}

func (t *translation) of(attribute int, from []string, code int32) int32 {
	known := t.code[attribute]
	if int(code) >= len(known) {
		known = append(known, make([]int32, len(from)-len(known))...)
		t.code[attribute] = known
	}
	if known[code] == 0 {
		known[code] = t.into[attribute].of(from[code]) + 1
	}
	return known[code] - 1
}
