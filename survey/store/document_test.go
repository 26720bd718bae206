package store_test

import (
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestADocumentCanChangeUntilItIsPublished(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		d := must[store.DraftDocument](t)(s.PutDraftDocument(t.Context(), store.DraftDocument{StudyID: f.Study.ID, Kind: store.InstrumentDocument, Name: "first", Document: []byte("{}")}))
		d.Document = []byte(`{"key":"x"}`)
		must[store.DraftDocument](t)(s.PutDraftDocument(t.Context(), d))
		all := must[[]store.DraftDocument](t)(s.DraftDocuments(t.Context(), f.Study.ID))
		if len(all) != 1 || string(all[0].Document) != `{"key":"x"}` {
			t.Errorf("%+v", all)
		}
		_, err := s.PutDraftDocument(t.Context(), store.DraftDocument{StudyID: f.Study.ID, Kind: store.InstrumentDocument, Name: "x", Document: []byte("a\x00b")})
		wantKind(t, err, survey.Invalid)
		if err := s.DeleteDraftDocument(t.Context(), f.Study.ID, d.ID); err != nil {
			t.Error(err)
		}
		_, err = s.DraftDocumentByID(t.Context(), f.Study.ID, d.ID)
		wantKind(t, err, survey.NotFound)
		instruments := must[[]store.PublishedDocument](t)(s.Instruments(t.Context()))
		if len(instruments) != 1 || instruments[0].Hash != f.Instrument.Hash() {
			t.Errorf("%+v", instruments)
		}
	})
}

func TestAnAuditedChangeAndItsEntryAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := storetest.OpenWave(t, s)
		ctx := store.Audited(t.Context(), shell, store.Deed{Action: "study.change", Object: "study sales", Study: f.Study.ID})
		f.Study.Title = "Another title"
		if _, err := s.PutStudy(ctx, f.Study); err != nil {
			t.Fatal(err)
		}
		wrong := f.Wave
		wrong.MinimumGroup = 6
		_, err := s.PutWave(store.Audited(t.Context(), shell, store.Deed{Action: "wave.change", Object: "wave spring"}), wrong)
		wantKind(t, err, survey.Conflict)
		entries := must[[]survey.AuditEntry](t)(s.AuditEntries(t.Context(), store.AuditPage{Limit: 10}))
		if len(entries) != 1 || entries[0].Action != "study.change" || entries[0].StudyID != f.Study.ID {
			t.Errorf("%+v", entries)
		}
	})
}
