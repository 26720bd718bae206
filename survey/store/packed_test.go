package store

import (
	"testing"

	"github.com/salesbench/salesbench/survey"
)

func TestWhatIsPackedIsRefusedForNULAndForNothingThatLooksLikeIt(t *testing.T) {
	in := survey.Builtin()
	field := in.Fields()[in.TextFields()[0]]
	for text, fine := range map[string]bool{
		"": true, "plain": true, `\`: true, `\\`: true, "\x00": false, "a\x00": false, "\x01": true,
		`\u0000`: true, `\\u0000`: true, `\\\u0000`: true, `\u0000` + "\x00": false, `\` + "\x00": false, `\\` + "\x00": false,
		"\x00" + `\u0000`: false, `u0000`: true,
	} {
		answers := in.NewAnswers()
		answers[field.Index] = survey.Answer{State: survey.Valid, Text: text}
		packed, err := survey.Pack(in, answers)
		if err != nil {
			t.Fatal(err)
		}
		if got := storablePacked(packed.Texts); got != fine {
			t.Errorf("%q, packed %s: %v, want %v", text, packed.Texts, got, fine)
		}
	}
}
