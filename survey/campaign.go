package survey

import (
	"strings"
	"time"
)

// RespondentID is the id of a Respondent.
type RespondentID string

// CampaignID is the id of a Campaign.
type CampaignID string

// MailID is the id of a mail in the outbox.
type MailID string

// Respondent is whom an invitation was made for: contact data, erasable, apart
// from answers.
type Respondent struct {
	ID             RespondentID
	WaveID         WaveID
	InvitationID   InvitationID
	OrganizationID OrganizationID
	TeamID         TeamID // may be empty
	Reference      string // of the roster; may be empty
	Email          string
	Name           string
	Language       string // empty: that of the installation
	Role           string // a hint; what the respondent says counts
	Answered       bool
	Bounced        bool // mail to the address came back
	OptedOut       bool // wants no mail about this study
	CreatedAt      time.Time
}

// CampaignStatus is what becomes of a campaign.
type CampaignStatus string

// The states of a campaign.
const (
	CampaignPlanned   CampaignStatus = "planned"
	CampaignRunning   CampaignStatus = "running"
	CampaignPaused    CampaignStatus = "paused"
	CampaignDone      CampaignStatus = "done"
	CampaignCancelled CampaignStatus = "cancelled"
)

// Campaign is one sending of invitations or reminders in a wave.
type Campaign struct {
	ID            CampaignID
	WaveID        WaveID
	Kind          MailKind // InvitationMail or ReminderMail
	Status        CampaignStatus
	PerMinute     int              // messages, over all replicas
	Organizations []OrganizationID // empty: all
	Teams         []TeamID         // empty: all
	ScheduledAt   time.Time        // zero: when somebody starts it
	QueuedAt      time.Time        // when all its messages stood in the outbox; zero: not yet
	CreatedAt     time.Time
	StartedAt     time.Time
	EndedAt       time.Time
}

// CampaignCounts are the messages of a campaign by what became of them. Their sum
// is the number of people that the campaign is about.
type CampaignCounts struct {
	Queued    int // not sent yet
	Sending   int // on their way just now
	Sent      int
	Failed    int // given up after several attempts, or refused for another reason than the address
	Bounced   int // refused for good, now or before
	Uncertain int // perhaps sent: the process died between the server's answer and our note
	OptedOut  int // wanted no mail
	Answered  int // had answered before their turn came
	Invited   int // had got an invitation before
	Closed    int // the wave was over
	Erased    int // the contact data are gone
	Cancelled int
}

// Total is the number of people that the campaign is about.
func (c CampaignCounts) Total() int {
	return c.Queued + c.Sending + c.Sent + c.Failed + c.Bounced + c.Uncertain + c.OptedOut + c.Answered + c.Invited + c.Closed + c.Erased + c.Cancelled
}

// Add counts messages of a status; the reason counts for skipped ones. False: there
// is no such status.
func (c *CampaignCounts) Add(status MailStatus, reason string, n int) bool {
	if status != MailSkipped {
		reason = ""
	}
	place, known := map[string]*int{string(MailQueued): &c.Queued, string(MailClaimed): &c.Sending, string(MailSending): &c.Sending, string(MailSent): &c.Sent,
		string(MailFailed): &c.Failed, string(MailBounced): &c.Bounced, string(MailUncertain): &c.Uncertain, string(MailCancelled): &c.Cancelled,
		string(MailSkipped) + SkipOptedOut: &c.OptedOut, string(MailSkipped) + SkipAnswered: &c.Answered, string(MailSkipped) + SkipInvited: &c.Invited,
		string(MailSkipped) + SkipClosed: &c.Closed, string(MailSkipped) + SkipErased: &c.Erased}[string(status)+reason]
	if known {
		*place += n
	}
	return known
}

// Open is the number of messages of which something is still to come.
func (c CampaignCounts) Open() int { return c.Queued + c.Sending }

// LeftOut says in words who gets no message of a campaign, and why; empty: everybody
// gets one.
func (c CampaignCounts) LeftOut() string {
	var parts []string
	left := 0
	for _, part := range []struct {
		n         int
		one, many string
	}{{c.Answered, "has answered", "have answered"}, {c.Invited, "was invited before", "were invited before"}, {c.OptedOut, "wants no mail", "want no mail"},
		{c.Bounced, "could not be reached before", "could not be reached before"}} {
		switch left += part.n; {
		case part.n == 1:
			parts = append(parts, "1 "+part.one)
		case part.n > 1:
			parts = append(parts, Thousands(part.n)+" "+part.many)
		}
	}
	if left == 0 {
		return ""
	}
	return "nothing to " + Thousands(left) + " more: " + strings.Join(parts, ", ")
}

// MailStatus is what has become of one message.
type MailStatus string

// The states of a message. A claimed one has surely not left; one that is being
// sent may have.
const (
	MailQueued    MailStatus = "queued"
	MailClaimed   MailStatus = "claimed"
	MailSending   MailStatus = "sending"
	MailSent      MailStatus = "sent"
	MailFailed    MailStatus = "failed"
	MailBounced   MailStatus = "bounced"
	MailUncertain MailStatus = "uncertain"
	MailSkipped   MailStatus = "skipped"
	MailCancelled MailStatus = "cancelled"
)

// MailStatuses are all of them.
var MailStatuses = []MailStatus{MailQueued, MailClaimed, MailSending, MailSent, MailFailed, MailBounced, MailUncertain, MailSkipped, MailCancelled}

// Reasons for which a message of a campaign is skipped.
const (
	SkipAnswered = "answered"
	SkipOptedOut = "opted_out"
	SkipInvited  = "invited"
	SkipErased   = "erased"
	SkipClosed   = "closed" // the wave
)
