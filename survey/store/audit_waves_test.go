package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestOpeningsAndClosesByTheClockStandInTheAuditLogOnce(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		clock := new(storetest.Clock)
		config.Clock = clock.Now
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		schedule := survey.Actor{Name: "schedule", Origin: "service"}
		look := func(want bool) {
			t.Helper()
			if due := must[bool](t)(s.WavesToNote(t.Context())); due != want {
				t.Errorf("something is to be told: %v", due)
			}
			for range 2 {
				if err := s.NoteWaves(t.Context(), schedule); err != nil {
					t.Fatal(err)
				}
			}
		}
		told := func() string {
			t.Helper()
			var acts []string
			for _, e := range must[[]survey.AuditEntry](t)(s.AuditEntries(t.Context(), store.AuditPage{Study: f.Study.ID, Limit: 100})) {
				if e.Actor.Name != "schedule" {
					t.Errorf("%+v", e)
				}
				acts = append(acts, e.Action+" "+e.Object)
			}
			return strings.Join(acts, ", ")
		}
		look(true) // the first time nothing from before is told
		if got := told(); got != "" {
			t.Errorf("at first the log says %s", got)
		}
		wave := must[survey.Wave](t)(s.PutWave(t.Context(), survey.Wave{StudyID: f.Study.ID, Key: "next", Title: "Next", InstrumentHash: f.Wave.InstrumentHash,
			OpensAt: clock.Now().Add(time.Hour), ClosesAt: clock.Now().Add(3 * time.Hour), LateHours: 12})) // not final at the close, so that it may be extended
		look(false)
		clock.Move(time.Hour + time.Minute)
		look(true)
		look(false)
		if got := told(); got != "wave.opened wave next" {
			t.Errorf("after the opening the log says %s", got)
		}
		entry := must[[]survey.AuditEntry](t)(s.AuditEntries(t.Context(), store.AuditPage{Study: f.Study.ID, Limit: 1}))[0]
		if !strings.Contains(entry.Detail, "sealed as "+wave.Seal) {
			t.Errorf("the entry says %q", entry.Detail)
		}
		clock.Move(2 * time.Hour)
		look(true)
		if got := told(); got != "wave.closed wave next, wave.opened wave next" {
			t.Errorf("after the close the log says %s", got)
		}
		if _, err := s.ExtendWave(t.Context(), wave.ID, clock.Now().Add(time.Hour), "more"); err != nil {
			t.Fatal(err)
		}
		clock.Move(2 * time.Hour)
		look(true)
		if got := told(); got != "wave.closed wave next, wave.closed wave next, wave.opened wave next" {
			t.Errorf("after the second close the log says %s", got)
		}
		if broken := store.BrokenAudit(must[[]survey.AuditEntry](t)(s.AuditEntries(t.Context(), store.AuditPage{Limit: 100}))); broken != 0 {
			t.Errorf("the chain is broken at %d", broken)
		}
	})
}
