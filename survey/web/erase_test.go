package web

import (
	"net/url"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestAPersonIsErasedByReceiptOrAddress(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newMailField(t, config)
		f.invitePeople(f.Organization.ID, "a@example.org")
		receipt, err := f.server.Intake.Submit(t.Context(), f.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		p := f.as(survey.Administrator)
		erase := wavePath(f.Study, f.Wave, "/erase")
		p.post(erase, url.Values{"by": {"receipt"}, "value": {receipt.Code}}).mustBe(422, "nothing was erased")
		p.post(erase, url.Values{"by": {"receipt"}, "value": {"7KQM-2XWD-9RTD"}, "sure": {"yes"}}).mustBe(422, "")
		p.post(erase, url.Values{"by": {"email"}, "value": {"nobody@example.org"}, "sure": {"yes"}}).mustBe(422, "nothing was erased")
		p.follow(erase, url.Values{"by": {"receipt"}, "value": {receipt.Code}, "sure": {"yes"}}).mustBe(200, "Erased: 1 response")
		p.follow(erase, url.Values{"by": {"email"}, "value": {"a@example.org"}, "sure": {"yes"}}).mustBe(200, "1 set of contact data")
		p.post(erase, url.Values{"by": {"email"}, "value": {"a@example.org"}, "sure": {"yes"}}).mustBe(422, "nothing was erased")
	})
}

func TestPeriodsOfRetentionAreSet(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	p := f.as(survey.Administrator)
	retention := studyPath(f.Study, "/retention")
	p.post(retention, url.Values{"identity": {"-1"}, "drafts": {"x"}, "responses": {"0"}}).mustBe(422, "2 fields need another look")
	p.follow(retention, url.Values{"identity": {"90"}, "drafts": {"30"}, "responses": {"0"}}).mustBe(200, "The periods are kept")
	if got := p.get(retention).value("identity"); got != "90" {
		t.Errorf("identity is kept %q days", got)
	}
}
