package templates

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// samples are full pages: every branch and every loop of a template has
// something to show. Each kind of page adds its own from its test file.
var samples = []Page{
	Failure{Base: Base{Title: "Gone", Private: true}, Status: 410, Heading: "Gone", Message: "It is over.",
		Advice: []string{"Ask."}, RequestID: "ab12", Back: &Link{Text: "Back", URL: "/r/x"}},
	Home{Base: Base{Nav: []Link{{Text: "Home", URL: "/", Current: true}}, Scripts: []string{"respond.js"}},
		Studies: []StudyCard{{Title: "Study </script><b>", Words: "Made up.", URL: "/studies/a", State: "open"}}},
}

func TestEveryTemplateRendersFullAndEmpty(t *testing.T) {
	executed := make(map[string]bool)
	for _, full := range samples {
		executed[full.Template()] = true
		empty, ok := reflect.Zero(reflect.TypeOf(full)).Interface().(Page)
		if !ok {
			t.Fatalf("%T is not a page by value", full)
		}
		for _, page := range []Page{full, empty} {
			out, err := Render(page)
			if err != nil {
				t.Errorf("%T: %v", page, err)
				continue
			}
			checkDocument(t, page, out)
		}
	}
	for name := range set() {
		if !executed[name] {
			t.Errorf("page/%s.html is executed by no sample", name)
		}
	}
}

// checkDocument looks for what every page must be.
func checkDocument(t *testing.T, page Page, out []byte) {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(out))
	if err != nil {
		t.Fatalf("%T: %v", page, err)
	}
	count := make(map[string]int)
	ids := make(map[string]bool)
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		count[n.Data]++
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%T: <%s %s> is forbidden by the content policy", page, n.Data, a.Key)
			}
			if a.Key == "id" && ids[a.Val] {
				t.Errorf("%T: id %q twice", page, a.Val)
			}
			if a.Key == "id" {
				ids[a.Val] = true
			}
		}
		if n.Data == "script" && n.FirstChild != nil && attr(n, "type") != "application/json" {
			t.Errorf("%T: inline script", page)
		}
	}
	if count["h1"] != 1 || count["main"] != 1 || count["style"] != 0 {
		t.Errorf("%T: %d h1, %d main, %d style", page, count["h1"], count["main"], count["style"])
	}
	if bytes.Contains(out, []byte("ZgotmplZ")) {
		t.Errorf("%T: a value was refused by its context", page)
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestUserTextCanNotLeaveItsElement(t *testing.T) {
	out, err := Render(Home{Studies: []StudyCard{{Title: `</script><script>alert(1)</script>`, URL: "javascript:alert(1)"}}})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out, []byte("<script>alert")) || bytes.Contains(out, []byte(`href="javascript:`)) {
		t.Errorf("raw user text in the page: %s", out)
	}
}

func TestAPageWithoutFileIsAnError(t *testing.T) {
	if _, err := Render(unknownPage{}); err == nil {
		t.Error("no error")
	}
}

type unknownPage struct{ Base }

func (unknownPage) Template() string { return "unknown" }

func TestTemplatesTrustNoStrings(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"HTML", "JS", "URL", "CSS", "HTMLAttr", "JSStr", "Srcset"} {
			if bytes.Contains(source, []byte("template."+kind+"(")) {
				t.Errorf("%s converts a string to template.%s, which ends its escaping", entry.Name(), kind)
			}
		}
	}
}
