package web

import (
	"fmt"
	"testing"
)

func TestASheetAtHandLeavesWithTheShelf(t *testing.T) {
	builds := 0
	build := func(key sheetKey) (*sheet, error) {
		builds++
		return newSheet([]byte(fmt.Sprintf("<p>%d", key.variant)), nil), nil
	}
	s, rows := newShelf(1<<20), newHandRows(1)
	key := func(variant int) sheetKey { return sheetKey{kind: reviewRow, variant: int32(variant)} }
	ask := func(variant int) *sheet {
		t.Helper()
		got, err := s.findAt(rows.place(key(variant)), key(variant), build)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := ask(3)
	if ask(3) != first || rows.place(key(3)).Load() != first || builds != 1 {
		t.Fatalf("made %d times", builds)
	}
	s.limit = 1
	ask(4)
	if len(s.kept) != 1 || rows.place(key(3)).Load() != nil {
		t.Errorf("%d sheets are kept, and the first is still at hand: %t", len(s.kept), rows.place(key(3)).Load() != nil)
	}
	if ask(3) == nil || builds != 3 {
		t.Errorf("made %d times, want once more", builds)
	}
	for _, variant := range []int{lowestRow - 1, lowestRow + rowsEach} {
		if rows.place(key(variant)) != nil || ask(variant) == nil {
			t.Errorf("variant %d has a place at hand, or no sheet", variant)
		}
	}
}

func TestASheetThatCanNotBeMadeIsNotAtHand(t *testing.T) {
	s, rows := newShelf(1<<20), newHandRows(1)
	key := sheetKey{kind: reviewRow}
	if _, err := s.findAt(rows.place(key), key, func(sheetKey) (*sheet, error) { return nil, errSemicolon }); err == nil {
		t.Error("no error")
	}
	if rows.place(key).Load() != nil || len(s.kept) != 0 {
		t.Error("it is kept")
	}
}
