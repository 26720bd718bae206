package load

import (
	"slices"
	"testing"
)

const somePage = `<!doctype html><html><body><h1>Deals</h1>
<form method="post" action="/r/abc/s/2" id="answers" novalidate>
<input type="hidden" name="seen" value="a1b2"><input type="hidden" name="shown_at" value="1700000000">
<fieldset id="q1"><legend>One</legend><label><input type="radio" name="p01" value="1"></label><label><input type="radio" name="p01" value="2" checked></label>
<div><label><input type="radio" name="p01" value="dk"></label></div></fieldset>
<label for="n">How many?</label><input class="text-input figure" id="n" name="count" value="" inputmode="decimal"><label><input type="checkbox" name="count" value="dk"></label>
<fieldset data-sum="100"><input name="time_a" value=""><input name="time_b" value=""></fieldset>
<select name="industry"><option value="">choose</option><option value="a">A</option><option value="b">B</option></select>
<textarea name="risk" rows="5">
</textarea>
<button class="button primary" type="submit" name="go" value="next">Next</button>
<button type="submit" name="go" value="back">Back</button>
</form><form action="/other"><input type="hidden" name="x" value="y"></form></body></html>`

func TestTheFirstFormOfAPageIsReadCompletely(t *testing.T) {
	form := ParseForm([]byte(somePage))
	if form == nil || form.Action != "/r/abc/s/2" || form.Button != (Field{"go", "next"}) {
		t.Fatalf("read %+v", form)
	}
	if want := []Field{{"seen", "a1b2"}, {"shown_at", "1700000000"}}; !slices.Equal(form.Hidden, want) {
		t.Errorf("hidden fields %v, want %v", form.Hidden, want)
	}
	want := []Question{
		{Name: "p01", Kind: "radio", Values: []string{"1", "2", "dk"}},
		{Name: "count", Kind: "text", Boxes: []string{"dk"}},
		{Name: "time_a", Kind: "text", Sum: 100}, {Name: "time_b", Kind: "text", Sum: 100},
		{Name: "industry", Kind: "select", Values: []string{"a", "b"}},
		{Name: "risk", Kind: "textarea"},
	}
	if !slices.EqualFunc(form.Questions, want, func(a, b Question) bool {
		return a.Name == b.Name && a.Kind == b.Kind && a.Sum == b.Sum && slices.Equal(a.Values, b.Values) && slices.Equal(a.Boxes, b.Boxes)
	}) {
		t.Errorf("questions %+v", form.Questions)
	}
	if ParseForm([]byte("<p>no form")) != nil {
		t.Error("a page without a form has one")
	}
}

func TestTheCheapReadingFindsWhatTheParserFinds(t *testing.T) {
	form := ParseForm([]byte(somePage))
	for _, f := range form.Hidden {
		if value, ok := hiddenValue([]byte(somePage)[:form.Reach], f.Name); !ok || string(value) != f.Value {
			t.Errorf("%s: %q %t, want %q", f.Name, value, ok, f.Value)
		}
	}
	for _, name := range []string{"absent", "see"} {
		if value, ok := hiddenValue([]byte(somePage), name); ok {
			t.Errorf("%s has the value %q", name, value)
		}
	}
}

func TestTheStepIsTheAddressWithoutTheToken(t *testing.T) {
	for at, want := range map[string]string{
		"/o/abc": "/o/", "/r/abc": "/r/", "/r/abc/s/12": "/s/12", "/r/abc/review": "/review", "/r/abc/": "/", "/": "/", "": "",
		"/r/abc/s/12?v=7": "/s/12", "/r/abc?a=/s/1": "/r/",
	} {
		if got := stepOf(at); got != want {
			t.Errorf("step of %q is %q, want %q", at, got, want)
		}
	}
}

func TestReferencesLeadWhereABrowserWouldGo(t *testing.T) {
	for _, c := range []struct{ at, reference, want string }{
		{"/r/abc/s/3", "", "/r/abc/s/3"}, {"/r/abc/s/3?v=2", "", "/r/abc/s/3?v=2"}, {"/r/abc/review?v=9", "submit", "/r/abc/submit"}, {"/r/abc/review", "submit", "/r/abc/submit"}, {"/r/abc/s/3", "/r/abc/s/4", "/r/abc/s/4"},
		{"/r/abc/s/3", "4", "/r/abc/s/4"}, {"/r/abc/s/3", "../review", "/r/abc/review"}, {"/o/abc", "http://127.0.0.1:8080/r/def?x=1", "/r/def?x=1"},
		{"/o/abc", "//127.0.0.1:8080/r/def", "/r/def"}, {"/r/abc/s/3", "#q5", "/r/abc/s/3"},
	} {
		if got := string(follow([]byte(c.at), []byte(c.reference))); got != c.want {
			t.Errorf("%q on %q leads to %q, want %q", c.reference, c.at, got, c.want)
		}
	}
}
