package store_test

import (
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// tampered runs statements past the triggers, as somebody does who owns the database.
func tampered(t *testing.T, config store.Config, statements ...string) {
	t.Helper()
	db := open(t, config)
	all := append([]string{"DROP TRIGGER audit_log_keeps", "DROP TRIGGER audit_log_stays"}, statements...)
	if config.URL != "" {
		all[0], all[1] = "ALTER TABLE audit_log DISABLE TRIGGER USER", "SELECT 1"
	}
	for _, statement := range all {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func logged(t *testing.T, s *store.Store, n int) {
	t.Helper()
	for range n {
		if err := s.Record(t.Context(), ada, store.Deed{Action: "test.done", Object: "wave spring", Detail: "ü \"quoted\""}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnUntouchedAuditLogIsIntact(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		if v := must[store.AuditVerdict](t)(s.VerifyAudit(t.Context())); v != (store.AuditVerdict{}) {
			t.Errorf("an empty log: %+v", v)
		}
		logged(t, s, 1203) // more than one batch
		v := must[store.AuditVerdict](t)(s.VerifyAudit(t.Context()))
		if v.Broken != 0 || v.Entries != 1203 {
			t.Fatalf("%+v", v)
		}
		logged(t, s, 1)
		noted := must[store.AuditAnchor](t)(store.ParseAuditAnchor(v.End.String()))
		if v := must[store.AuditVerdict](t)(s.VerifyAudit(t.Context(), noted)); v.Broken != 0 || v.Entries != 1204 {
			t.Errorf("with an anchor: %+v", v)
		}
	})
}

func TestTheTriggersRefuseToChangeTheAuditLog(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		logged(t, storetest.Open(t, config), 1)
		for _, statement := range []string{"UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log"} {
			if _, err := open(t, config).Exec(statement); err == nil || !strings.Contains(err.Error(), "only added to") {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
}

// TestTamperingWithTheAuditLogIsNamedAtItsPlace changes ten entries in every way.
func TestTamperingWithTheAuditLogIsNamedAtItsPlace(t *testing.T) {
	for name, c := range map[string]struct {
		statements []string
		broken     int64
		says       string
	}{
		"another actor":          {[]string{"UPDATE audit_log SET actor = 'nobody' WHERE position = 4"}, 4, "was changed"},
		"another detail":         {[]string{"UPDATE audit_log SET detail = 'x' WHERE position = 10"}, 10, "was changed"},
		"another moment":         {[]string{"UPDATE audit_log SET happened_at = '2026-01-01 00:00:00+00:00' WHERE position = 1"}, 1, "was changed"},
		"a removed entry":        {[]string{"DELETE FROM audit_log WHERE position = 6"}, 6, "missing"},
		"the first removed":      {[]string{"DELETE FROM audit_log WHERE position = 1"}, 1, "missing"},
		"a hole that was closed": {[]string{"DELETE FROM audit_log WHERE position = 6", "UPDATE audit_log SET position = position - 1 WHERE position = 7"}, 6, "does not follow"},
		"two in another order":   {[]string{"UPDATE audit_log SET position = 99 WHERE position = 2", "UPDATE audit_log SET position = 2 WHERE position = 3", "UPDATE audit_log SET position = 3 WHERE position = 99"}, 2, "does not follow"},
		"the end cut off":        {[]string{"DELETE FROM audit_log WHERE position > 7"}, 8, "the log ends here"},
		"the end and its head":   {[]string{"UPDATE audit_head SET hash = (SELECT hash FROM audit_log WHERE position = 9)"}, 10, "another hash"},
		"everything":             {[]string{"DELETE FROM audit_log"}, 1, "the log ends here"},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachConfig(t, func(t *testing.T, config store.Config) {
				s := storetest.Open(t, config)
				logged(t, s, 10)
				tampered(t, config, c.statements...)
				v := must[store.AuditVerdict](t)(s.VerifyAudit(t.Context()))
				if v.Broken != c.broken || !strings.Contains(v.Reason, c.says) || v.Entries != c.broken-1 {
					t.Errorf("%+v, want entry %d that says %q", v, c.broken, c.says)
				}
			})
		})
	}
}

func TestALogWrittenAnewIsToldByAnAnchor(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		logged(t, s, 5)
		noted := must[store.AuditVerdict](t)(s.VerifyAudit(t.Context())).End
		zero := "zeroblob(32)"
		if config.URL != "" {
			zero = "decode(repeat('00', 32), 'hex')"
		}
		tampered(t, config, "DELETE FROM audit_log", "UPDATE audit_head SET position = 0, hash = "+zero)
		by := survey.Actor{Name: "mallory@example.org"}
		for range 6 {
			if err := s.Record(t.Context(), by, store.Deed{Action: "nothing.happened"}); err != nil {
				t.Fatal(err)
			}
		}
		if v := must[store.AuditVerdict](t)(s.VerifyAudit(t.Context())); v.Broken != 0 {
			t.Errorf("%+v", v)
		}
		if v := must[store.AuditVerdict](t)(s.VerifyAudit(t.Context(), noted)); v.Broken != 5 || !strings.Contains(v.Reason, "written anew") {
			t.Errorf("%+v", v)
		}
	})
}

func TestAnAnchorOfAnotherFormIsRefused(t *testing.T) {
	for _, text := range []string{"", "17", "17:", "x:" + strings.Repeat("0", 64), "1:" + strings.Repeat("0", 63), "-1:" + strings.Repeat("0", 64), "1:" + strings.Repeat("g", 64)} {
		if _, err := store.ParseAuditAnchor(text); survey.KindOf(err) != survey.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
}
