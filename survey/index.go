package survey

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// index is what an instrument is compiled to at its first use. An instrument
// is immutable from then on.
type index struct {
	owner      *Instrument // a copied instrument must not use the index of the original
	fields     []Field
	byKey      map[string]int
	items      map[string]*Item
	ranges     map[*Item]fieldRange
	scales     map[string]*Scale
	closed     []int
	numbers    []int
	texts      []int
	textsByKey []int             // in the order of their keys
	role       int               // field of the role item, -1 without one
	texters    map[string]string // role key -> role whose texts it reads
	lines      map[string]int
	hash       string
	document   []byte
	plan       *answerPlan
	ways       map[string]*walk // by role; nil where answers decide on the way
}

// fieldRange is where the fields of an item stand in Answers.
type fieldRange struct{ first, count int }

type indexPointer struct{ atomic.Pointer[index] }

// compiled returns the index, building it at the first use. Two goroutines may
// build it at once; both results are the same.
func (in *Instrument) compiled() *index {
	if x := in.cache.Load(); x != nil && x.owner == in {
		return x
	}
	x := in.compile()
	in.cache.Store(x)
	return x
}

func (in *Instrument) compile() *index {
	x := &index{
		owner:   in,
		byKey:   map[string]int{},
		items:   map[string]*Item{},
		ranges:  map[*Item]fieldRange{},
		scales:  map[string]*Scale{},
		texters: map[string]string{},
		role:    -1,
	}
	for i := range in.Scales {
		x.scales[in.Scales[i].Key] = &in.Scales[i]
	}
	for _, role := range in.Roles {
		x.texters[role.Key] = role.Key
		if role.TextsFrom != "" {
			x.texters[role.Key] = role.TextsFrom
		}
	}
	for s := range in.Sections {
		for i := range in.Sections[s].Items {
			x.addItem(s, &in.Sections[s].Items[i])
		}
	}
	if i, ok := x.byKey[in.RoleItem]; ok && x.fields[i].Kind == SingleChoice {
		x.role = i
	}
	x.textsByKey = slices.Clone(x.texts)
	slices.SortFunc(x.textsByKey, func(a, b int) int { return strings.Compare(x.fields[a].Key, x.fields[b].Key) })
	x.document = in.canonical()
	sum := sha256.Sum256(x.document)
	x.plan = newAnswerPlan(in, x)
	x.ways = in.waysOf(x)
	x.hash = "sha256:" + hex.EncodeToString(sum[:])
	return x
}

func (x *index) addItem(section int, item *Item) {
	first := len(x.fields)
	if _, taken := x.items[item.Key]; !taken {
		x.items[item.Key] = item
	}
	switch item.Kind {
	case Allocation:
		for p := range item.Parts {
			part := &item.Parts[p]
			x.addField(Field{Key: part.Key, Kind: Allocation, Section: section, Item: item, Part: part})
		}
	case Likert:
		points := 0
		if scale := x.scales[item.Scale]; scale != nil {
			points = len(scale.Points)
		}
		x.addField(Field{Key: item.Key, Kind: Likert, Section: section, Item: item, Points: points})
	case SingleChoice:
		x.addField(Field{Key: item.Key, Kind: SingleChoice, Section: section, Item: item, Points: len(item.Options)})
	default:
		x.addField(Field{Key: item.Key, Kind: item.Kind, Section: section, Item: item})
	}
	x.ranges[item] = fieldRange{first, len(x.fields) - first}
}

func (x *index) addField(f Field) {
	f.Index = len(x.fields)
	x.fields = append(x.fields, f)
	if _, taken := x.byKey[f.Key]; !taken {
		x.byKey[f.Key] = f.Index
	}
	switch {
	case f.Closed():
		x.closed = append(x.closed, f.Index)
	case f.Kind == LongText:
		x.texts = append(x.texts, f.Index)
	default:
		x.numbers = append(x.numbers, f.Index)
	}
}

// canonical is the document without formatting: fields in the order of the
// types, keys of texts sorted, empty fields left out.
func (in *Instrument) canonical() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(in); err != nil {
		panic(fmt.Sprintf("survey: instrument %s can not be written: %v", in.Key, err))
	}
	return bytes.TrimSpace(b.Bytes())
}

// Canonical returns the document in the form that is hashed and kept. The
// caller must not change it.
func (in *Instrument) Canonical() []byte { return in.compiled().document }

// Hash is "sha256:" and the hexadecimal hash of the canonical document. It does
// not depend on spaces, line ends or the order of fields.
func (in *Instrument) Hash() string { return in.compiled().hash }

// Fields returns all fields in survey order; Fields()[i].Index is i. The caller
// must not change the slice.
func (in *Instrument) Fields() []Field { return in.compiled().fields }

// FieldByKey finds a field by its item key, or by the part key of an allocation.
func (in *Instrument) FieldByKey(key string) (Field, bool) {
	x := in.compiled()
	i, ok := x.byKey[key]
	if !ok {
		return Field{}, false
	}
	return x.fields[i], true
}

// ItemByKey finds an item; nil when there is none.
func (in *Instrument) ItemByKey(key string) *Item { return in.compiled().items[key] }

// ItemFields returns the fields of one of the instrument's own items: one, or
// one per part of an allocation.
func (in *Instrument) ItemFields(item *Item) []Field {
	x := in.compiled()
	r := x.ranges[item]
	return x.fields[r.first : r.first+r.count]
}

// ScaleOf returns the scale of a likert item; nil for other kinds.
func (in *Instrument) ScaleOf(item *Item) *Scale {
	if item.Kind != Likert {
		return nil
	}
	return in.compiled().scales[item.Scale]
}

// ClosedFields returns the indexes of the fields in Packed.Closed, in its order.
func (in *Instrument) ClosedFields() []int { return in.compiled().closed }

// NumberFields returns the indexes of the fields in Packed.Numbers, in its order.
func (in *Instrument) NumberFields() []int { return in.compiled().numbers }

// TextFields returns the indexes of the fields in Packed.Texts.
func (in *Instrument) TextFields() []int { return in.compiled().texts }

// RoleByKey finds a role.
func (in *Instrument) RoleByKey(key string) (Role, bool) {
	for _, r := range in.Roles {
		if r.Key == key {
			return r, true
		}
	}
	return Role{}, false
}

// RoleOf reads the role from the answer to the role item; "" while it is open.
func (in *Instrument) RoleOf(answers Answers) string {
	x := in.compiled()
	if x.role < 0 || x.role >= len(answers) || answers[x.role].State != Valid {
		return ""
	}
	options := x.fields[x.role].Item.Options
	code := answers[x.role].Code
	if code < 1 || code > len(options) {
		return ""
	}
	return options[code-1].Code
}

// NewAnswers returns answers to nothing yet: every field NotShown.
func (in *Instrument) NewAnswers() Answers { return make(Answers, len(in.Fields())) }

// ItemText returns the wording of an item for a role; false: not asked in that role.
func (in *Instrument) ItemText(item *Item, role string) (Text, bool) {
	return in.compiled().text(item.Texts, role)
}

// PartText returns the wording of a part of an allocation for a role; its label
// stands in where the part has no wording of its own.
func (in *Instrument) PartText(part *Part, role string) Text {
	if t, ok := in.compiled().text(part.Texts, role); ok {
		return t
	}
	return part.Label
}

// text prefers the wording of the role over the wording for everybody.
func (x *index) text(texts map[string]Text, role string) (Text, bool) {
	if from, known := x.texters[role]; known {
		if t, ok := texts[from]; ok {
			return t, true
		}
	}
	t, ok := texts["*"]
	return t, ok
}
