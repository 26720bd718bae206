package web

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/static"
	"github.com/salesbench/salesbench/templates"
)

func TestTheGalleryIsThereInDevelopmentOnly(t *testing.T) {
	s, _ := newBare(t, Options{})
	f := &field{t: t, server: s}
	production := f.get(galleryRoute)
	production.mustBe(404, "There is nothing at this address")
	if strings.Contains(production.text, "swatch") {
		t.Error("the gallery is shown in production")
	}
	f.server, _ = newBare(t, Options{Development: true})
	page := f.get(galleryRoute)
	page.mustBe(200, "Parts of the design")
	for _, kind := range []templates.QuestionKind{templates.ScaleQuestion, templates.ChoiceQuestion, templates.SelectQuestion, templates.NumberQuestion, templates.SharesQuestion, templates.TextQuestion} {
		for _, state := range questionStates {
			if !strings.Contains(textOf(page.doc), string(kind)+": "+state.name) {
				t.Errorf("no question of kind %s is shown %s", kind, state.name)
			}
		}
	}
	if got := len(page.find("figure", "class", "chart")); got < 6 {
		t.Errorf("%d figures are shown", got)
	}
	if dir, _ := attribute(f.get(galleryRoute+"?lang=ar").find("html", "", "")[0], "dir"); dir != "rtl" {
		t.Errorf("in Arabic the page runs %s", dir)
	}
}

func TestTheGalleryHasEveryColour(t *testing.T) {
	style, _ := static.ByName("app.css")
	swatches, _ := static.ByName("gallery.css")
	for _, found := range regexp.MustCompile(`(?m)^  --([a-z0-9-]+): (?:#|var)`).FindAllSubmatch(style.Body, -1) {
		if name := string(found[1]); !slices.Contains(galleryColours, name) || !strings.Contains(string(swatches.Body), ".swatch-"+name+" ") {
			t.Errorf("the gallery does not show --%s", name)
		}
	}
}

func TestTheGalleryInABrowserIsAccessible(t *testing.T) {
	axe := axeScript(t)
	s, _ := newBare(t, Options{Development: true})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	browser := newResultsBrowser(t)
	for language, views := range map[string][]view{"en": {{390, "light"}, {1280, "dark"}}, "ar": {{390, "dark"}, {1280, "light"}}} {
		for _, v := range views {
			name := fmt.Sprintf("gallery-%s-%d-%s", language, v.width, v.scheme)
			t.Run(name, func(t *testing.T) {
				w := open(browser, t, server.URL+galleryRoute+"?lang="+language, v)
				lookAtStaff(t, w, axe)
				keepPicture(t, w, name)
			})
		}
	}
}
