package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark"
)

// checkDemo opens every page that the demonstration names.
func checkDemo(t *testing.T, r *running) {
	t.Helper()
	addresses := r.addresses()
	if len(addresses) < 9 {
		t.Fatalf("only %d addresses are printed", len(addresses))
	}
	for _, a := range addresses {
		code, body := get(t, a)
		if code != http.StatusOK {
			t.Errorf("%s answers %d", a, code)
		}
		if strings.Contains(body, "<script>alert") {
			t.Errorf("%s: the hostile name became part of the page", a)
		}
	}
}

func TestTheDemonstrationShowsEverythingAndCanBeStartedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, place []string) {
		r := start(t, nil, "Ctrl-C", with(place, "demo", "--listen", "127.0.0.1:0")...)
		if !strings.Contains(r.out.String(), "generated data") {
			t.Error("nobody is told that the data are generated")
		}
		checkDemo(t, r)
		if code := r.end(t); code != exitOK {
			t.Errorf("code %d after Ctrl-C: %s", code, r.err)
		}
		first := must(t, with(place, "wave", "list", "--json")...)
		again := start(t, nil, "Ctrl-C", with(place, "demo", "--listen", "127.0.0.1:0")...)
		if code, _ := get(t, again.addresses()[0]); code != http.StatusOK {
			t.Errorf("the new link answers %d", code)
		}
		if code := again.end(t); code != exitOK {
			t.Errorf("code %d after the second Ctrl-C", code)
		}
		if second := must(t, with(place, "wave", "list", "--json")...); second != first {
			t.Errorf("a second start made\n%s\nof\n%s", second, first)
		}
	})
}

func TestAClosedDemonstrationHandsOutNoLinksToAnswer(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	first := start(t, nil, "Ctrl-C", with(place, "demo", "--listen", "127.0.0.1:0")...)
	must(t, with(place, "wave", "close", demoWave)...)
	if code := first.end(t); code != exitOK {
		t.Fatalf("code %d: %s", code, first.err)
	}
	again := start(t, nil, "Ctrl-C", with(place, "demo", "--listen", "127.0.0.1:0")...)
	if text := again.out.String(); !strings.Contains(text, "the wave demo is closed") || strings.Contains(text, "/r/") {
		t.Errorf("%s", text)
	}
	for _, a := range again.addresses() {
		if code, _ := get(t, a); code != http.StatusOK {
			t.Errorf("%s answers %d", a, code)
		}
	}
	if code := again.end(t); code != exitOK {
		t.Errorf("code %d", code)
	}
}

func demoBenchmark(t *testing.T, place []string) benchmark.Benchmark {
	t.Helper()
	var b benchmark.Benchmark
	if err := json.Unmarshal([]byte(must(t, with(place, "benchmark", "--wave", demoWave, "--json")...)), &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTheDemonstrationTellsTheStory holds the generated data to what the pages are
// there to show.
func TestTheDemonstrationTellsTheStory(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	r := start(t, nil, "Ctrl-C", with(place, "demo", "--listen", "127.0.0.1:0")...)
	if code := r.end(t); code != exitOK {
		t.Fatalf("code %d", code)
	}
	b := demoBenchmark(t, place)
	if b.Provenance.Origin != "generated" {
		t.Errorf("origin is %q", b.Provenance.Origin)
	}
	calls := make(map[benchmark.Call]int)
	tiers := make(map[benchmark.Tier]int)
	for _, o := range b.Organizations {
		calls[o.Classification.Call]++
		tiers[o.Classification.Tier]++
	}
	if calls[benchmark.CallWorldClass] < 3 || calls[benchmark.CallInsufficient] < 1 {
		t.Errorf("calls: %v", calls)
	}
	for _, tier := range []benchmark.Tier{benchmark.TierWorldClass, benchmark.TierHighPerforming, benchmark.TierAverage, benchmark.TierUnderPerforming} {
		if tiers[tier] == 0 {
			t.Errorf("no organization is %s", tier)
		}
	}
	for _, row := range b.Practices {
		if !row.WC.Shown() || !row.SplitHalf.Shown() {
			t.Errorf("%s: World-Class %s, split half %s", row.Item, row.WC.Text(), row.SplitHalf.Text())
		}
	}
	for _, row := range b.Time {
		if !row.WC.Shown() || !row.Rest.Shown() {
			t.Errorf("%s: World-Class %s, rest %s", row.Key, row.WC.Text(), row.Rest.Text())
		}
	}
	if wc, rest := b.Coach.WC.Value, b.Coach.Rest.Value; !wc.Valid || !rest.Valid || wc.Value < 1.5 || rest.Value > 1 {
		t.Errorf("coach index: World-Class %v, rest %v", wc, rest)
	}
	text := must(t, with(place, "benchmark", "--wave", demoWave)...)
	if !strings.Contains(text, "Managers help the team to advance deals") || !strings.Contains(text, "withheld") {
		t.Errorf("%s", text)
	}
}

func TestAnOrganizationsReportIsPrintedOrWithheld(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	r := start(t, nil, "Ctrl-C", with(place, "demo", "--listen", "127.0.0.1:0")...)
	defer r.end(t)
	if text := must(t, with(place, "benchmark", "--wave", demoWave, "--org", "org-18")...); !strings.Contains(text, bestName) || !strings.Contains(text, "Strengths") {
		t.Errorf("%s", text)
	}
	small := must(t, with(place, "benchmark", "--wave", demoWave, "--org", "org-42")...)
	if !strings.Contains(small, smallName) || strings.Contains(small, "Strengths") || strings.Contains(small, "%") {
		t.Errorf("figures of six people: %s", small)
	}
	if text := must(t, with(place, "benchmark", "--wave", demoWave, "--criteria", "none")...); strings.Contains(text, "world class") {
		t.Errorf("tiers without criteria: %s", text)
	}
	for _, wrong := range [][]string{
		{"benchmark", "--wave", "none"},
		{"benchmark", "--wave", demoWave, "--org", "none"},
		{"benchmark", "--wave", "csps2019", "--org", "none"},
	} {
		if got := command(t, nil, with(place, wrong...)...); got.code != exitFailure || got.out != "" {
			t.Errorf("%v: code %d, %s", wrong, got.code, got.out)
		}
	}
	for _, wrong := range [][]string{{"benchmark"}, {"benchmark", "--wave", demoWave, "--criteria", "none/7"}} {
		if got := command(t, nil, with(place, wrong...)...); got.code != exitUsage {
			t.Errorf("%v: code %d, %s", wrong, got.code, got.err)
		}
	}
}
