package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
)

// must runs a command that has to succeed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	got := command(t, nil, args...)
	if got.code != exitOK {
		t.Fatalf("%v: code %d, %s", args, got.code, got.err)
	}
	return got.out
}

// file writes a file for a command to read.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const organizationsFile = `key,name,industry,region,size,teams
acme,"=Acme ""Tools"", Inc",isic_c,europe,50_249,North|South
beta,</script><script>alert(1)</script>,,,,
`

// prepare makes a wave with two organizations.
func prepare(t *testing.T, place []string) {
	t.Helper()
	must(t, with(place, "wave", "create", "autumn", "--title", "Autumn", "--study", "best", "--study-title", "Best practices",
		"--purpose", "To learn", "--contact", "research@example.org")...)
	must(t, with(place, "wave", "organizations", "autumn", file(t, "organizations.csv", organizationsFile))...)
}

func decodeLinks(t *testing.T, text string) []linkReport {
	t.Helper()
	var links []linkReport
	if err := json.Unmarshal([]byte(text), &links); err != nil || len(links) == 0 {
		t.Fatalf("%v in %q", err, text)
	}
	return links
}

func showWave(t *testing.T, place []string) fieldworkReport {
	t.Helper()
	var report fieldworkReport
	if err := json.Unmarshal([]byte(must(t, with(place, "wave", "show", "autumn", "--json")...)), &report); err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAFieldworkIsPreparedFromTheCommandLine(t *testing.T) {
	onBoth(t, func(t *testing.T, place []string) {
		if len(place) > 1 && place[0] == "--database" {
			must(t, with(place, "migrate", "up")...)
		}
		prepare(t, place)
		roster := file(t, "roster.csv", "reference,organization,team\np1,acme,North\np2,acme,\np1,beta,\n")
		links := decodeLinks(t, must(t, with(place, "invite", "--wave", "autumn", "--roster", roster, "--json", "--base-url", "https://survey.example.org")...))
		if len(links) != 3 || links[0].Team != "North" || !strings.HasPrefix(links[0].Link, "https://survey.example.org/r/") {
			t.Errorf("%+v", links)
		}
		report := showWave(t, place)
		if report.State != survey.WaveOpen || report.Invited != 3 || report.Used != 0 || len(report.Organizations) != 2 || report.MinimumGroup != 10 {
			t.Errorf("%+v", report)
		}
		if text := must(t, with(place, "wave", "list")...); !strings.Contains(text, "autumn") || !strings.Contains(text, "open") {
			t.Errorf("%s", text)
		}
		must(t, with(place, "wave", "close", "autumn")...)
		if state := showWave(t, place).State; state != survey.WaveClosed {
			t.Errorf("after closing the wave is %s", state)
		}
		late := command(t, nil, with(place, "invite", "--wave", "autumn", "--roster", roster)...)
		if late.code != exitFailure || !strings.Contains(late.err, "closed") {
			t.Errorf("inviting to a closed wave: code %d, %s", late.code, late.err)
		}
	})
}

func TestLinksLeadToPagesAndRevokedOnesDoNot(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	r := start(t, nil, "serves", with(place, "serve", "--listen", "127.0.0.1:0")...)
	base := []string{"--base-url", r.base(t)}
	for _, l := range decodeLinks(t, must(t, with(place, append([]string{"wave", "links", "autumn", "--json"}, base...)...)...)) {
		code, body := get(t, l.Link)
		if code != 200 || strings.Contains(body, "<script>alert") {
			t.Errorf("%s: %d, a name became part of the page", l.Organization, code)
		}
	}
	result := strings.TrimSpace(must(t, with(place, append([]string{"wave", "results", "autumn", "--org", "acme"}, base...)...)...))
	if code, _ := get(t, result); code == 404 || code == 500 {
		t.Errorf("the link to results answers %d", code)
	}
	must(t, with(place, "wave", "revoke", result)...)
	if code, _ := get(t, result); code != 403 {
		t.Errorf("a revoked link answers %d", code)
	}
	if code := r.end(t); code != exitOK {
		t.Errorf("code %d", code)
	}
}

func TestLinksAsCSVAreHarmlessInASpreadsheetAndPrivateOnDisk(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	out := filepath.Join(t.TempDir(), "links.csv")
	if text := must(t, with(place, "wave", "links", "autumn", "--out", out)...); text != "" {
		t.Errorf("links are printed as well: %s", text)
	}
	info, err := os.Stat(out)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v, %v", rows, err)
	}
	for _, row := range rows[1:] {
		if strings.HasPrefix(row[1], "=") {
			t.Errorf("a spreadsheet would run %q", row[1])
		}
	}
}

func TestWrongFieldworkIsRefusedWithItsReason(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	create := []string{"wave", "create", "w2", "--title", "T", "--study", "best"}
	roster := func(content string) []string {
		return []string{"invite", "--wave", "autumn", "--roster", file(t, "roster.csv", content)}
	}
	tests := []struct {
		name  string
		code  int
		args  []string
		wants string
	}{
		{"a wave that exists", exitFailure, []string{"wave", "create", "autumn", "--title", "T", "--study", "best"}, "already"},
		{"a name that can not stand in an address", exitUsage, []string{"wave", "create", "Autumn 1", "--title", "T", "--study", "best"}, "small letters"},
		{"a new study without its consent text", exitUsage, []string{"wave", "create", "w", "--title", "T", "--study", "new"}, "--purpose"},
		{"texts for a study that exists", exitUsage, append(create, "--purpose", "other"), "exists already"},
		{"an end before the beginning", exitUsage, append(create, "--opens", "2026-05-01", "--closes", "2026-04-01"), "--closes"},
		{"a moment that is none", exitUsage, append(create, "--opens", "tomorrow"), "--opens"},
		{"a group that is too small", exitUsage, append(create, "--minimum-group", "2"), "--minimum-group"},
		{"a group that is no number", exitUsage, append(create, "--minimum-group", "few"), "--minimum-group"},
		{"unknown criteria", exitUsage, append(create, "--criteria", "organizations/9"), "--criteria"},
		{"an instrument that is no document", exitFailure, append(create, "--instrument", file(t, "i.json", `{"key":"x","color":1}`)), "color"},
		{"an instrument that is not there", exitFailure, append(create, "--instrument", "missing.json"), "missing.json"},
		{"an unknown wave", exitFailure, []string{"wave", "show", "winter"}, "winter"},
		{"an unknown organization", exitFailure, []string{"wave", "links", "autumn", "--org", "gamma"}, "gamma"},
		{"results of an unknown organization", exitFailure, []string{"wave", "results", "autumn", "--org", "gamma"}, "gamma"},
		{"a link that is none", exitUsage, []string{"wave", "revoke", "https://example.org/x"}, "no link"},
		{"a base address that is none", exitUsage, []string{"wave", "links", "autumn", "--base-url", "example.org"}, "--base-url"},
		{"an unknown organization in a roster", exitFailure, roster("organization,reference\ngamma,p1\n"), `line 2, organization: "gamma"`},
		{"an unknown team in a roster", exitFailure, roster("organization,reference,team\nacme,p1,West\n"), `line 2, team: "West"`},
		{"a person twice in a roster", exitFailure, roster("organization,reference\nacme,p1\nacme,p1\n"), "line 3, reference"},
		{"a person without reference", exitFailure, roster("organization,reference\nacme,\n"), "line 2, reference: is empty"},
		{"a roster with addresses of people", exitFailure, roster("organization,reference,email\nacme,p1,a@example.org\n"), `unknown column "email"`},
		{"an organization twice", exitFailure, []string{"wave", "organizations", "autumn", file(t, "o.csv", "key,name\na,A\na,B\n")}, "line 3, key"},
		{"an organization without name", exitFailure, []string{"wave", "organizations", "autumn", file(t, "o.csv", "key,name\na,\n")}, "line 2, name"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := command(t, nil, with(place, test.args...)...)
			if got.code != test.code || !strings.Contains(got.err, test.wants) {
				t.Errorf("code %d, %q; want code %d and %q", got.code, got.err, test.code, test.wants)
			}
		})
	}
	if report := showWave(t, place); report.Invited != 0 || len(report.Organizations) != 2 {
		t.Errorf("what was refused left traces: %+v", report)
	}
}

func TestOrganizationsKeepWhatTheFileDoesNotName(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	put := func(content string) outcome {
		return command(t, nil, with(place, "wave", "organizations", "autumn", "--json", file(t, "o.csv", content))...)
	}
	for _, test := range []struct {
		name, content string
		want          organizationReport
	}{
		{"a name alone", "key,name\nacme,Acme\n", organizationReport{Key: "acme", Name: "Acme", Industry: "isic_c", Region: "europe", Size: "50_249"}},
		{"an empty cell", "key,name,region\nacme,Acme,\n", organizationReport{Key: "acme", Name: "Acme", Industry: "isic_c", Size: "50_249"}},
		{"another size", "key,name,size\nacme,Acme,1_49\n", organizationReport{Key: "acme", Name: "Acme", Industry: "isic_c", Size: "1_49"}},
	} {
		got := put(test.content)
		var kept []organizationReport
		if err := json.Unmarshal([]byte(got.out), &kept); err != nil || len(kept) != 1 || kept[0] != test.want || got.err != "" {
			t.Errorf("%s: %+v (%s), want %+v, %v", test.name, kept, got.err, test.want, err)
		}
	}
}

func TestFactsThatAreNoCodesAreWarnedOf(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	got := command(t, nil, with(place, "wave", "organizations", "autumn", file(t, "o.csv", "key,name,industry,region,size\na,A,isic_c,europe,50\nb,B,zzz,,1_49\n"))...)
	if got.code != exitOK || strings.Count(got.err, "warning: ") != 4 {
		t.Errorf("code %d, %s", got.code, got.err)
	}
	for _, want := range []string{`o.csv: line 3, industry: "zzz" is no code`, `o.csv: line 2, size: "50" is no code`, "codes of size are 1_49, 50_249", "codes of industry are isic_a"} {
		if !strings.Contains(got.err, want) {
			t.Errorf("%q is not said in %s", want, got.err)
		}
	}
}

func TestAPersonIsInvitedOnlyOnceAndARosterMayGrow(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	invite := func(roster string, more ...string) outcome {
		return command(t, nil, with(place, append([]string{"invite", "--wave", "autumn", "--json", "--roster", file(t, "roster.csv", roster)}, more...)...)...)
	}
	const first = "organization,reference\nacme,p1\nacme,p2\n"
	if links := decodeLinks(t, invite(first).out); len(links) != 2 {
		t.Errorf("%+v", links)
	}
	grown := invite(first + "beta,p1\n")
	if links := decodeLinks(t, grown.out); grown.code != exitOK || len(links) != 1 || links[0].Organization != "beta" {
		t.Errorf("code %d, %s", grown.code, grown.out)
	}
	if !strings.Contains(grown.err, "invited to wave autumn before, with a link that stays as it is (2 of 3 rows): line 2, p1 of acme; line 3, p2 of acme") {
		t.Errorf("nobody is told who was left out: %s", grown.err)
	}
	again := invite(first)
	if again.code != exitOK || strings.TrimSpace(again.out) != "[]" || !strings.Contains(again.err, "2 of 2 rows") {
		t.Errorf("code %d, %s%s", again.code, again.out, again.err)
	}
	if report := showWave(t, place); report.Invited != 3 {
		t.Errorf("%d are invited", report.Invited)
	}
}

func TestAFileOfLinksIsNeverOverwritten(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	out := filepath.Join(t.TempDir(), "links.csv")
	invite := func(roster, out string) outcome {
		return command(t, nil, with(place, "invite", "--wave", "autumn", "--out", out, "--roster", file(t, "roster.csv", roster))...)
	}
	if got := invite("organization,reference\nacme,p1\n", out); got.code != exitOK {
		t.Fatal(got.err)
	}
	before, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if got := invite("organization,reference\nacme,p1\n", out); got.code != exitOK || !strings.Contains(got.err, "nobody is new") {
		t.Errorf("code %d, %s", got.code, got.err)
	}
	for name, file := range map[string]string{"exists": out, "no such file": filepath.Join(t.TempDir(), "absent", "links.csv")} {
		if got := invite("organization,reference\nacme,p2\n", file); got.code != exitFailure || !strings.Contains(got.err, name) {
			t.Errorf("%s: code %d, %s", name, got.code, got.err)
		}
	}
	if after, err := os.ReadFile(out); err != nil || string(after) != string(before) {
		t.Errorf("the links are gone: %q, %v", after, err)
	}
	if report := showWave(t, place); report.Invited != 1 {
		t.Errorf("links that nobody can have: %d are invited", report.Invited)
	}
}

func TestMomentsAreReadInSeveralForms(t *testing.T) {
	for _, text := range []string{"2026-11-02", "2026-11-02T09:00", "2026-11-02 09:00", "2026-11-02T09:00:30", "2026-11-02T09:00:00Z", "2026-11-02T09:00:00+02:00"} {
		if _, err := parseTime(text); err != nil {
			t.Error(err)
		}
	}
	for _, text := range []string{"", "2.11.2026", "2026-13-01", "2026-02-30", "11/02/2026"} {
		if moment, err := parseTime(text); err == nil {
			t.Errorf("%q is read as %s", text, moment)
		}
	}
}

func TestAPlannedSendingSaysWhomItWouldReach(t *testing.T) {
	onBoth(t, func(t *testing.T, place []string) {
		if place[0] == "--database" {
			must(t, with(place, "migrate", "up")...)
		}
		prepare(t, place)
		if place[0] == "--database" {
			place = []string{place[0], place[1], "--key-file", filepath.Join(t.TempDir(), "installation.key")}
		}
		must(t, with(place, "mail", "roster", "autumn", file(t, "people.csv", "organization,email\nacme,a@example.org\nacme,b@example.org\nacme,c@example.org\n"))...)
		must(t, with(place, "mail", "stop", "a@example.org")...)
		must(t, with(place, "mail", "bounce", "b@example.org")...)
		at := []string{"mail", "send", "autumn", "--kind", "reminder", "--at", "2100-01-02T09:00"}
		if got := must(t, with(place, at...)...); !strings.Contains(got, "1 message if it began now; nothing to 2 more: 1 wants no mail, 1 could not be reached before") {
			t.Errorf("%s", got)
		}
		var sendings []campaignReport
		if err := json.Unmarshal([]byte(must(t, with(place, "mail", "status", "autumn", "--json")...)), &sendings); err != nil || len(sendings) != 1 ||
			sendings[0].Ahead == nil || *sendings[0].Ahead != (aheadReport{Messages: 1, OptedOut: 1, Bounced: 1}) {
			t.Errorf("%v, %+v", err, sendings)
		}
	})
}
