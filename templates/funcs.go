package templates

import (
	"html/template"
	"strconv"

	"github.com/salesbench/salesbench/static"
	"github.com/salesbench/salesbench/survey/words"
)

// funcs are few and pure: what a page says is decided before it is rendered.
var funcs = template.FuncMap{
	"asset":  static.URL,
	"number": number,
	"inc":    func(i int) int { return i + 1 },
}

// speaking are the functions that say the messages of one language.
func speaking(l *words.Language) template.FuncMap {
	return template.FuncMap{"say": l.Say, "around": l.Around}
}

// number writes a number without needless digits, as it would be typed.
func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
