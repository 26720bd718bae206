package static

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// respondStyle is the part of app.css that pages of respondents need, without
// its comments. It is served by this name, and carried by the page that a link
// leads to, so that this page is complete with its first packets.
const respondStyle = "respond.css"

// InlineStyle is the text of the style element of a page that carries its style.
func InlineStyle() string { return string(assets().byName[respondStyle].Body) }

// InlineStyleHash is the source expression of the content policy that allows it.
func InlineStyleHash() string {
	sum := sha256.Sum256([]byte(InlineStyle()))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// respondCSS leaves out what only pages with results need: part 6 of app.css.
func respondCSS(css string) string {
	before, rest, found := strings.Cut(css, "/* 6 ")
	at := strings.Index(rest, "/* 7 ")
	if !found || at < 0 {
		panic("static: app.css has no parts 6 and 7")
	}
	return shorter(before + rest[at:])
}

// shorter takes comments and needless blanks out of a stylesheet. It knows as
// much of CSS as app.css uses: quoted text is left alone, and a blank before a
// colon stays, because it may stand between two selectors.
func shorter(css string) string {
	var b strings.Builder
	blank := false
	for i := 0; i < len(css); {
		switch c := css[i]; {
		case strings.HasPrefix(css[i:], "/*"):
			i += strings.Index(css[i:], "*/") + 2
			continue
		case c == '"':
			end := i + 1 + strings.IndexByte(css[i+1:], '"') + 1
			if blank && !endsIn(&b, "{};,:") {
				b.WriteByte(' ')
			}
			b.WriteString(css[i:end])
			i, blank = end, false
			continue
		case c == ' ' || c == '\n':
			blank = true
		default:
			if blank && !endsIn(&b, "{};,:") && !strings.ContainsRune("{};,", rune(c)) {
				b.WriteByte(' ')
			}
			b.WriteByte(c)
			blank = false
		}
		i++
	}
	return strings.ReplaceAll(b.String(), ";}", "}")
}

func endsIn(b *strings.Builder, any string) bool {
	s := b.String()
	return s == "" || strings.IndexByte(any, s[len(s)-1]) >= 0
}
