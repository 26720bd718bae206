package survey

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestWaveStateFollowsTheClock(t *testing.T) {
	opens := time.Date(2025, 3, 1, 8, 0, 0, 0, time.UTC)
	closes := opens.Add(24 * time.Hour)
	for _, c := range []struct {
		now    time.Time
		closes time.Time
		want   WaveState
	}{
		{opens.Add(-time.Nanosecond), closes, WavePlanned},
		{opens, closes, WaveOpen},
		{closes.Add(-time.Nanosecond), closes, WaveOpen},
		{closes, closes, WaveClosed},
		{closes.Add(1000 * time.Hour), time.Time{}, WaveOpen},
		{opens.In(time.FixedZone("", 5*3600)), closes, WaveOpen},
	} {
		if got := (Wave{OpensAt: opens, ClosesAt: c.closes}).State(c.now); got != c.want {
			t.Errorf("at %s: %s, want %s", c.now, got, c.want)
		}
	}
}

func TestErrorsKeepKindSentenceAndCause(t *testing.T) {
	cause := errors.New("disk full")
	err := fmt.Errorf("saving: %w", Errorf(Unavailable, "try again later: %w", cause))
	if KindOf(err) != Unavailable || !errors.Is(err, cause) {
		t.Errorf("kind %s of %v", KindOf(err), err)
	}
	var e *Error
	if !errors.As(err, &e) || e.Message != "try again later" || err.Error() != "saving: try again later: disk full" {
		t.Errorf("message %q of %v", e.Message, err)
	}
	classified := Errorf(Conflict, "line 3: %w", Errorf(Invalid, "the name is empty"))
	if !errors.As(classified, &e) || e.Message != "line 3: the name is empty" || classified.Error() != e.Message {
		t.Errorf("message %q of %v", e.Message, classified)
	}
	if KindOf(cause) != Internal || KindOf(nil) != Internal {
		t.Error("what nobody classified is internal")
	}
}

func TestTextFallsBackInsteadOfGoingBlank(t *testing.T) {
	for _, c := range []struct {
		text     Text
		language string
		want     string
	}{
		{Text{"en": "yes", "de": "ja"}, "de", "ja"},
		{Text{"en": "yes", "de": "ja"}, "fr", "yes"},
		{Text{"nl": "ja (nl)", "de": "ja"}, "fr", "ja"},
		{nil, "en", ""},
	} {
		if got := c.text.In(c.language); got != c.want {
			t.Errorf("%v in %s: %q, want %q", c.text, c.language, got, c.want)
		}
	}
}

func TestAnOrganizationIsShownFromTwiceTheGroupUntilResultsAreFinal(t *testing.T) {
	opens := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	wave := Wave{OpensAt: opens, ClosesAt: opens.AddDate(0, 0, 7), LateHours: 1, MinimumGroup: 8}
	anonymous, held := wave, wave
	anonymous.Mode = Anonymous
	held.HeldAt = opens
	during, late, after := opens.Add(time.Hour), wave.ClosesAt, wave.LateUntil()
	for name, c := range map[string]struct {
		wave Wave
		now  time.Time
		want int
	}{
		"open": {wave, during, 16}, "late answers": {wave, late, 16}, "over": {wave, after, 8},
		"anonymous and open": {anonymous, during, 0}, "anonymous with late answers": {anonymous, late, 0}, "anonymous and over": {anonymous, after, 8},
		"held and open": {held, during, 16}, "held and over": {held, after, 16},
	} {
		if got := c.wave.ShownFrom(c.now); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
