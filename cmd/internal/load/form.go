package load

import (
	"bytes"
	"slices"
	"strconv"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Field is a name and a value of a form.
type Field struct{ Name, Value string }

// Question is what a form asks: controls that share a name.
type Question struct {
	Name   string
	Kind   string   // radio, checkbox, select, text or textarea
	Values []string // what can be chosen
	Boxes  []string // checkboxes that share the name of a text: "don't know" and the like
	Sum    int      // what the texts of a group must add up to, or 0
}

// Form is the first form of a page.
type Form struct {
	Action    string
	Hidden    []Field
	Questions []Question
	Button    Field // the first button that submits, where it has a name
	Reach     int   // bytes of the page up to the end of the last hidden field
}

// formReader walks over the tags of a page.
type formReader struct {
	form   *Form
	inside bool
	sum    int
	sel    int // question of the select that is open, or -1
	offset int
}

// ParseForm reads the first form of a page; nil means there is none.
func ParseForm(page []byte) *Form {
	r := &formReader{sel: -1}
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		kind := z.Next()
		r.offset += len(z.Raw())
		switch kind {
		case html.ErrorToken:
			return r.form
		case html.StartTagToken, html.SelfClosingTagToken:
			r.open(z.Token())
		case html.EndTagToken:
			if r.close(z.Token()) {
				return r.form
			}
		}
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (r *formReader) open(t html.Token) {
	if t.DataAtom == atom.Form && r.form == nil {
		r.form, r.inside = &Form{Action: attribute(t, "action")}, true
		return
	}
	if !r.inside {
		return
	}
	name, value := attribute(t, "name"), attribute(t, "value")
	switch t.DataAtom {
	case atom.Fieldset:
		r.sum, _ = strconv.Atoi(attribute(t, "data-sum")) // 0: no sum is asked for
	case atom.Input:
		r.input(attribute(t, "type"), Field{name, value})
	case atom.Select:
		r.sel = r.question(name, "select")
	case atom.Option:
		if r.sel >= 0 && value != "" {
			r.form.Questions[r.sel].Values = append(r.form.Questions[r.sel].Values, value)
		}
	case atom.Textarea:
		r.question(name, "textarea")
	case atom.Button:
		if r.form.Button.Name == "" && attribute(t, "type") == "submit" {
			r.form.Button = Field{name, value}
		}
	}
}

// close ends a group, a select or the form; true means that all is read.
func (r *formReader) close(t html.Token) bool {
	switch t.DataAtom {
	case atom.Fieldset:
		r.sum = 0
	case atom.Select:
		r.sel = -1
	case atom.Form:
		return r.inside
	}
	return false
}

func (r *formReader) input(kind string, f Field) {
	switch kind {
	case "hidden":
		r.form.Hidden = append(r.form.Hidden, f)
		r.form.Reach = r.offset
	case "radio":
		at := r.question(f.Name, "radio")
		r.form.Questions[at].Values = append(r.form.Questions[at].Values, f.Value)
	case "checkbox":
		at := r.question(f.Name, "checkbox")
		r.form.Questions[at].Boxes = append(r.form.Questions[at].Boxes, f.Value)
	case "", "text", "number":
		r.form.Questions[r.question(f.Name, "text")].Sum = r.sum
	}
}

// question finds the question of that name, or begins it.
func (r *formReader) question(name, kind string) int {
	at := slices.IndexFunc(r.form.Questions, func(q Question) bool { return q.Name == name })
	if at < 0 {
		r.form.Questions = append(r.form.Questions, Question{Name: name, Kind: kind})
		at = len(r.form.Questions) - 1
	}
	return at
}

// hiddenValue finds the value of a hidden field in the beginning of a page. It is
// the cheap reading of what a rehearsal has read with the parser.
func hiddenValue(page []byte, name string) ([]byte, bool) {
	for {
		i := bytes.Index(page, []byte(` name="`))
		if i < 0 {
			return nil, false
		}
		page = page[i+len(` name="`):]
		rest, found := bytes.CutPrefix(page, []byte(name))
		if !found {
			continue
		}
		rest, found = bytes.CutPrefix(rest, []byte(`" value="`))
		if !found {
			continue
		}
		end := bytes.IndexByte(rest, '"')
		if end < 0 || bytes.IndexByte(rest[:end], '&') >= 0 {
			return nil, false
		}
		return rest[:end], true
	}
}
