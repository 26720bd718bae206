package load

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
)

// Unexpected is an answer that a respondent would not expect at that point.
type Unexpected struct {
	Kind   Kind
	Status int
	What   string
}

func (u Unexpected) Error() string {
	if u.What != "" {
		return u.Kind.String() + ": " + u.What
	}
	return fmt.Sprintf("%s: status %d", u.Kind, u.Status)
}

// Script is one respondent: what this person answers on each page. Every journey
// with the same script meets the same pages.
type Script struct {
	Language string
	Answers  map[string][]string // all fields of all pages
	Requests int                 // of the journey, with the repeated submission
	pages    map[string]*page    // by the address after the token
}

// page is what is known about a page from the rehearsal.
type page struct {
	form    *Form
	answers []byte   // the encoded answers with the button pressed
	hidden  []string // names of the hidden fields, encoded
	reach   int      // bytes of the page to unpack
	known   *known   // nil: it is always unpacked
}

// longestJourney is more pages than any questionnaire here has.
const longestJourney = 200

// slack is how many bytes further than in the rehearsal the hidden fields may end.
const slack = 160

// rehearsal walks through a questionnaire slowly, with a real parser.
type rehearsal struct {
	conn    *Conn
	random  *rand.Rand
	script  *Script
	refused map[string]int
}

// Rehearse answers the questionnaire behind an open link once, with answers drawn
// from the seed, and returns the script to repeat it quickly.
func Rehearse(c *Conn, link string, seed uint64) (*Script, error) {
	r := &rehearsal{conn: c, random: rand.New(rand.NewPCG(seed, 4)), refused: make(map[string]int),
		script: &Script{Language: "en", Answers: make(map[string][]string), pages: make(map[string]*page)}}
	at := link
	for range longestJourney {
		next, err := r.step(at)
		if err != nil {
			return nil, fmt.Errorf("rehearsal at %s: %w", stepOf(at), err)
		}
		if next == "" {
			r.script.Requests++ // the submission once more
			return r.script, nil
		}
		at = next
	}
	return nil, fmt.Errorf("rehearsal: no receipt after %d pages", longestJourney)
}

// step opens one page, and answers it if it has a form.
func (r *rehearsal) step(at string) (next string, err error) {
	r.script.Requests++
	a, err := r.conn.Get([]byte(at))
	if err != nil {
		return "", err
	}
	if redirects(a.Status) {
		return string(follow([]byte(at), a.Location)), nil
	}
	text, err := r.html(a)
	if err != nil {
		return "", err
	}
	form := ParseForm(text)
	if form == nil {
		return "", nil
	}
	form.Action = string(follow([]byte(at), []byte(form.Action)))
	p := &page{form: form, reach: form.Reach + slack, known: newKnown(a, form.Hidden)}
	for _, f := range form.Hidden {
		p.hidden = append(p.hidden, f.Name)
	}
	p.answers = r.answer(form)
	r.script.pages[stepOf(at)] = p
	return r.send(at, p, form.Hidden)
}

func (r *rehearsal) html(a Answer) ([]byte, error) {
	text, err := unpack(a)
	if err == nil && a.Status != 200 {
		err = Unexpected{Status: a.Status, What: firstHeading(text)}
	}
	return text, err
}

// send posts the answers. A page that comes back had problems; then what was typed
// is left open.
func (r *rehearsal) send(at string, p *page, hidden []Field) (next string, err error) {
	for range 2 {
		r.script.Requests++
		a, err := r.conn.PostForm([]byte(p.form.Action), appendHidden(bytes.Clone(p.answers), hidden))
		if err != nil {
			return "", err
		}
		if redirects(a.Status) {
			return string(follow([]byte(p.form.Action), a.Location)), nil
		}
		text, err := r.html(a)
		if err != nil {
			return "", err
		}
		again := ParseForm(text)
		if again == nil {
			break
		}
		r.script.Requests -= 1
		hidden = again.Hidden
		r.refused[stepOf(at)]++
		p.answers = r.answer(p.form)
	}
	return "", Unexpected{What: "the answers of the rehearsal are refused"}
}

// answer fills in a form.
func (r *rehearsal) answer(form *Form) []byte {
	values := url.Values{}
	timid := r.refused[stepOf(form.Action)] > 0
	for i := 0; i < len(form.Questions); i++ {
		q := form.Questions[i]
		if q.Sum > 0 {
			i += r.share(form.Questions[i:], values) - 1
			continue
		}
		if v := r.choose(q, timid); v != "" {
			values.Set(q.Name, v)
		}
	}
	for name, list := range values {
		r.script.Answers[name] = list
	}
	if form.Button.Name != "" {
		values.Set(form.Button.Name, form.Button.Value)
	}
	return []byte(values.Encode())
}

// choose answers one question.
func (r *rehearsal) choose(q Question, timid bool) string {
	switch q.Kind {
	case "radio", "select":
		if q.Name == "language" {
			return q.Values[0]
		}
		return q.Values[r.random.IntN(len(q.Values))]
	case "text":
		if timid && len(q.Boxes) > 0 {
			return q.Boxes[0]
		}
		if timid {
			return ""
		}
		return strconv.Itoa(1 + r.random.IntN(30))
	case "textarea":
		if r.random.IntN(3) == 0 {
			return sentences[r.random.IntN(len(sentences))]
		}
	}
	return ""
}

// sentences are open answers of usual length.
var sentences = []string{
	"We discount too early, because nobody helps us with the business case.",
	"Too many deals end without any decision by the customer.",
	"More time for coaching on real opportunities & less on the forecast call; \"numbers\" could come from the system.",
	"Größere Kunden erwarten, dass Technik und Service von Anfang an dabei sind.",
	"Help us to get the right experts into the meeting before the proposal is written, not after it was lost.",
}

// share splits a sum over the texts that must add up to it, and says how many they are.
func (r *rehearsal) share(questions []Question, values url.Values) int {
	n := 0
	for n < len(questions) && questions[n].Sum == questions[0].Sum && questions[n].Kind == "text" {
		n++
	}
	left := questions[0].Sum
	for i, q := range questions[:n] {
		part := left
		if i < n-1 {
			part = r.random.IntN(left/2 + 1)
		}
		values.Set(q.Name, strconv.Itoa(part))
		left -= part
	}
	return n
}

// appendHidden adds hidden fields to encoded answers.
func appendHidden(body []byte, hidden []Field) []byte {
	for _, f := range hidden {
		body = appendField(body, f.Name, []byte(url.QueryEscape(f.Value)))
	}
	return body
}

func appendField(body []byte, name string, value []byte) []byte {
	if len(body) > 0 {
		body = append(body, '&')
	}
	body = append(body, name...)
	body = append(body, '=')
	return append(body, value...)
}

func redirects(status int) bool { return status == 303 || status == 302 || status == 307 }

// follow finds the path that a reference on a page leads to. Most are paths already.
func follow(at, reference []byte) []byte {
	if len(reference) > 1 && reference[0] == '/' && reference[1] != '/' {
		return reference
	}
	base, err := url.Parse(string(at))
	if err != nil {
		return reference
	}
	there, err := base.Parse(string(reference))
	if err != nil {
		return reference
	}
	return []byte(there.RequestURI())
}

// stepOf is an address without the token and the query: what is the same for every
// respondent.
func stepOf[T string | []byte](at T) T {
	at = at[:queryAt(at)]
	slashes := 0
	for i := range len(at) {
		if at[i] == '/' {
			if slashes++; slashes == 3 {
				return at[i:]
			}
		}
	}
	return at[:min(3, len(at))]
}

// queryAt is where the query begins, or the end.
func queryAt[T string | []byte](at T) int {
	for i := range len(at) {
		if at[i] == '?' {
			return i
		}
	}
	return len(at)
}

// firstHeading is what a page says, for error messages.
func firstHeading(page []byte) string {
	_, rest, _ := strings.Cut(string(page), "<h1>")
	heading, _, _ := strings.Cut(rest, "</h1>")
	return heading
}
