package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
	"github.com/salesbench/salesbench/survey/words"
	"golang.org/x/net/html"
)

// The pseudo-language puts every message between marks: what a page says without
// them is not in the catalogue.
const pseudo, opened, ended = "qps", "⟦", "⟧"

var message = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"(\s*[,}\n])`)

// pseudoWords is the English file, marked.
func pseudoWords(t *testing.T) *words.Catalogue {
	t.Helper()
	english, err := os.ReadFile("../words/en.json")
	if err != nil {
		t.Fatal(err)
	}
	marked := message.ReplaceAllString(string(english), `"`+opened+`$1`+ended+`"$2`)
	// This language has no form for one.
	marked = regexp.MustCompile(`"one": "[^"]*", `).ReplaceAllString(marked, "")
	c, err := words.Read(fstest.MapFS{"en.json": &fstest.MapFile{Data: english}, pseudo + ".json": &fstest.MapFile{Data: []byte(marked)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pseudoInstrument is the built-in questionnaire with marked texts.
func pseudoInstrument(t *testing.T) []byte {
	t.Helper()
	text := regexp.MustCompile(`"en": ("(?:[^"\\]|\\.)*")`)
	document := text.ReplaceAllStringFunc(string(survey.BuiltinDocument()), func(found string) string {
		given := strings.TrimPrefix(found, `"en": "`)
		return fmt.Sprintf(`%s, %q: "%s%s%s"`, found, pseudo, opened, strings.TrimSuffix(given, `"`), ended)
	})
	document = strings.Replace(document, `"key": "builtin",`, `"key": "pseudo",`, 1)
	return []byte(strings.Replace(document, "\"languages\": [\n    \"en\"", fmt.Sprintf("\"languages\": [\n    %q, \"en\"", pseudo), 1))
}

// newPseudoField is an open wave in the pseudo-language.
func newPseudoField(t *testing.T) *field {
	t.Helper()
	return newFieldOf(t, pseudoInstrument(t), Options{Words: pseudoWords(t)})
}

// newFieldOf is an open wave of a questionnaire.
func newFieldOf(t *testing.T, document []byte, o Options) *field {
	t.Helper()
	f := &field{t: t, now: storetest.Now}
	config := storetest.SQLite(t)
	config.Clock = func() time.Time { return f.now }
	f.store = storetest.Open(t, config)
	f.Fieldwork = storetest.OpenWave(t, f.store, func(s *store.Store, w *survey.Wave) {
		hash, err := s.PutInstrument(t.Context(), document)
		if err != nil {
			t.Fatal(err)
		}
		w.InstrumentHash = hash
	})
	in, err := survey.ParseInstrument(document)
	if err != nil {
		t.Fatal(err)
	}
	f.Instrument = in
	o.Store, o.Intake, o.Now = f.store, newIntake(t, f.store), func() time.Time { return f.now }
	f.server, f.log = newBare(t, o)
	return f
}

// spokenAttributes hold words for people.
var spokenAttributes = []string{"aria-label", "title", "alt", "placeholder", "data-busy", "data-away", "data-tired", "data-again", "data-saved", "data-some", "data-left", "data-over", "data-words"}

// unmarked are names, codes and numbers.
var unmarked = regexp.MustCompile(`^(salesbench|(How we sell )?· salesbench|Acme|How we sell|To learn\.|research@example\.org|English|sha256:[0-9a-f]+|[0-9A-Z]{4}(-[0-9A-Z]{4})+|https?://\S+|req\S*|[\d\s:.,%·\[\]()-]*|[0-9a-z]{8,})$`)

// strangers are the texts of a page that do not come from the catalogue or the instrument.
func strangers(doc *html.Node) []string {
	var found []string
	inside := 0
	check := func(text string) {
		rest := text
		for rest != "" {
			at := strings.IndexAny(rest, opened+ended)
			part := rest
			if at >= 0 {
				part = rest[:at]
			}
			if word := strings.TrimSpace(part); inside == 0 && word != "" && !unmarked.MatchString(word) {
				found = append(found, word)
			}
			if at < 0 {
				return
			}
			switch {
			case strings.HasPrefix(rest[at:], opened):
				inside, rest = inside+1, rest[at+len(opened):]
			case strings.HasPrefix(rest[at:], ended):
				inside, rest = inside-1, rest[at+len(ended):]
			default:
				rest = rest[at+1:]
			}
		}
	}
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "style" && n.Parent.Data != "script" && !isForeign(n) {
			check(n.Data)
		}
		for _, a := range n.Attr {
			if slices.Contains(spokenAttributes, a.Key) && (a.Key != "data-again" || n.Data != "form") {
				check(a.Val)
			}
		}
	}
	return found
}

// isForeign says whether the text is marked as being in another language, such as
// the title of a source.
func isForeign(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if lang, ok := attribute(p, "lang"); ok && p.Data != "html" {
			return lang != pseudo
		}
	}
	return false
}

func TestNothingThatARespondentReadsIsOutsideTheCatalogue(t *testing.T) {
	f := newPseudoField(t)
	seen := 0
	read := func(what string, a answer) answer {
		t.Helper()
		seen++
		for _, text := range strangers(a.doc) {
			t.Errorf("%s (%d) says %q", what, a.status, text)
		}
		if lang, _ := attribute(a.find("html", "", "")[0], "lang"); lang != pseudo {
			t.Errorf("%s is in %q", what, lang)
		}
		return a
	}
	asks := func(method, path, form string) answer {
		r := httptest.NewRequest(method, path, strings.NewReader(form))
		r.Header.Set("Accept-Language", pseudo)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return f.do(r)
	}
	link, open := f.invited(), "/o/"+f.openToken()
	read("consent", f.get(link))
	read("consent of an open link", f.get(open))
	read("poster", f.get(open+"/qr"))
	read("a page without the key", asks("POST", open, ""))

	f.post(link, url.Values{"language": {pseudo}}).mustSee("/s/1")
	read("role", f.get(link+"/s/1"))
	f.next(link, 1, url.Values{"role": {"manager"}}).mustSee("/s/2")
	for n := 1; n <= 11; n++ {
		read(fmt.Sprintf("page %d", n), f.get(fmt.Sprintf("%s/s/%d", link, n)))
	}
	read("nothing entered", f.next(link, 2, url.Values{}))
	read("open review", f.get(link+"/review"))
	for name, values := range map[string]url.Values{
		"letters":       {"decision_makers": {"many"}},
		"two readings":  {"cycle_months": {"1,000"}},
		"unusual":       {"decision_makers": {"77"}},
		"impossible":    {"cycle_months": {"-2"}},
		"an odd answer": {"deal_size": {"huge"}},
		"two answers":   {"decision_makers": {"7", "dk"}},
	} {
		values.Set("complex_sale", "yes")
		read(name, f.next(link, 2, values)).mustBe(422, "")
	}
	read("shares that are short", f.next(link, 9, url.Values{"time_coaching": {"60"}}))
	read("shares that are too many", f.next(link, 9, url.Values{"time_coaching": {"60"}, "time_admin": {"70,5"}}))
	read("a share in letters", f.next(link, 9, url.Values{"time_coaching": {"x"}}))
	read("a share above the sum", f.next(link, 9, url.Values{"time_coaching": {"160"}}))
	read("a long text", f.next(link, 11, url.Values{"greatest_risk": {strings.Repeat("x", 2001)}}))
	f.next(link, 2, url.Values{"decision_makers": {"12"}, "complex_sale": {"yes"}})
	form := f.get(link + "/s/2").form()
	f.next(link, 2, url.Values{"decision_makers": {"13"}})
	form.Set("decision_makers", "14")
	read("a page that was changed elsewhere", f.post(link+"/s/2", form)).mustBe(409, "")
	read("saved", f.get(link+"/saved"))
	read("review", f.fillAll(link))
	read("a button without its page", f.post(link+"/submit", url.Values{}))
	read("a changed review", f.post(link+"/submit", url.Values{"key": {"x"}, "digest": {"y"}}))
	refusing := busy(f.server)
	refusing.Store(true)
	read("a busy moment", f.post(link+"/s/2", url.Values{"go": {"next"}})).mustBe(503, "")
	refusing.Store(false)
	f.post(link+"/submit", f.get(link+"/review").form()).mustSee("/receipt")
	read("receipt", f.get(link+"/receipt"))

	read("no such page of the site", asks("GET", "/r/"+auth.NewToken()+"/nowhere", ""))
	read("an unknown link", asks("GET", "/r/"+auth.NewToken(), ""))
	read("a link that was cut off", asks("GET", open[:len(open)-2], ""))
	read("another method", asks("PUT", link, ""))
	read("a long address", asks("GET", link+"?x="+strings.Repeat("x", MaxURLBytes), ""))
	other := f.invited()
	f.post(other, url.Values{}).mustSee("/s/1")
	read("no such page", f.get(other+"/s/99"))
	read("a damaged form", asks("POST", other+"/s/1", "a=%zz"))
	read("a large form", asks("POST", other+"/s/1", "a="+strings.Repeat("x", MaxBodyBytes)))
	foreign := httptest.NewRequest(http.MethodPost, other+"/s/1", nil)
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	read("a form from elsewhere", f.do(foreign))
	f.now = f.Wave.ClosesAt
	read("closed", f.get(other))
	read("closed for somebody new", asks("GET", open, ""))
	f.now = f.Wave.OpensAt.Add(-time.Hour)
	read("not open yet", asks("GET", open, ""))
	if seen < 45 {
		t.Errorf("only %d pages were read", seen)
	}
}

func TestProblemsAreSaidInEnglishAsProgramsReadThem(t *testing.T) {
	english := words.Embedded().English()
	in := survey.Builtin()
	found := map[string]bool{}
	for _, form := range []map[string][]string{
		{}, {"decision_makers": {"77"}, "cycle_months": {"1,000"}, "deal_size": {"x"}, "complex_sale": {"yes", "no"}},
		{"decision_makers": {"-1"}, "cycle_months": {"x"}}, {"cycle_months": {"99999999999999999"}},
		{"time_coaching": {"10"}}, {"time_coaching": {"170"}}, {"time_coaching": {"70"}, "time_admin": {"70"}}, {"win_rate": {"120"}, "quota_attainment": {"-5"}},
		{"greatest_risk": {strings.Repeat("x", 2001)}}, {"qualified_growth": {"-200"}}, {"qualified_growth": {"900"}},
	} {
		for section := range in.Sections {
			_, problems := in.CheckSection(section, "manager", form, in.NewAnswers())
			for _, p := range problems {
				found[p.Sentence] = true
				if said := problemWords(english, p); said != p.Message {
					t.Errorf("%s: the page says %q, a program reads %q", p.Sentence, said, p.Message)
				}
			}
		}
	}
	if len(found) < 12 {
		t.Errorf("only %d sentences were compared: %v", len(found), found)
	}
}

// TestEveryMessageIsSaid finds messages that nobody needs, and names that no file has.
func TestEveryMessageIsSaid(t *testing.T) {
	source := ""
	for _, pattern := range []string{"*.go", "../*.go", "../words/*.go", "../../templates/*/*.html"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(path, "_test.go") {
				source += string(text)
			}
		}
	}
	english, err := os.ReadFile("../words/en.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(`(?m)^\s*"([a-z0-9_]+)":`).FindAllStringSubmatch(string(english), -1) {
		id := found[1]
		built := slices.ContainsFunc([]string{"month_", "unit_", "amount_", "missing_", "failure_", "problem_"}, func(prefix string) bool { return strings.HasPrefix(id, prefix) })
		if !built && !strings.Contains(source, `"`+id+`"`) {
			t.Errorf("nobody says %s", id)
		}
	}
	for _, found := range regexp.MustCompile(`(?:say|around|Say\(|Around\() ?"([a-z0-9_]+)"`).FindAllStringSubmatch(source, -1) {
		if id := found[1]; !words.Embedded().English().Has(id) && !strings.HasSuffix(id, "_") {
			t.Errorf("there is no message %s", id)
		}
	}
}
