package survey

import (
	"cmp"
	"context"
	"time"
)

// StudyID and the other ids are typed, so that a team's id is not passed for an
// organization's. All are UUIDs (version 7) made in the application, in text form.
type StudyID string

// WaveID is the id of a Wave.
type WaveID string

// OrganizationID is the id of an Organization.
type OrganizationID string

// TeamID is the id of a Team.
type TeamID string

// InvitationID is the id of an Invitation.
type InvitationID string

// ResponseID is the id of a Response.
type ResponseID string

// DraftID is the id of a Draft, and the key of its submission.
type DraftID string

// Origin says where the data of a study come from; pages name it.
type Origin string

// The origins of a study's data.
const (
	Fieldwork Origin = "fieldwork" // collected with salesbench
	Imported  Origin = "imported"  // written by others, with attribution
	Generated Origin = "generated" // made up for a demonstration
)

// Study is a research undertaking with one or more waves.
type Study struct {
	ID          StudyID
	Key         string // short, unique, used in addresses
	Title       string
	Purpose     string       // one paragraph for the consent page: who asks and what for
	Purposes    Translations // of the purpose, for pages in these languages
	Contact     string       // who answers questions about the study
	Origin      Origin
	Attribution string // credit and licence of imported data
	Sender      string // name that mail comes from; empty: that of the installation, or the title
	CreatedAt   time.Time
}

// PurposeIn is the purpose as a page in the language says it.
func (s Study) PurposeIn(language string) string {
	return cmp.Or(s.Purposes.All()[language], s.Purpose)
}

// SenderName is the name that mail about the study comes from, where the installation
// has the name given or none.
func (s Study) SenderName(installation string) string {
	return cmp.Or(s.Sender, installation, s.Title)
}

// Wave is one field period of a study with one instrument and one criteria document.
type Wave struct {
	ID             WaveID
	StudyID        StudyID
	Key            string // unique over the whole installation, used in addresses and commands
	Title          string
	InstrumentHash string
	CriteriaHash   string // empty: this wave names no tiers
	Mode           Mode   // empty: Confidential
	OpensAt        time.Time
	ClosesAt       time.Time // zero: open until closed by hand
	LateHours      int       // how long after the close a draft begun before it may still be sent; 0: not at all
	MinimumGroup   int       // smallest number of respondents in a shown group, at least 5
	Zone           string    // time zone of mails and of pages without scripts; empty: UTC
	Seal           string    // hash of what is sealed when the wave opens; the store sets it
	CreatedAt      time.Time
	HeldAt         time.Time // zero: results are released when the wave closes
	ReleasedAt     time.Time // when results first became final; zero: not yet, or by the end of the window alone
}

// Released says whether the results of the wave are, or once were, final: people
// have seen all of it. A wave that is held is released by hand, any other when no
// answer can come any more. Single answers must not be told from two looks: what is excluded before
// is left out of what becomes final, what is excluded afterwards changes nothing
// that readers see.
func (w Wave) Released(now time.Time) bool {
	return !w.ReleasedAt.IsZero() || w.HeldAt.IsZero() && w.Settled(now)
}

// ShownFrom is how many responses an organization needs at the moment for its figures
// to be shown: the smallest group when results are final. Until then answers enter in
// steps of that group and the last step waits, so that it takes twice as many; 0 says
// that nothing is shown before the end.
func (w Wave) ShownFrom(now time.Time) int {
	switch {
	case w.Settled(now) && w.Released(now):
		return w.MinimumGroup
	case w.Mode == Anonymous && !w.Settled(now):
		return 0
	}
	return 2 * w.MinimumGroup
}

// WaveState follows from the wave's window and the clock.
type WaveState string

// The states of a wave.
const (
	WavePlanned WaveState = "planned"
	WaveOpen    WaveState = "open"
	WaveClosed  WaveState = "closed"
)

// State returns the state of the wave at the moment.
func (w Wave) State(now time.Time) WaveState {
	if now.Before(w.OpensAt) {
		return WavePlanned
	}
	if !w.ClosesAt.IsZero() && !now.Before(w.ClosesAt) {
		return WaveClosed
	}
	return WaveOpen
}

// LateUntil is the moment up to which drafts begun before the close are taken;
// zero where the wave has no end yet.
func (w Wave) LateUntil() time.Time {
	if w.ClosesAt.IsZero() {
		return time.Time{}
	}
	return w.ClosesAt.Add(time.Duration(w.LateHours) * time.Hour)
}

// TakesDrafts says whether a draft begun before the close may be saved and sent.
func (w Wave) TakesDrafts(now time.Time) bool {
	return w.State(now) == WaveOpen || w.State(now) == WaveClosed && now.Before(w.LateUntil())
}

// Local is the moment in the time zone in which respondents of the wave are told it.
func (w Wave) Local(t time.Time) time.Time { return t.In(ZoneOr(w.Zone)) }

// Settled says whether no answer can come any more: the wave is closed, and the
// time for late drafts is over.
func (w Wave) Settled(now time.Time) bool {
	return w.State(now) == WaveClosed && !w.TakesDrafts(now)
}

// AnswersShown says in words why nobody may look at the answers of the wave yet, or
// nil. Those of an anonymous wave are shown when all have come: whoever looked
// before and after somebody has answered would see whose they are.
func (w Wave) AnswersShown(ctx context.Context, now time.Time) error {
	if w.Mode != Anonymous || w.Settled(now) {
		return nil
	}
	when := "when it is closed"
	if !w.ClosesAt.IsZero() {
		when = "after " + w.Tell(ctx, w.LateUntil())
	}
	return Errorf(Forbidden, "wave %q is anonymous: its answers and results are shown %s, all at once, so that nobody can tell whose answers came when", w.Key, when)
}

// Organization is one organization of a study. Industry, Region and Size are
// codes of the built-in items where they fit, free text otherwise.
type Organization struct {
	ID       OrganizationID
	StudyID  StudyID
	Key      string // unique in the study, used in addresses
	Name     string // hostile input wherever it is shown
	Industry string
	Region   string
	Size     string
}

// Team is a group inside an organization.
type Team struct {
	ID             TeamID
	OrganizationID OrganizationID
	Name           string
}

// Invitation is the right to answer once in a wave. Only the hash of its token is kept.
type Invitation struct {
	ID             InvitationID
	WaveID         WaveID
	OrganizationID OrganizationID
	TeamID         TeamID // may be empty
	Reference      string // the roster's own reference of the person; never leaves the roster pages
	CreatedAt      time.Time
	UsedAt         time.Time // zero: not used
}

// OpenLink lets anybody who has it answer for one organization of a wave.
type OpenLink struct {
	ID             string
	WaveID         WaveID
	OrganizationID OrganizationID
	TeamID         TeamID // may be empty
	CreatedAt      time.Time
	RevokedAt      time.Time // zero: it is valid
}

// Draft is what a respondent has saved and not submitted.
type Draft struct {
	ID             DraftID // also the submission key
	WaveID         WaveID
	OrganizationID OrganizationID
	TeamID         TeamID
	InvitationID   InvitationID // empty for a draft begun from an open link
	Role           string
	Language       string
	Answers        Answers
	Version        int // grows with each save; a save of an older version is a conflict to merge
	Seconds        []float32
	StartedAt      time.Time
	UpdatedAt      time.Time
}

// Response is one person's submitted answers in one wave.
type Response struct {
	ID             ResponseID
	WaveID         WaveID
	OrganizationID OrganizationID
	TeamID         TeamID
	Role           string
	Language       string
	Answers        Answers
	Seconds        []float32 // time on each section, by section position; nil where not measured
	Weight         float64   // 1 unless an import brought one
	StartedAt      time.Time
	SubmittedAt    time.Time
}

// Submission asks for one response to be kept for good. Key comes from the
// client: the same key with the same Digest gives the same receipt again, with
// another digest a Conflict.
type Submission struct {
	Key          string
	Digest       [32]byte
	InvitationID InvitationID // empty for an open link
	DraftID      DraftID      // removed in the same transaction
	DraftVersion int          // that the answers are of: a draft that was saved since, or is gone, is a Conflict; 0: whatever it is
	Response     Response
}

// Receipt is what a respondent keeps.
type Receipt struct {
	Code        string // short, for reading aloud
	ResponseID  ResponseID
	SubmittedAt time.Time
	Again       bool // the submission had been taken before
}

// Aggregate is an organization's published share of agreement on one item or
// theme, from a source that gives no single answers.
type Aggregate struct {
	WaveID         WaveID
	OrganizationID OrganizationID
	Measure        string  // item key or theme key
	Share          float64 // 0..1
	N              int     // 0: the source gives no count
}
