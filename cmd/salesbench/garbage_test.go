package main

import "testing"

func TestGarbageHasRoomWhereLittleLives(t *testing.T) {
	const mb = 1 << 20
	for _, test := range []struct {
		room, living uint64
		want         int
	}{
		{96 * mb, 0, 100},
		{96 * mb, 1 * mb, 2000},
		{96 * mb, 24 * mb, 400},
		{96 * mb, 25 * mb, 375},
		{96 * mb, 96 * mb, 100},
		{96 * mb, 4096 * mb, 100},
		{0, 24 * mb, 100},
	} {
		if got := percentFor(test.room, test.living); got != test.want {
			t.Errorf("%d MB of room beside %d MB: %d percent, want %d", test.room/mb, test.living/mb, got, test.want)
		}
	}
}
