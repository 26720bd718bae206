package store_test

import (
	"fmt"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// TestTheViewShowsEveryAnswerAsItWasGiven goes the analyst's way and compares it
// with the program's own way.
func TestTheViewShowsEveryAnswerAsItWasGiven(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		fields := f.Instrument.Fields()
		states := []survey.State{survey.NotShown, survey.Skipped, survey.DontKnow, survey.NotApplicable, survey.Refused}
		for n := range 12 {
			sub := f.Submission(n)
			if n < len(states) {
				for i := range sub.Response.Answers {
					sub.Response.Answers[i] = survey.Answer{State: states[(i+n)%len(states)]}
				}
			}
			if outcomes := must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{sub})); outcomes[0].Err != nil {
				t.Fatal(outcomes[0].Err)
			}
		}
		want := map[string]string{}
		for _, r := range collect(t, s, f.Wave.ID) {
			for i, a := range r.Answers {
				key := fmt.Sprintf("%s %d %s %s", r.ID, i, fields[i].Key, fields[i].Kind)
				want[key] = fmt.Sprintf("%s %d %v %s", a.State, a.Code, a.Number, a.Text)
			}
		}
		rows := must[map[string]string](t)(viewRows(t, config))
		if len(rows) != len(want) || len(want) != 12*len(fields) {
			t.Errorf("%d rows, %d answers, expected %d", len(rows), len(want), 12*len(fields))
		}
		for key, answer := range want {
			if rows[key] != answer {
				t.Errorf("%s: the view says %q, the program %q", key, rows[key], answer)
			}
		}
	})
}

func viewRows(t *testing.T, config store.Config) (map[string]string, error) {
	rows, err := open(t, config).Query(`SELECT response_id, position, item, kind, state, coalesce(value, 0), coalesce(number, 0), coalesce(text, '') FROM answers`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var id, item, kind, state, text string
		var position, value int
		var number float64
		if err := rows.Scan(&id, &position, &item, &kind, &state, &value, &number, &text); err != nil {
			return nil, err
		}
		all[fmt.Sprintf("%s %d %s %s", id, position, item, kind)] = fmt.Sprintf("%s %d %v %s", state, value, number, text)
	}
	return all, rows.Err()
}

func TestTheViewSumsUpWithPlainSQL(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		for n, code := range []int{7, 6, 2, 0} {
			sub := f.Submission(n)
			i, _ := f.Instrument.FieldByKey("deal_plan")
			sub.Response.Answers[i.Index] = survey.Answer{State: survey.Valid, Code: code}
			if code == 0 {
				sub.Response.Answers[i.Index] = survey.Answer{State: survey.DontKnow}
			}
			must[[]store.Outcome](t)(s.SubmitBatch(t.Context(), []survey.Submission{sub}))
		}
		got := lines(t, open(t, config), `SELECT CAST(count(value) AS text) || ' of ' || CAST(count(*) AS text) || ', agree ' || CAST(sum(CASE WHEN value >= 6 THEN 1 ELSE 0 END) AS text)
			FROM answers WHERE item = 'deal_plan'`)
		if got[0] != "3 of 4, agree 2" {
			t.Errorf("the view counts %q", got[0])
		}
	})
}
