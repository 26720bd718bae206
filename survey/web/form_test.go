package web

import (
	"net/url"
	"reflect"
	"testing"
)

// FuzzForm holds the quick reading of a form to the one of net/url.
func FuzzForm(f *testing.F) {
	for _, body := range []string{"", "a=1", "a=1&b=2&a=3&a=", "&&a&=b&", "a=%C3%A4+b&%61=2", "a=%", "a=%zz&b=1", "a;b=1", "a=1;b=2", "deal_plan=5&go=next&seen=0123456789abcdef", "x=a=b"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		want, refused := url.ParseQuery(body)
		got, err := parseForm(body)
		if (err != nil) != (refused != nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is read as %v, %v; net/url reads %v, %v", body, got, err, want, refused)
		}
		for name := range got {
			got[name] = append(got[name], "more")
			for other := range got {
				if other != name && len(got[other]) != len(want[other]) && got[other][len(got[other])-1] != "more" {
					t.Fatalf("%q: a value more of %q has changed %q", body, name, other)
				}
			}
		}
	})
}
