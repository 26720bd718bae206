package load

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
)

// known is a page of the rehearsal as it travelled. A page that is the same byte by
// byte, but for the values of its hidden fields, need not be unpacked to be read, and
// is compared as a whole each time. Any other page is unpacked.
type known struct {
	body   []byte
	values []stretch
}

// stretch is where the value of a hidden field stands in the packed page. One that
// stands nowhere by itself is packed with the page: where that is the same, it is, too.
type stretch struct {
	name  string
	at    int // -1: packed
	value string
}

// shortestFound keeps a value from being taken for other bytes of the page.
const shortestFound = 8

// checkEnd is how many bytes at the end of a gzip stream hold the sum, and then the size.
const checkEnd = 8

func newKnown(a Answer, hidden []Field) *known {
	if !a.Gzip || len(a.Body) < checkEnd {
		return nil
	}
	k := &known{body: bytes.Clone(a.Body)}
	for _, f := range hidden {
		s := stretch{f.Name, -1, f.Value}
		if len(f.Value) >= shortestFound && bytes.Count(k.body, []byte(f.Value)) == 1 {
			s.at = bytes.Index(k.body, []byte(f.Value))
		}
		k.values = append(k.values, s)
	}
	slices.SortStableFunc(k.values, func(a, b stretch) int { return cmp.Compare(a.at, b.at) })
	return k
}

// appendHidden adds the hidden fields of the page to a form, or says that it is
// another page.
func (k *known) appendHidden(form []byte, a Answer) ([]byte, bool) {
	if k == nil || !a.Gzip || len(a.Body) != len(k.body) {
		return form, false
	}
	before, from, end := len(form), 0, len(k.body)-checkEnd
	for _, s := range k.values {
		if s.at < 0 {
			form = appendField(form, s.name, []byte(url.QueryEscape(s.value)))
			continue
		}
		value := a.Body[s.at : s.at+len(s.value)]
		if s.at < from || !bytes.Equal(a.Body[from:s.at], k.body[from:s.at]) || !plain(value) {
			return form[:before], false
		}
		form, from = appendField(form, s.name, value), s.at+len(value)
	}
	if !bytes.Equal(a.Body[from:end], k.body[from:end]) || !bytes.Equal(a.Body[end+4:], k.body[end+4:]) {
		return form[:before], false
	}
	return form, true
}

// plain says whether a value goes into a form as it is.
func plain(value []byte) bool {
	for _, c := range value {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			return false
		}
	}
	return true
}
