package web

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/static"
	"github.com/salesbench/salesbench/survey"
)

// manyQuestions is a questionnaire of so many questions in equal sections, as
// "import prepare" makes it of a wide file: in one.
func manyQuestions(t *testing.T, questions, sections int) []byte {
	t.Helper()
	text := func(words string) survey.Text { return survey.Text{"en": words} }
	scale := survey.Scale{Key: "s7", TopBox: 2}
	for v := 1; v <= 7; v++ {
		scale.Points = append(scale.Points, survey.Point{Value: v, Label: text(strconv.Itoa(v))})
	}
	in := survey.Instrument{Key: "many", Version: 1, Title: text("Many"), Languages: []string{"en"}, Scales: []survey.Scale{scale},
		Roles: []survey.Role{{Key: "seller", Label: text("Seller")}}, Areas: []survey.Area{{Key: "a", Title: text("All")}}}
	for n := range sections {
		section := survey.Section{Key: fmt.Sprintf("s%d", n), Title: text(fmt.Sprintf("Part %d", n+1))}
		for i := n * questions / sections; i < (n+1)*questions/sections; i++ {
			words := text(fmt.Sprintf("We plan the next step of opportunity %d with those who decide, and say by when.", i*i+7))
			section.Items = append(section.Items, survey.Item{Key: fmt.Sprintf("q%d", i), Kind: survey.Likert, Scale: "s7", Area: "a", Label: words, Texts: map[string]survey.Text{"*": words}})
		}
		in.Sections = append(in.Sections, section)
	}
	document, err := json.Marshal(&in)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestThreeHundredQuestionsAreAnsweredOnLightPages(t *testing.T) {
	const questions = 300
	for _, sections := range []int{1, 15} {
		t.Run(fmt.Sprintf("%d sections", sections), func(t *testing.T) {
			f := newFieldOf(t, manyQuestions(t, questions, sections), Options{})
			assets := f.weight(static.URL("respond.css")) + f.weight(static.URL("respond.js"))
			link, asked := f.invited(), 0
			light := func(path string) {
				t.Helper()
				weight, text := f.arriving(path)
				if weight+assets > 60<<10 {
					t.Errorf("%s weighs %d bytes with its assets", path, weight+assets)
				}
				asked += strings.Count(text, "<fieldset")
			}
			at := f.post(link, nil).mustSee("/s/1")
			for n := 1; n <= sections; n++ {
				path := fmt.Sprintf("%s/s/%d", link, n)
				light(path)
				form := complete(f.get(path))
				form.Set("go", "next")
				at = f.post(path, form).mustSee("")
			}
			if asked != questions {
				t.Errorf("%d questions were asked", asked)
			}
			light(strings.Split(at, "?")[0])
			review := f.get(at)
			f.post(link+"/submit", review.form()).mustSee("/receipt")
			f.get(link+"/receipt").mustBe(200, "have arrived")
		})
	}
}
