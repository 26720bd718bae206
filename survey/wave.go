package survey

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"
)

// Mode says what connects an answer with the person who was invited.
type Mode string

// The modes of a wave.
const (
	// Confidential waves keep with a response which invitation it came by: a person
	// can look at the receipt again and be erased by the invitation.
	Confidential Mode = "confidential"
	// Anonymous waves keep nothing from which a response and an invitation could be
	// brought together; only the receipt leads to a response.
	Anonymous Mode = "anonymous"
)

// Modes lists the modes.
func Modes() []Mode { return []Mode{Confidential, Anonymous} }

// Limits of a wave's settings.
const (
	SmallestMinimumGroup = 5
	MostLateHours        = 14 * 24
	MostTargetPeople     = 10_000_000
	// ExtendWithin is how long after its close a wave whose results are held may be
	// extended.
	ExtendWithin = 7 * 24 * time.Hour
)

// Check says in words what is wrong with the settings of a wave.
func (w Wave) Check() error {
	switch {
	case w.Mode != "" && !slices.Contains(Modes(), w.Mode):
		return Errorf(Invalid, "the mode of wave %q is %q; there are confidential and anonymous", w.Key, w.Mode)
	case w.MinimumGroup < SmallestMinimumGroup:
		return Errorf(Invalid, "the smallest group of wave %q is %d, it must be at least %d", w.Key, w.MinimumGroup, SmallestMinimumGroup)
	case w.OpensAt.IsZero():
		return Errorf(Invalid, "wave %q does not say when it opens", w.Key)
	case !w.ClosesAt.IsZero() && !w.OpensAt.Before(w.ClosesAt):
		return Errorf(Invalid, "wave %q closes before it opens", w.Key)
	case w.LateHours < 0 || w.LateHours > MostLateHours:
		return Errorf(Invalid, "wave %q takes late answers for %d hours; it can be 0 (none) to %d", w.Key, w.LateHours, MostLateHours)
	}
	_, err := LoadZone(w.Zone)
	return err
}

// Target is how many people are wanted: of an organization, a team or a role, or
// in the whole wave where none of them is set.
type Target struct {
	OrganizationID OrganizationID
	TeamID         TeamID
	Role           string
	People         int
}

// CheckTargets says in words what is wrong with the targets of a wave.
func CheckTargets(targets []Target) error {
	seen := make(map[Target]bool, len(targets))
	for i, t := range targets {
		named := 0
		for _, part := range []string{string(t.OrganizationID), string(t.TeamID), t.Role} {
			if part != "" {
				named++
			}
		}
		people := t.People
		t.People = 0
		switch {
		case named > 1:
			return Errorf(Invalid, "target %d names more than one of organization, team and role: give each a target of its own", i+1)
		case people < 1 || people > MostTargetPeople:
			return Errorf(Invalid, "target %d is %d people; it must be between 1 and %d", i+1, people, MostTargetPeople)
		case seen[t]:
			return Errorf(Invalid, "target %d is given twice", i+1)
		}
		seen[t] = true
	}
	return nil
}

// orderTargets is the one order in which targets are sealed.
func orderTargets(a, b Target) int {
	return cmp.Or(cmp.Compare(a.OrganizationID, b.OrganizationID), cmp.Compare(a.TeamID, b.TeamID), cmp.Compare(a.Role, b.Role))
}

// Terms are what defines a wave and is sealed when it opens: nothing of it changes
// afterwards. The end of the window may move, by an explicit extension or early
// close, each of which is listed beside the seal; here stands the end as planned.
type Terms struct {
	Version      int            `json:"seal"`
	Wave         string         `json:"wave"`
	Study        StudyID        `json:"study"`
	Instrument   string         `json:"instrument"`
	Criteria     string         `json:"criteria,omitempty"`
	Mode         Mode           `json:"mode"`
	MinimumGroup int            `json:"minimum_group"`
	Weights      string         `json:"weights"` // one for each person; only imports bring others
	OpensAt      time.Time      `json:"opens_at"`
	ClosesAt     *time.Time     `json:"planned_closes_at,omitempty"`
	LateHours    int            `json:"late_hours"`
	Targets      []SealedTarget `json:"targets,omitempty"`
	// What respondents agree to; seals of version 1 have none of it.
	Purpose  string            `json:"purpose,omitempty"`
	Purposes map[string]string `json:"purposes,omitempty"`
}

// termsVersion is that of seals which are made now.
const termsVersion = 2

// HasPurpose says whether the purpose is sealed, too.
func (t Terms) HasPurpose() bool { return t.Version >= termsVersion }

// SealedTarget is a target inside the terms.
type SealedTarget struct {
	Organization OrganizationID `json:"organization,omitempty"`
	Team         TeamID         `json:"team,omitempty"`
	Role         string         `json:"role,omitempty"`
	People       int            `json:"people"`
}

// TermsOf gathers what defines a wave of the study.
func TermsOf(w Wave, study Study, targets []Target) Terms {
	t := Terms{Version: termsVersion, Purpose: study.Purpose, Purposes: study.Purposes.All(), Wave: w.Key, Study: w.StudyID, Instrument: w.InstrumentHash, Criteria: w.CriteriaHash, Mode: cmp.Or(w.Mode, Confidential),
		MinimumGroup: w.MinimumGroup, Weights: "equal", OpensAt: w.OpensAt.UTC(), LateHours: w.LateHours}
	if !w.ClosesAt.IsZero() {
		end := w.ClosesAt.UTC()
		t.ClosesAt = &end
	}
	for _, target := range slices.SortedFunc(slices.Values(targets), orderTargets) {
		t.Targets = append(t.Targets, SealedTarget{target.OrganizationID, target.TeamID, target.Role, target.People})
	}
	return t
}

// Canonical is the form that is hashed and kept.
func (t Terms) Canonical() []byte {
	data, err := json.Marshal(t)
	if err != nil {
		panic("survey: the terms of wave " + t.Wave + " can not be written: " + err.Error())
	}
	return data
}

// Hash is "sha256:" and the hexadecimal hash of the canonical form.
func (t Terms) Hash() string { return hashOf(t.Canonical()) }

func hashOf(document []byte) string {
	sum := sha256.Sum256(document)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// ReadTerms reads terms as they were sealed.
func ReadTerms(document []byte) (Terms, error) {
	var t Terms
	if err := json.Unmarshal(document, &t); err != nil {
		return t, Errorf(Internal, "the sealed terms of a wave can not be read: %w", err)
	}
	return t, nil
}

// Seal is what was sealed about a wave, and how its end has moved since.
type Seal struct {
	Hash     string
	Document []byte // canonical form of the terms
	Terms    Terms
	Changes  []WindowChange // the oldest first
	// Broken says in words what was changed past the program; empty: nothing.
	Broken string
}

// Mismatch says in words where a wave is no longer what was sealed, which only
// somebody with access to the database can bring about; empty: nowhere.
func (s Seal) Mismatch(w Wave, targets []Target) string {
	planned := time.Time{}
	if s.Terms.ClosesAt != nil {
		planned = *s.Terms.ClosesAt
	}
	end := planned
	for _, c := range s.Changes {
		if !c.From.Equal(end) {
			return "the moves of its end do not follow from each other"
		}
		end = c.To
	}
	if !w.ClosesAt.Equal(end) {
		return "its end is another one than was planned, extended or closed early"
	}
	w.ClosesAt = planned
	// The purpose is kept in the seal alone: pages show it from there.
	terms := TermsOf(w, Study{}, targets)
	terms.Version, terms.Purpose, terms.Purposes = s.Terms.Version, s.Terms.Purpose, s.Terms.Purposes
	switch now := terms.Hash(); {
	case hashOf(s.Document) != s.Hash || w.Seal != s.Hash:
		return "the sealed document is another one than its hash names"
	case now != s.Hash:
		return "its settings or target numbers are others than were sealed"
	}
	return ""
}

// WindowChangeKind says how the end of a window was moved.
type WindowChangeKind string

// The ways in which the end of an open wave moves.
const (
	Extended    WindowChangeKind = "extended"
	ClosedEarly WindowChangeKind = "closed_early"
)

// WindowChange is one move of the end of a wave.
type WindowChange struct {
	Kind      WindowChangeKind
	ChangedAt time.Time
	From      time.Time // zero: it had no end
	To        time.Time
	Reason    string
}

// Changed lists in words what the new settings of a wave would change of what is
// sealed. The end counts: it moves by an extension or an early close only.
func (w Wave) Changed(to Wave) []string {
	var changed []string
	for _, part := range []struct {
		name string
		same bool
	}{
		{"the study", w.StudyID == to.StudyID},
		{"the questionnaire", w.InstrumentHash == to.InstrumentHash},
		{"the criteria", w.CriteriaHash == to.CriteriaHash},
		{"the mode", cmp.Or(w.Mode, Confidential) == cmp.Or(to.Mode, Confidential)},
		{"the smallest group", w.MinimumGroup == to.MinimumGroup},
		{"the opening", w.OpensAt.Equal(to.OpensAt)},
		{"the end (extend the wave or close it early instead)", w.ClosesAt.Equal(to.ClosesAt)},
		{"the rule for late answers", w.LateHours == to.LateHours},
	} {
		if !part.same {
			changed = append(changed, part.name)
		}
	}
	return changed
}
