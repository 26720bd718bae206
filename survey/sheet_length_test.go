package survey

import (
	"strings"
	"testing"
)

func TestANameIsMeasuredInCharacters(t *testing.T) {
	if words := CheckOrganizationName(strings.Repeat("ß", longestOrganizationName)); words != "" {
		t.Errorf("a name of %d characters %s", longestOrganizationName, words)
	}
	if words := CheckOrganizationName(strings.Repeat("ß", longestOrganizationName+1)); words != "is longer than 300 characters" {
		t.Errorf("a name that is too long: %q", words)
	}
}
