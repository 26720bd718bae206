package ledger

import (
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// kept is a store with two responses, and the ledger that knows them.
func kept(t *testing.T, config store.Config) (*Ledger, *store.Store, storetest.Fieldwork) {
	t.Helper()
	s := storetest.Open(t, config)
	f := storetest.OpenWave(t, s)
	l := New()
	for _, name := range []string{"anna", "berta"} {
		send(l, name)
		keep(t, l, s, submission(f, name))
	}
	return l, s, f
}

// submission is what the person sends.
func submission(f storetest.Fieldwork, name string) survey.Submission {
	answers := f.Instrument.NewAnswers()
	answered := func(key string, a survey.Answer) {
		field, _ := f.Instrument.FieldByKey(key)
		a.State = survey.Valid
		answers[field.Index] = a
	}
	answered("problems_first", survey.Answer{Code: 6})
	answered("decision_makers", survey.Answer{Number: 3.5})
	answered("greatest_risk", survey.Answer{Text: "marker-" + name})
	return survey.Submission{Key: "key-" + name, Digest: auth.Digest([]byte(name)), Response: survey.Response{WaveID: f.Wave.ID,
		OrganizationID: f.Organization.ID, Role: "manager", Language: "en", Answers: answers, StartedAt: storetest.Now.Add(-time.Minute)}}
}

func send(l *Ledger, name string) {
	l.Sending("key-"+name, "marker-"+name, Answers{"problems_first": "6", "decision_makers": "3.5", "greatest_risk": "marker-" + name})
}

func keep(t *testing.T, l *Ledger, s *store.Store, sub survey.Submission) survey.Receipt {
	t.Helper()
	outcomes, err := s.SubmitBatch(t.Context(), []survey.Submission{sub})
	if err != nil || outcomes[0].Err != nil {
		t.Fatal(err, outcomes)
	}
	r := outcomes[0].Receipt
	l.Acknowledged(sub.Key, Receipt{Code: r.Code, ResponseID: string(r.ResponseID)})
	return r
}

func compared(t *testing.T, l *Ledger, config store.Config) *Comparison {
	t.Helper()
	c, err := l.Compare(t.Context(), Database{URL: config.URL, Path: config.Path})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHonestServiceIsClean(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		l, s, f := kept(t, config)
		send(l, "anna")
		keep(t, l, s, submission(f, "anna"))
		send(l, "carla") // sent, never answered, not there
		c := compared(t, l, config)
		if !c.Clean() || c.Rows != 2 || c.Sent != 3 || c.Attempts != 4 || c.Acknowledged != 2 || c.Retried != 1 || c.AskedAgain != 1 || c.Compared != 2 {
			t.Errorf("%+v", c)
		}
	})
}

func TestEveryBreachIsFound(t *testing.T) {
	for _, breach := range []struct {
		name   string
		commit func(l *Ledger, s *store.Store, f storetest.Fieldwork)
		found  func(c *Comparison) []string
		key    string
	}{
		{"acknowledged and missing", func(l *Ledger, _ *store.Store, _ storetest.Fieldwork) {
			send(l, "carla")
			l.Acknowledged("key-carla", Receipt{Code: "7KQM-2XWD-9RTC"})
		}, func(c *Comparison) []string { return c.Lost }, "key-carla"},
		{"one person under two keys", func(l *Ledger, s *store.Store, f storetest.Fieldwork) {
			twin := submission(f, "anna")
			twin.Key = "key-twin"
			keep(t, New().with("key-twin"), s, twin)
		}, func(c *Comparison) []string { return c.Doubled }, "key-anna"},
		{"a row that nobody sent", func(_ *Ledger, s *store.Store, f storetest.Fieldwork) {
			keep(t, New().with("key-ghost"), s, submission(f, "ghost"))
		}, func(c *Comparison) []string { return c.Strangers }, "key-ghost"},
		{"another receipt at the second asking", func(l *Ledger, _ *store.Store, _ storetest.Fieldwork) {
			l.Acknowledged("key-anna", Receipt{Code: "7KQM-2XWD-9RTC"})
		}, func(c *Comparison) []string { return c.WrongReceipt }, "key-anna"},
		{"another receipt than in the database", func(l *Ledger, s *store.Store, f storetest.Fieldwork) {
			keep(t, New().with("key-carla"), s, submission(f, "carla"))
			send(l, "carla")
			l.Acknowledged("key-carla", Receipt{Code: "7KQM-2XWD-9RTC"})
		}, func(c *Comparison) []string { return c.WrongReceipt }, "key-carla"},
		{"other answers than were sent", func(l *Ledger, s *store.Store, f storetest.Fieldwork) {
			l.Sending("key-carla", "marker-carla", Answers{"problems_first": "7", "greatest_risk": "marker-carla"})
			keep(t, l, s, submission(f, "carla"))
		}, func(c *Comparison) []string { return c.Altered }, "key-carla"},
		{"kept though refused", func(l *Ledger, s *store.Store, f storetest.Fieldwork) {
			keep(t, New().with("key-carla"), s, submission(f, "carla"))
			send(l, "carla")
			l.Refused("key-carla", "the wave is over")
		}, func(c *Comparison) []string { return c.Unwanted }, "key-carla"},
	} {
		t.Run(breach.name, func(t *testing.T) {
			config := storetest.SQLite(t)
			l, s, f := kept(t, config)
			breach.commit(l, s, f)
			c := compared(t, l, config)
			if found := breach.found(c); c.Clean() || len(found) != 1 || found[0] != breach.key {
				t.Errorf("found %v in %s", found, c.Sentence())
			}
		})
	}
}

// with is a ledger for acknowledgements that nobody looks at.
func (l *Ledger) with(key string) *Ledger {
	l.Sending(key, key, nil)
	return l
}

func TestFileHasOneRowPerKey(t *testing.T) {
	l := New()
	l.Sending("b-key", "b", Answers{"x": "1"})
	l.Sending("a-key", "a", Answers{"x": "1"})
	l.Acknowledged("a-key", Receipt{Code: "7KQM-2XWD-9RTC", ResponseID: "id"})
	var csv, json strings.Builder
	if err := l.WriteCSV(&csv); err != nil {
		t.Fatal(err)
	}
	if err := l.WriteJSON(&json); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(csv.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "key,digest,acked,receipt") || !strings.HasPrefix(lines[1], "a-key,") || !strings.Contains(lines[1], ",1,7KQM-2XWD-9RTC,id,1,") {
		t.Errorf("%q", lines)
	}
	if !strings.Contains(json.String(), `"receipt": "7KQM-2XWD-9RTC"`) {
		t.Error(json.String())
	}
}
