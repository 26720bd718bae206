package panel

import (
	"encoding/binary"
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
	code map[string]int32
	uid  map[survey.UID]int32 // the same codes, by identifier
	list []string
}

func newNames() *names { return &names{code: map[string]int32{}} }

func (n *names) of(name string) int32 {
	c, ok := n.code[name]
	if !ok {
		c = int32(len(n.list))
		n.code[name] = c
		n.list = append(n.list, name)
	}
	return c
}

func (n *names) ofBytes(name []byte) int32 {
	if c, ok := n.code[string(name)]; ok {
		return c
	}
	return n.of(string(name))
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
