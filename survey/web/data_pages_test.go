package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// answerAlike gives responses in which every question has the same answer.
func (f *field) answerAlike(n int) []survey.ResponseID {
	f.t.Helper()
	var ids []survey.ResponseID
	for i := range n {
		submission := f.Submission(i)
		for _, item := range f.Instrument.Fields() {
			if item.Kind == survey.Likert {
				submission.Response.Answers[item.Index] = survey.Answer{State: survey.Valid, Code: 4}
			}
		}
		receipt, err := f.server.Intake.Submit(f.t.Context(), submission)
		if err != nil {
			f.t.Fatal(err)
		}
		ids = append(ids, receipt.ResponseID)
	}
	return ids
}

func TestAResearcherTakesTheDataAndLeavesCarelessResponsesOut(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		f := newField(t, config)
		ids := f.answerAlike(12)
		p := f.as(survey.Researcher)
		data := wavePath(f.Study, f.Wave, "/data")
		p.get(data).mustBe(200, "12 responses")
		p.get(data+"/flags").mustBe(200, "12 responses are flagged")
		p.post(data+"/exclude", url.Values{"response": {string(ids[0])}}).mustBe(422, "choose the reason")
		p.post(data+"/exclude", url.Values{"response": {string(ids[0])}, "reason": {"other"}}).mustBe(422, "say in words")
		p.post(data+"/exclude", url.Values{"response": {string(f.Study.ID)}, "reason": {"careless"}}).mustBe(422, "has no response")
		p.follow(data+"/exclude", url.Values{"response": {string(ids[0])}, "reason": {"careless"}, "from": {"flags"}}).mustBe(200, "left out")
		p.follow(data+"/readmit", url.Values{"response": {string(ids[0])}}).mustBe(200, "counts again")
		p.follow(data+"/hold", nil).mustBe(200, "They are held")

		file := p.get(data + "/download?format=csv&values=both")
		if lines := strings.Count(strings.TrimSpace(file.text), "\n"); file.status != 200 || lines != 12 || !strings.Contains(file.header.Get("Content-Disposition"), `"spring-answers-codes-and-labels.csv"`) {
			t.Errorf("%d, %d lines, %q", file.status, lines, file.header.Get("Content-Disposition"))
		}
		names := map[string]bool{}
		for _, link := range p.get(data).find("a", "", "") {
			if at, _ := attribute(link, "href"); strings.HasPrefix(at, data+"/download") {
				names[p.get(at).header.Get("Content-Disposition")] = true
			}
		}
		if len(names) < 3 {
			t.Errorf("the files of the page are named %v", names)
		}
		if book := p.get(data + "/download?format=xlsx&values=both"); book.status != 200 || !strings.HasPrefix(book.text, "PK") || !strings.Contains(book.header.Get("Content-Disposition"), `"spring-answers-with-codebook.xlsx"`) {
			t.Errorf("no workbook: %d", book.status)
		}
		p.get(data+"/download?format=exe").mustBe(400, "csv or xlsx")
		entries, err := f.store.AuditEntries(t.Context(), store.AuditPage{Study: f.Study.ID, Limit: 2})
		if err != nil || entries[0].Action != "data.download" || entries[0].Actor.Name != p.user.Email {
			t.Errorf("%+v, %v", entries, err)
		}
	})
}
