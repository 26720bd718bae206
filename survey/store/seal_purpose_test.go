package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestWhatRespondentsAgreeToStaysWhatItWasWhenTheWaveOpened(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		now := storetest.Now
		config.Clock = func() time.Time { return now }
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		later := must[survey.Wave](t)(s.PutWave(t.Context(), survey.Wave{StudyID: f.Study.ID, Key: "later", Title: "Later", InstrumentHash: f.Wave.InstrumentHash, OpensAt: now.AddDate(0, 1, 0)}))
		study := f.Study
		study.Purpose, study.Purposes, study.Contact = "To sell.", survey.NewTranslations(map[string]string{"de": "Um zu verkaufen.", "fr": " "}), "other@example.org"
		must[survey.Study](t)(s.PutStudy(t.Context(), study))
		shown := func(w survey.Wave) survey.Study {
			t.Helper()
			return must[*store.Place](t)(s.Place(t.Context(), w.ID, f.Organization.ID)).Study
		}
		if open := shown(f.Wave); open.PurposeIn("de") != "To learn." || open.PurposeIn("en") != "To learn." || open.Contact != "other@example.org" {
			t.Errorf("the open wave shows %+v", open)
		}
		if next := shown(later); next.PurposeIn("de") != "Um zu verkaufen." || next.PurposeIn("fr") != "To sell." {
			t.Errorf("the planned wave shows %+v", next)
		}
		for key, want := range map[string]string{f.Wave.Key: "To learn.", later.Key: "To sell."} {
			wave := must[survey.Wave](t)(s.WaveByKey(t.Context(), key))
			seal := must[survey.Seal](t)(s.WaveSeal(t.Context(), wave.ID))
			if seal.Broken != "" || seal.Terms.Purpose != want || seal.Hash != wave.Seal || key == f.Wave.Key && seal.Hash != f.Wave.Seal || key == later.Key && seal.Hash == later.Seal {
				t.Errorf("wave %s: %+v", key, seal)
			}
		}
		now = later.OpensAt
		study.Purpose = "Something else."
		must[survey.Study](t)(s.PutStudy(t.Context(), study))
		if opened := shown(later); opened.Purpose != "To sell." {
			t.Errorf("after its opening the wave shows %q", opened.Purpose)
		}
	})
}

// TestSealsOfTheFirstVersionHold makes seals as they were before the purpose was in them.
func TestSealsOfTheFirstVersionHold(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		planned := must[survey.Wave](t)(s.PutWave(t.Context(), survey.Wave{StudyID: f.Study.ID, Key: "later", Title: "Later", InstrumentHash: f.Wave.InstrumentHash, OpensAt: time.Now().AddDate(1, 0, 0)}))
		db := open(t, config)
		run := func(statement string) {
			t.Helper()
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		old := map[survey.WaveID]string{}
		for _, wave := range []survey.Wave{f.Wave, planned} {
			terms := survey.TermsOf(wave, survey.Study{}, nil)
			terms.Version = 1
			old[wave.ID] = terms.Hash()
			run("DELETE FROM wave_seals WHERE wave_id = '" + string(wave.ID) + "'")
			run("UPDATE waves SET seal_hash = '" + terms.Hash() + "' WHERE id = '" + string(wave.ID) + "'")
			run("INSERT INTO wave_seals (wave_id, hash, opens_at, terms, document) SELECT id, seal_hash, opens_at, terms, '" + string(terms.Canonical()) + "' FROM waves WHERE id = '" + string(wave.ID) + "'")
		}
		config.Serves = true
		again := storetest.Open(t, config)
		opened, next := must[survey.Seal](t)(again.WaveSeal(t.Context(), f.Wave.ID)), must[survey.Seal](t)(again.WaveSeal(t.Context(), planned.ID))
		if opened.Broken != "" || opened.Hash != old[f.Wave.ID] || opened.Terms.HasPurpose() {
			t.Errorf("the seal of an open wave is %+v", opened)
		}
		if next.Broken != "" || next.Hash == old[planned.ID] || next.Terms.Purpose != "To learn." {
			t.Errorf("the seal of a planned wave is %+v", next)
		}
		if study := must[*store.Place](t)(again.Place(t.Context(), f.Wave.ID, f.Organization.ID)).Study; study.Purpose != "To learn." {
			t.Errorf("without a purpose in its seal a wave shows %q", study.Purpose)
		}
		run("UPDATE wave_seals SET document = replace(document, 'To learn.', 'To sell.')")
		if seal := must[survey.Seal](t)(again.WaveSeal(t.Context(), planned.ID)); !strings.Contains(seal.Broken, "document") {
			t.Errorf("a changed purpose is not noticed: %+v", seal)
		}
	})
}
