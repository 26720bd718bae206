package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheAuditLogIsListedExportedAndVerified(t *testing.T) {
	onBoth(t, func(t *testing.T, place []string) {
		must(t, with(place, "migrate", "up")...)
		prepare(t, place)
		must(t, with(place, "wave", "hold", "autumn")...)
		var entries []entryReport
		if err := json.Unmarshal([]byte(must(t, with(place, "audit", "list", "--json")...)), &entries); err != nil || len(entries) == 0 || entries[0].Action != "wave.hold" || entries[0].Origin != "command line" {
			t.Fatalf("%v, %+v", err, entries)
		}
		if text := must(t, with(place, "audit", "list", "--limit", "1")...); !strings.Contains(text, "wave.hold") {
			t.Errorf("%s", text)
		}
		name := filepath.Join(t.TempDir(), "audit.csv")
		must(t, with(place, "audit", "export", "--out", name)...)
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if lines, err := csv.NewReader(strings.NewReader(string(content))).ReadAll(); err != nil || len(lines) != int(entries[0].Position)+1 || lines[len(lines)-1][10] != entries[0].Hash {
			t.Errorf("%v, %d lines", err, len(lines))
		}
		if text := must(t, with(place, "audit", "export", "--format", "ndjson", "--out", "-")...); strings.Count(text, "\n") != int(entries[0].Position) {
			t.Errorf("%q", text)
		}
		var verdict auditReport
		if err := json.Unmarshal([]byte(must(t, with(place, "audit", "verify", "--json")...)), &verdict); err != nil || !verdict.Intact {
			t.Errorf("%v, %+v", err, verdict)
		}
		if text := must(t, with(place, "audit", "verify", "--anchor", verdict.Anchor)...); !strings.Contains(text, "as they were written") {
			t.Errorf("%s", text)
		}
		other := strings.Replace(verdict.Anchor, ":", ":"+"0", 1)
		if got := command(t, nil, with(place, "audit", "verify", "--anchor", other)...); got.code != exitUsage {
			t.Errorf("%d, %s", got.code, got.err)
		}
		wrong := strings.Split(verdict.Anchor, ":")[0] + ":" + strings.Repeat("0", 64)
		if got := command(t, nil, with(place, "audit", "verify", "--anchor", wrong)...); got.code != exitFailure || !strings.Contains(got.err, "written anew") {
			t.Errorf("%d, %s", got.code, got.err)
		}
	})
}
