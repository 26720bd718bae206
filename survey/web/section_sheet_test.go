package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// everyKind is a questionnaire with all that a page can hold: every kind of
// question, conditions, two languages and texts that try to leave their element.
const everyKind = `{"key": "every", "version": 1, "languages": ["en", "ar"], "role_item": "role",
"roles": [{"key": "seller", "label": {"en": "Seller"}}, {"key": "boss", "label": {"en": "Boss"}}],
"scales": [{"key": "five", "top_box": 2, "points": [{"value": 1, "label": {"en": "No"}}, {"value": 2, "label": {"en": "Rather no"}},
  {"value": 3, "label": {"en": "Both"}}, {"value": 4, "label": {"en": "Rather yes"}}, {"value": 5, "label": {"en": "Yes", "ar": "نعم"}}]}],
"sections": [
 {"key": "who", "title": {"en": "Who are you?", "ar": "من أنت؟"}, "items": [
  {"key": "role", "kind": "single_choice", "required": true, "texts": {"*": {"en": "Your role?"}},
   "options": [{"code": "seller", "label": {"en": "Seller"}}, {"code": "boss", "label": {"en": "Boss"}}]}]},
 {"key": "all", "title": {"en": "All </title><script>alert(1)</script>"}, "intro": {"en": "Don't + be \"shy\" & go"}, "items": [
  {"key": "a1", "kind": "likert", "scale": "five", "required": true, "missing": ["dont_know", "refused"], "texts": {"seller": {"en": "I sell? Think <b>twice</b>."}, "boss": {"en": "They sell"}}},
  {"key": "a2", "kind": "likert", "scale": "five", "texts": {"boss": {"en": "Only for bosses", "ar": "للمدير"}}},
  {"key": "c1", "kind": "single_choice", "missing": ["not_applicable"], "texts": {"*": {"en": "Which?"}},
   "options": [{"code": "x", "label": {"en": "X & Y"}}, {"code": "y", "label": {"en": "'Y'"}}]},
  {"key": "c2", "kind": "single_choice", "required": true, "missing": ["dont_know"], "texts": {"*": {"en": "Pick"}},
   "options": [{"code": "o1", "label": {"en": "1"}}, {"code": "o2", "label": {"en": "2"}}, {"code": "o3", "label": {"en": "3"}}, {"code": "o4", "label": {"en": "4"}},
    {"code": "o5", "label": {"en": "5"}}, {"code": "o6", "label": {"en": "6"}}, {"code": "o7", "label": {"en": "7"}}, {"code": "o8", "label": {"en": "8"}}, {"code": "o9", "label": {"en": "9"}}]},
  {"key": "n1", "kind": "number", "unit": "percent", "min": 0, "max": 100, "ask_again": true, "missing": ["dont_know"], "texts": {"*": {"en": "How much?"}}, "show_if": {"item": "c1", "in": ["x"]}},
  {"key": "n2", "kind": "number", "required": true, "texts": {"*": {"en": "How many?"}}},
  {"key": "t1", "kind": "allocation", "sum": 100, "unit": "percent", "missing": ["dont_know"], "texts": {"*": {"en": "Your time?"}},
   "parts": [{"key": "p1", "label": {"en": "One"}}, {"key": "p2", "label": {"en": "Two <"}}, {"key": "p3", "label": {"en": "Three"}}]},
  {"key": "w1", "kind": "text_long", "max": 300, "missing": ["refused"], "texts": {"*": {"en": "Why?"}}},
  {"key": "w2", "kind": "text_long", "texts": {"*": {"en": "Else?"}}, "show_if": {"item": "a1", "at_least": 4}}]},
 {"key": "end", "title": {"en": "End"}, "show_if": {"item": "n2", "at_least": 5}, "items": [
  {"key": "e1", "kind": "likert", "scale": "five", "texts": {"*": {"en": "Good?"}}}]}]}`

func instrumentsForPages(t testing.TB) []*survey.Instrument {
	t.Helper()
	in, err := survey.ReadInstrument([]byte(everyKind))
	if err != nil {
		t.Fatal(err)
	}
	return []*survey.Instrument{in, survey.Builtin()}
}

var hostile = []string{"<3 & \"four\" + 'five' >", "</textarea><script>", "\x00 nul", "two\nlines", "العربية", " ", "dk", "refused", strings.Repeat("long ", 60)}

// draw returns answers as they can be saved: chance decides on each field.
func draw(in *survey.Instrument, random *rand.Rand, filled float64) survey.Answers {
	answers := in.NewAnswers()
	for _, f := range in.Fields() {
		a := &answers[f.Index]
		switch draw := random.Float64(); {
		case draw > filled:
			a.State = []survey.State{survey.NotShown, survey.Skipped}[random.IntN(2)]
		case draw > filled*0.85 && len(f.Item.Missing) > 0:
			a.State = f.Item.Missing[random.IntN(len(f.Item.Missing))]
		case f.Closed():
			*a = survey.Answer{State: survey.Valid, Code: 1 + random.IntN(f.Points)}
		case f.Kind == survey.LongText:
			*a = survey.Answer{State: survey.Valid, Text: hostile[random.IntN(len(hostile))]}
		default:
			*a = survey.Answer{State: survey.Valid, Number: float64(random.IntN(3000))/10 - 50}
		}
	}
	return answers
}

// pageTest sends pages without a database.
type pageTest struct {
	t *testing.T
	s *Server
}

// get lets the handler answer a request with these headers.
func (p pageTest) get(handle func(echo.Context) error, header http.Header) *httptest.ResponseRecorder {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header = header
	w := httptest.NewRecorder()
	if err := handle(p.s.echo.NewContext(r, w)); err != nil {
		p.t.Fatal(err)
	}
	return w
}

// same compares what is sent, in each coding, with what html/template makes.
func (p pageTest) same(name string, handle func(echo.Context) error, oracle func(echo.Context) templates.Page) {
	p.t.Helper()
	for _, header := range []http.Header{{}, {"Accept-Encoding": {"gzip"}}, {"Accept-Encoding": {"gzip, deflate, br"}}, {"Accept-Encoding": {"gzip"}, "Sec-Fetch-Site": {"none"}}} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header = header
		want, err := templates.Render(oracle(p.s.echo.NewContext(r, httptest.NewRecorder())))
		if err != nil {
			p.t.Fatal(err)
		}
		w := p.get(handle, header)
		if w.Header().Get("Content-Length") != fmt.Sprint(w.Body.Len()) {
			p.t.Errorf("%s: content-length %s of %d", name, w.Header().Get("Content-Length"), w.Body.Len())
		}
		if got := unpacked(p.t, w); !bytes.Equal(got, want) {
			p.t.Fatalf("%s %v: the page differs from the template at %s", name, header, difference(got, want))
		}
	}
}

// unpacked is the body without its coding.
func unpacked(t *testing.T, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	var body io.Reader = w.Body
	switch w.Header().Get("Content-Encoding") {
	case "gzip":
		r, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		r.Multistream(false)
		body = r
	case "br":
		body = brotli.NewReader(w.Body)
	}
	got, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func difference(got, want []byte) string {
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	from := max(0, at-60)
	return fmt.Sprintf("byte %d:\n got ...%s\nwant ...%s", at, got[from:min(len(got), at+120)], want[from:min(len(want), at+120)])
}

func newPageTest(t *testing.T) pageTest {
	s, _ := newBare(t, Options{BaseURL: "https://survey.example.org", Now: func() time.Time { return time.Unix(1772445600, 0) }})
	return pageTest{t, s}
}

func (p pageTest) visit(in *survey.Instrument, language string, answers survey.Answers) *visit {
	v := &visit{place: placeOf(&store.Place{Instrument: in}), token: "tokentokentokentokentokentokento", invitation: new(survey.Invitation), started: true, books: &p.s.booklets}
	v.draft = survey.Draft{Answers: answers, Role: in.RoleOf(answers), Language: language}
	return v
}

func TestASplicedPageIsTheTemplatesPageByteForByte(t *testing.T) {
	p := newPageTest(t)
	random := rand.New(rand.NewPCG(3, 4))
	for _, in := range instrumentsForPages(t) {
		role, _ := in.FieldByKey(in.RoleItem)
		for _, filled := range []float64{0, 0.5, 0.9, 1} {
			for code := range len(in.Roles) + 1 {
				answers := draw(in, random, filled)
				answers[role.Index] = survey.Answer{}
				if code > 0 {
					answers[role.Index] = survey.Answer{State: survey.Valid, Code: code}
				}
				v := p.visit(in, in.Languages[random.IntN(len(in.Languages))], answers)
				if random.IntN(2) == 0 {
					v.invitation.ID = "given"
				}
				for at := range v.path() {
					p.same(fmt.Sprintf("%s page %d as %q with %v", in.Key, at, v.role(), filled),
						func(c echo.Context) error { return p.s.sendSection(c, v, at) },
						func(c echo.Context) templates.Page { return p.s.sectionPage(c, v, at, reply{}) })
				}
			}
		}
	}
}

func TestAnUntouchedPageHasABrotliFormOnceItIsAskedForOften(t *testing.T) {
	p := newPageTest(t)
	in := survey.Builtin()
	role, _ := in.FieldByKey(in.RoleItem)
	answers := in.NewAnswers()
	answers[role.Index] = survey.Answer{State: survey.Valid, Code: 2}
	v := p.visit(in, "en", answers)
	var codings []string
	sizes := make(map[string]int)
	for range packFrom + 1 {
		w := p.get(func(c echo.Context) error { return p.s.sendSection(c, v, 2) }, http.Header{"Accept-Encoding": {"br, gzip"}})
		coding := w.Header().Get("Content-Encoding")
		codings, sizes[coding] = append(codings, coding), w.Body.Len()
	}
	if !slices.Equal(codings, []string{"gzip", "gzip", "br", "br"}) {
		t.Errorf("codings %v", codings)
	}
	if sizes["br"] >= sizes["gzip"] {
		t.Errorf("brotli %d bytes, gzip %d", sizes["br"], sizes["gzip"])
	}
}

func TestTheReviewAndTheReceiptAreTheTemplatesPages(t *testing.T) {
	p := newPageTest(t)
	random := rand.New(rand.NewPCG(5, 6))
	for _, in := range instrumentsForPages(t) {
		role, _ := in.FieldByKey(in.RoleItem)
		for round := range 6 {
			answers := draw(in, random, float64(round%3)*0.4+0.2)
			answers[role.Index] = survey.Answer{State: survey.Valid, Code: 1 + round%len(in.Roles)}
			v := p.visit(in, in.Languages[round%len(in.Languages)], answers)
			v.study, v.receipt = &survey.Study{Title: hostile[0], Contact: hostile[round%2]}, survey.Receipt{Code: "7KQM-2XWD", SubmittedAt: p.s.Now()}
			if round == 3 {
				v.study.Contact = ""
			}
			normal := in.Normalize(v.role(), answers)
			p.same("review", func(c echo.Context) error { return p.s.sendReview(c, v, normal, [32]byte{1}) }, func(c echo.Context) templates.Page {
				page := v.reviewPage(normal, nil)
				page.Digest, page.Inline = fmt.Sprintf("%064x", []byte{1})[62:]+strings.Repeat("0", 62), fromElsewhere(c.Request())
				return page
			})
			v.response = &survey.Response{Role: v.role(), Language: v.draft.Language, Answers: normal}
			p.same("receipt", func(c echo.Context) error { return p.s.showReceipt(c, v) }, func(c echo.Context) templates.Page {
				page, err := p.s.receiptOf(c, v)
				if err != nil {
					t.Fatal(err)
				}
				page.Inline = fromElsewhere(c.Request())
				return page
			})
		}
	}
}

func TestConsentAndSavedAreTheTemplatesPages(t *testing.T) {
	p := newPageTest(t)
	for i, in := range instrumentsForPages(t) {
		place := place{instrument: in, study: &survey.Study{Title: hostile[0], Purpose: "To + learn", Contact: hostile[i]},
			organization: &survey.Organization{Name: hostile[1]}, wave: &survey.Wave{MinimumGroup: 5, InstrumentHash: in.Hash()}}
		for _, start := range []string{"", strings.Repeat("s", 32)} {
			for range packFrom {
				p.same("consent", func(c echo.Context) error { return p.s.sendConsent(c, place, start) },
					func(echo.Context) templates.Page {
						return p.s.consent(p.s.booklets.of(place.instrument, "", place.instrument.Languages[0]), place, start)
					})
			}
		}
	}
}

func TestAPageThatIsThereAlreadyIsNotSentAgain(t *testing.T) {
	p := newPageTest(t)
	in := survey.Builtin()
	role, _ := in.FieldByKey(in.RoleItem)
	answers := in.NewAnswers()
	answers[role.Index] = survey.Answer{State: survey.Valid, Code: 2}
	v := p.visit(in, "en", answers)
	send := func(c echo.Context) error { return p.s.sendSection(c, v, 2) }
	tag := p.get(send, http.Header{}).Header().Get("ETag")
	again := p.get(send, http.Header{"If-None-Match": {`"other", ` + tag}})
	if again.Code != http.StatusNotModified || again.Body.Len() > 0 || again.Header().Get("ETag") != tag {
		t.Errorf("%d, %d bytes, tag %q", again.Code, again.Body.Len(), again.Header().Get("ETag"))
	}
	f, _ := in.FieldByKey("problems_first")
	answers[f.Index] = survey.Answer{State: survey.Valid, Code: 2}
	if other := p.get(send, http.Header{"If-None-Match": {tag}}); other.Code != http.StatusOK {
		t.Errorf("another answer: %d", other.Code)
	}
}
