package survey

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// Where no answer decides on the way, the way of a role is kept. It must be the one
// that a walk with the answers finds.
func TestTheWayThatIsKeptIsTheOneThatIsWalked(t *testing.T) {
	in := Builtin()
	x := in.compiled()
	if x.ways == nil || in.hasConditions() {
		t.Fatal("the built-in questionnaire has conditions now: this test needs another one without")
	}
	rapid.Check(t, func(t *rapid.T) {
		answers := drawHonest(t, in)
		for _, role := range []string{"", "nobody", "seller", "manager", "executive"} {
			walked := &walk{in: in, x: x, role: role, visible: make([]bool, len(x.fields)), effective: effective(x, role, answers)}
			for s := range in.Sections {
				if walked.waitsForRole(s) {
					break
				}
				walked.section(s)
			}
			if got := in.Path(role, answers); !reflect.DeepEqual(got, walked.path) {
				t.Fatalf("%q: %v, want %v", role, got, walked.path)
			}
			if got := in.walk(role, answers).visible; !reflect.DeepEqual(got, walked.visible) {
				t.Fatalf("%q: visible %v, want %v", role, got, walked.visible)
			}
		}
	})
}

func TestAQuestionnaireWithConditionsIsWalkedEachTime(t *testing.T) {
	if in := small(t); in.compiled().ways != nil {
		t.Error("ways are kept although answers decide on them")
	}
}
