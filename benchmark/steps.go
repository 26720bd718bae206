package benchmark

import (
	"fmt"
	"time"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
)

// Moving says whether the results of a wave are shown in steps: people can still
// answer, or its responses are still looked through, so that two looks at it could
// be subtracted from each other. Imported data are complete.
func Moving(study survey.Study, wave survey.Wave, now time.Time) bool {
	return study.Origin != survey.Imported && wave.State(now) != survey.WavePlanned && !(wave.Settled(now) && wave.Released(now))
}

// Reviewed says whether excluded responses are left out of the results. They are as
// soon as results are final, and ever after: before, taking one out of a step that
// people have seen would tell its answers.
func Reviewed(study survey.Study, wave survey.Wave, now time.Time) bool {
	return study.Origin == survey.Imported || wave.Released(now)
}

// NewSteps returns an empty panel for the responses of a wave. While it moves,
// they enter in steps of its minimum group.
func NewSteps(inst *survey.Instrument, wave survey.Wave) (*panel.Steps, error) {
	return panel.NewSteps(inst, newGate(wave.MinimumGroup).minimum, wave.CreatedAt)
}

// unsettled says whether no response at all counts in figures about some people of
// an organization only: roles, managers' time, reported results, persons in a
// tier. A step has the size of a group as a whole, but may bring a single manager.
func (f *frame) unsettled() bool {
	if !f.snapshot.Moving() {
		return false
	}
	for _, t := range f.tally {
		if t.settled > 0 {
			return false
		}
	}
	return true
}

// stepWords say how the results of an open wave move; empty for any other.
func (f *frame) stepWords() string {
	if !f.snapshot.Moving() {
		return ""
	}
	given := "answers enter"
	if f.snapshot.Imported() {
		given = "what was imported from before the wave counts at once; answers given since then enter"
	}
	return fmt.Sprintf("Not final yet: %s in steps of %d people of an organization, and the last %d to %d of each wait until the results are final. Roles, managers' time, reported results and groups of persons do not move before then. So nobody's answers can be told from two looks.",
		given, f.gate.minimum, f.gate.minimum, 2*f.gate.minimum-1)
}

// shownFrom says from how many answers on an organization is shown.
func (f *frame) shownFrom() string {
	least := f.gate.minimum
	switch {
	case !f.snapshot.Moving():
		return fmt.Sprintf("An organization is shown from %d answers on.", least)
	case f.snapshot.Imported():
		return fmt.Sprintf("An organization is shown from %d answers on. Those imported from before the wave count at once; until the results are final, those given since then count in steps of %d, the first from %d on.",
			least, least, 2*least)
	}
	return fmt.Sprintf("An organization is shown from %d answers on until the results are final, and from %d then.", 2*least, least)
}
