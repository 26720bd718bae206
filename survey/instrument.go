package survey

// Text is one text in several languages, keyed by BCP 47 tag.
type Text map[string]string

// In returns the text in the language, else in English, else in any language
// (the first by tag), so that a missing translation never blanks a question.
func (t Text) In(language string) string {
	if s, ok := t[language]; ok {
		return s
	}
	if s, ok := t["en"]; ok {
		return s
	}
	first := ""
	for tag := range t {
		if first == "" || tag < first {
			first = tag
		}
	}
	return t[first]
}

// Instrument is a questionnaire document. Once published it is immutable and
// known by the hash of its canonical form.
type Instrument struct {
	Key         string    `json:"key"`
	Version     int       `json:"version"`
	Title       Text      `json:"title,omitempty"`
	Attribution Text      `json:"attribution,omitempty"` // where texts or data come from, shown on result pages
	Languages   []string  `json:"languages,omitempty"`   // the first is the default
	RoleItem    string    `json:"role_item,omitempty"`   // key of the single_choice item that selects the role
	Roles       []Role    `json:"roles,omitempty"`
	Areas       []Area    `json:"areas,omitempty"`
	Scales      []Scale   `json:"scales,omitempty"`
	Sections    []Section `json:"sections,omitempty"`

	cache indexPointer // built at the first use; an instrument must not be copied or changed afterwards
}

// Role is a variant of the questionnaire; its key is an option code of the role item.
type Role struct {
	Key       string `json:"key"`
	Label     Text   `json:"label,omitempty"`
	TextsFrom string `json:"texts_from,omitempty"` // reads the item texts of that role instead of its own
}

// Area is a group of practices that gets a score of its own.
type Area struct {
	Key   string `json:"key"`
	Title Text   `json:"title,omitempty"`
}

// Scale is the answer scale of likert items, points in ascending order 1..A.
type Scale struct {
	Key    string  `json:"key"`
	Points []Point `json:"points,omitempty"`
	TopBox int     `json:"top_box"` // how many of the highest points count as agreement
}

// Point is one scale point.
type Point struct {
	Value int  `json:"value"`
	Label Text `json:"label,omitempty"`
}

// Section is one page of the questionnaire.
type Section struct {
	Key    string     `json:"key"`
	Title  Text       `json:"title,omitempty"`
	Intro  Text       `json:"intro,omitempty"`
	ShowIf *Condition `json:"show_if,omitempty"`
	Items  []Item     `json:"items,omitempty"`
}

// Kind is the kind of an item.
type Kind string

// The kinds of items.
const (
	Likert       Kind = "likert"
	SingleChoice Kind = "single_choice"
	Number       Kind = "number"
	Allocation   Kind = "allocation" // parts that must add up to Sum
	LongText     Kind = "text_long"
)

// Item is one question.
type Item struct {
	Key         string          `json:"key"`
	Kind        Kind            `json:"kind"`
	Block       string          `json:"block,omitempty"` // practice, kpi, time, coaching, deal, about, open
	Area        string          `json:"area,omitempty"`
	KeyPractice bool            `json:"key_practice,omitempty"`
	Reverse     bool            `json:"reverse,omitempty"`
	Scale       string          `json:"scale,omitempty"` // likert only
	Required    bool            `json:"required,omitempty"`
	Label       Text            `json:"label,omitempty"`   // short label for tables and charts
	Texts       map[string]Text `json:"texts,omitempty"`   // by role key, "*" for every role; a role without a text is not asked
	Options     []Option        `json:"options,omitempty"` // single_choice only
	Missing     []State         `json:"missing,omitempty"` // which of dont_know, not_applicable, refused are offered
	Parts       []Part          `json:"parts,omitempty"`   // allocation only
	Sum         float64         `json:"sum,omitempty"`     // allocation only
	Unit        string          `json:"unit,omitempty"`
	Period      string          `json:"period,omitempty"`
	Direction   string          `json:"direction,omitempty"` // higher or lower is better
	Min         *float64        `json:"min,omitempty"`
	Max         *float64        `json:"max,omitempty"`
	AskAgain    bool            `json:"ask_again,omitempty"` // a number outside Min..Max is asked once more, then accepted
	HardMin     *float64        `json:"hard_min,omitempty"`  // never accepted below, even when asked again
	HardMax     *float64        `json:"hard_max,omitempty"`  // never accepted above, even when asked again
	ShowIf      *Condition      `json:"show_if,omitempty"`
}

// Option is one answer of a single_choice item.
type Option struct {
	Code  string `json:"code"`
	Label Text   `json:"label,omitempty"`
}

// Part is one share of an allocation.
type Part struct {
	Key   string          `json:"key"`
	Label Text            `json:"label,omitempty"`
	Texts map[string]Text `json:"texts,omitempty"`
}

// Condition decides whether a section or an item is shown. Exactly one of
// Item (with one comparison), All, Any and Not is set.
type Condition struct {
	Item     string      `json:"item,omitempty"`
	In       []string    `json:"in,omitempty"`       // option codes or scale points, as text
	AtLeast  *float64    `json:"at_least,omitempty"` // number or scale point
	AtMost   *float64    `json:"at_most,omitempty"`
	Answered *bool       `json:"answered,omitempty"` // a valid answer was given
	All      []Condition `json:"all,omitempty"`
	Any      []Condition `json:"any,omitempty"`
	Not      *Condition  `json:"not,omitempty"`
}

// Field is one answerable cell of an instrument: an item, or one part of an
// allocation. Its Index is the position in Answers.
type Field struct {
	Index   int
	Key     string
	Kind    Kind  // Allocation for a part
	Section int   // position in Instrument.Sections
	Item    *Item // the item, or the allocation the part belongs to
	Part    *Part // nil unless the field is a part of an allocation
	Points  int   // how many codes a closed answer has: scale points or options; 0 for numbers and texts
}

// Closed says whether the answer is a code 1..Points.
func (f Field) Closed() bool { return f.Kind == Likert || f.Kind == SingleChoice }
