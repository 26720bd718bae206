package main

import "testing"

func TestTheFirstWaveMakesItsDatabase(t *testing.T) {
	onBoth(t, func(t *testing.T, place []string) {
		got := command(t, nil, with(place, "wave", "create", "autumn", "--title", "Autumn", "--study", "sales", "--study-title", "How we sell",
			"--purpose", "To learn.", "--contact", "me@example.org")...)
		if got.code != exitOK {
			t.Fatalf("code %d: %s", got.code, got.err)
		}
		if got := command(t, nil, with(place, "migrate", "status")...); got.code != exitOK {
			t.Errorf("its schema: code %d: %s%s", got.code, got.out, got.err)
		}
	})
}
