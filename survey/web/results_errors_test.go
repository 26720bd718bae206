package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestWhoAsksForDataIsToldInDataWhatIsWrong(t *testing.T) {
	open, closed := newResults(t, true, storetest.SQLite(t)), newResults(t, false, storetest.SQLite(t))
	for _, test := range []struct {
		f      *field
		path   string
		status int
		kind   survey.ErrorKind
	}{
		{open, "/waves/nowhere?format=json", http.StatusNotFound, survey.NotFound},
		{open, "/waves/nowhere?format=csv", http.StatusNotFound, survey.NotFound},
		{open, "/waves/nowhere.json", http.StatusNotFound, survey.NotFound},
		{open, "/waves/spring/trust?format=json&criteria=strict", http.StatusBadRequest, survey.Invalid},
		{open, "/waves/spring?format=csv&table=nothing", http.StatusNotFound, survey.NotFound},
		{closed, "/waves/spring?format=json", http.StatusForbidden, survey.Forbidden},
		{closed, "/waves/nowhere.csv", http.StatusForbidden, survey.Forbidden},
	} {
		a := test.f.get(test.path)
		var told struct{ Error errorJSON }
		if err := json.Unmarshal([]byte(a.text), &told); err != nil || a.status != test.status || told.Error.Kind != test.kind || told.Error.Message == "" {
			t.Errorf("%s: %d, %v, %+v; want %d and %s", test.path, a.status, err, told, test.status, test.kind)
		}
	}
	for path, f := range map[string]*field{"/waves/nowhere": open, "/waves/spring?format=xml": open, "/waves/spring": closed} {
		if a := f.get(path); !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %s instead of a page", path, a.header.Get("Content-Type"))
		}
	}
	if page := closed.get("/waves/spring").text; strings.Count(page, "complete and in one piece") != 1 {
		t.Errorf("the page says %d times how to open a link", strings.Count(page, "complete and in one piece"))
	}
}

func TestOneOrganizationIsNotSeveral(t *testing.T) {
	if one, many := inOrganizations(1), inOrganizations(1200); one != "in 1 organization that may be shown" || !strings.HasPrefix(many, "in 1,200 organizations ") {
		t.Errorf("%q and %q", one, many)
	}
}

func TestTheLogSaysInWhichUnitTimeIsMeasured(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	f.get("/")
	if log := f.log.String(); !strings.Contains(log, "took_ms") || strings.Contains(log, "took=") {
		t.Errorf("the log: %s", log)
	}
}
