package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/benchmark"
)

func TestTheLeagueHasTheTiersOfTheWave(t *testing.T) {
	f := newShown(t)
	b := decoded[benchmark.Benchmark](f.get("/waves/spring.json"))
	l := decoded[benchmark.LeagueTable](f.get("/waves/spring/league.json"))
	if len(l.Organizations) != len(b.Organizations) || l.Provenance.Edition != b.Provenance.Edition {
		t.Fatalf("%d organizations of %s, want %d of %s", len(l.Organizations), l.Provenance.Edition, len(b.Organizations), b.Provenance.Edition)
	}
	for i, want := range b.Organizations {
		got, c := l.Organizations[i], want.Classification
		if got.Key != want.Key || got.Status != want.Status || got.Tier != c.Tier || got.Call != c.Call || got.PWC != c.PWC || got.Index.Value != c.Index.Value {
			t.Errorf("%s: %+v, want %+v", want.Key, got, c)
		}
	}
	file := f.get("/waves/spring/league.csv")
	if lines := strings.Count(file.text, "\n"); lines != 1+len(b.Organizations) || !strings.HasPrefix(file.text, "organization,name,status,tier,") {
		t.Errorf("%d lines: %.200s", lines, file.text)
	}
	if got := f.get("/waves/spring/league.json?criteria=strict"); got.status != http.StatusBadRequest {
		t.Errorf("an unknown parameter: %d", got.status)
	}
}

func TestTheLeagueMayBeOfANewerStateThanThePage(t *testing.T) {
	f := newShown(t)
	f.get("/waves/spring.json")
	p := f.server.results.live.panelOf(f.Wave.ID)
	newer := *p.view.Load()
	newer.state, newer.sequence, newer.input.Version = "newer", newer.sequence+1, "newer"
	version := func(path string) string {
		var got struct{ Provenance benchmark.Provenance }
		if err := json.Unmarshal([]byte(f.get(path).text), &got); err != nil {
			t.Fatal(err)
		}
		return got.Provenance.Version
	}
	otherRule := newer
	otherRule.rule.group++
	for _, test := range []struct {
		ahead  *liveView
		league string
	}{{&otherRule, "test"}, {&newer, "newer"}, {nil, "newer"}} {
		p.ahead.Store(test.ahead)
		if got := version("/waves/spring/league.json"); got != test.league {
			t.Errorf("the league is of %q, want %q", got, test.league)
		}
		if got := version("/waves/spring.json"); got != "test" {
			t.Errorf("the page is of %q", got)
		}
	}
}
