package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

func TestKnownAssetsAreServedUnderHashedNames(t *testing.T) {
	for name, contentType := range map[string]string{
		"app.css":    "text/css; charset=utf-8",
		"respond.js": "text/javascript; charset=utf-8",
		"mark.svg":   "image/svg+xml",
	} {
		url := URL(name)
		hashed, ok := strings.CutPrefix(url, Prefix)
		if !ok || !strings.Contains(url, "."+mustByName(t, name).Hash+".") {
			t.Errorf("%s: address %q has no hash", name, url)
		}
		asset, found := Lookup(hashed)
		if !found || asset.Name != name || asset.ContentType != contentType {
			t.Errorf("%s: looked up %+v, %v", name, asset, found)
		}
	}
}

func TestOtherContentHasAnotherAddress(t *testing.T) {
	if newAsset("a.css", []byte("one")).Path == newAsset("a.css", []byte("two")).Path {
		t.Error("two contents share an address that browsers keep for ever")
	}
}

func TestAPlainOrUnknownNameIsNotServed(t *testing.T) {
	for _, path := range []string{"app.css", "", "static.go", "vendor/README.md", "../static.go", "app.0000000000000000.css"} {
		if asset, ok := Lookup(path); ok {
			t.Errorf("%q is served as %s", path, asset.Name)
		}
	}
}

func TestAnUnknownAssetIsAProgrammersMistake(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic for an unknown asset")
		}
	}()
	URL("absent.css")
}

func TestCompressedFormIsTheSameContent(t *testing.T) {
	asset := mustByName(t, "app.css")
	r, err := gzip.NewReader(bytes.NewReader(asset.Gzip))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(body, asset.Body) {
		t.Errorf("gzip form differs (%v)", err)
	}
}

// The content policy forbids what would need an address of its own.
func TestStylesheetLoadsNothing(t *testing.T) {
	css := string(mustByName(t, "app.css").Body)
	for _, forbidden := range []string{"url(", "@import", "http:", "https:"} {
		if strings.Contains(css, forbidden) {
			t.Errorf("app.css contains %q", forbidden)
		}
	}
}

func TestTheStyleOfRespondentsIsAppStyleWithoutTheRest(t *testing.T) {
	for _, test := range []struct{ name, css, want string }{
		{"comments and blanks go", "a { color: red; /* x */ }\n\nb,  c > d { margin: 0 auto; }\n", "a{color:red}b,c > d{margin:0 auto}"},
		{"a blank before a pseudo-class stays", ".a :is(b, c):hover { x: y; }", ".a :is(b,c):hover{x:y}"},
		{"quoted text stays", `a::before { content: " ;  } /* no */"; font: 1px "A  B", c; }`, `a::before{content:" ;  } /* no */";font:1px "A  B",c}`},
		{"sums keep their blanks", "a { width: clamp(1rem, 1.45rem + 1.5vw, 2rem); }", "a{width:clamp(1rem,1.45rem + 1.5vw,2rem)}"},
		{"queries", "@media (min-width: 40rem) { a { b: c; } }", "@media (min-width:40rem){a{b:c}}"},
	} {
		if got := shorter(test.css); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	style := mustByName(t, respondStyle)
	if string(style.Body) != InlineStyle() || strings.Contains(InlineStyle(), "table.data th") || !strings.Contains(InlineStyle(), ".point input:checked") {
		t.Error("the style of respondents has the wrong parts")
	}
	if len(style.Gzip) > 5<<10 {
		t.Errorf("the style of respondents weighs %d bytes", len(style.Gzip))
	}
}

func mustByName(t *testing.T, name string) *Asset {
	t.Helper()
	asset, ok := ByName(name)
	if !ok {
		t.Fatalf("no asset %s", name)
	}
	return asset
}
