package main

import (
	"strings"
	"testing"
)

func TestAnswersOfReplicasAreComparedByTheEditionTheyState(t *testing.T) {
	m := newMirror("rig", "acme")
	for _, a := range []struct {
		replica       int
		edition, body string
	}{
		{0, "40-x", "forty"}, {0, "40-x", "forty"}, // beside itself: counts for nothing
		{1, "40-x", "forty"}, {1, "40-x", "forty"}, {2, "40-x", "forty"},
		{1, nobody, "none"}, {0, nobody, "none"},
		{2, "60-y", "sixty"},
	} {
		m.add(a.replica, m.paths[0], a.edition, []byte(a.body))
	}
	m.add(1, m.paths[1], "60-y", []byte("another address"))
	if m.figures != 2 || m.empty != 1 || len(m.editions) != 1 || m.wrong() != nil {
		t.Errorf("%s, %v", m.sentence(), m.wrong())
	}
	m.add(0, m.paths[0], "60-y", []byte("sixtY"))
	if err := m.wrong(); err == nil || !strings.Contains(err.Error(), `"sixty" and "sixtY"`) {
		t.Errorf("bytes that differ are not told: %v", err)
	}
	// A replica that contradicts itself is found too, and only so many editions are kept.
	m.differ = nil
	m.add(2, m.paths[0], "60-y", []byte("other"))
	if m.wrong() == nil {
		t.Error("one replica gave two answers for one edition")
	}
	for n := range 3 * remembered {
		m.add(0, m.paths[0], strings.Repeat("9", n+1), nil)
	}
	if n := len(m.recent[m.paths[0]]); n != remembered {
		t.Errorf("%d editions are kept", n)
	}
}

func TestTheEditionOfASmallWaveDecidesAlone(t *testing.T) {
	for tag, want := range map[string]string{
		`W/"400-20261130T120000Z-0a1b2c3d.0f0f"`: "400-20261130T120000Z-0a1b2c3d", `W/"empty.0f0f"`: nobody,
		`W/"10000-20261130T120000Z-0a1b2c3d.0f0f"`: "10000-20261130T120000Z-0a1b2c3d.0f0f", "": "", `"abc"`: "",
	} {
		if got := editionIn(tag); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}
