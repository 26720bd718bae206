package survey

import "time"

// Retention says for how many days after the end of a wave a study keeps what it
// has collected. 0 is: for as long as nobody removes it.
type Retention struct {
	IdentityDays int // names, addresses, references and links, and which response they belong to
	DraftDays    int // answers that were never sent
	ResponseDays int
}

// RetentionPart is what is removed at a time.
type RetentionPart string

// The parts of what a wave has collected.
const (
	KeptIdentity  RetentionPart = "identity"
	KeptDrafts    RetentionPart = "drafts"
	KeptResponses RetentionPart = "responses"
)

// mostRetentionDays is a hundred years: more is meant as for ever, which is 0.
const mostRetentionDays = 36_500

// CheckRetention says what is wrong with periods that are to be set.
func CheckRetention(r Retention) error {
	for _, days := range []int{r.IdentityDays, r.DraftDays, r.ResponseDays} {
		if days < 0 || days > mostRetentionDays {
			return Errorf(Invalid, "a period of %d days can not be: give 1 to %d, or 0 to keep", days, mostRetentionDays)
		}
	}
	return nil
}

// Due lists what of a wave has been kept for long enough. A wave that still takes
// answers, or has no end, keeps everything.
func (r Retention) Due(w Wave, now time.Time) []RetentionPart {
	var due []RetentionPart
	if !w.Settled(now) {
		return nil
	}
	for _, part := range []struct {
		days int
		part RetentionPart
	}{{r.IdentityDays, KeptIdentity}, {r.DraftDays, KeptDrafts}, {r.ResponseDays, KeptResponses}} {
		if part.days > 0 && !now.Before(w.LateUntil().AddDate(0, 0, part.days)) {
			due = append(due, part.part)
		}
	}
	return due
}
