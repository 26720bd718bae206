package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/mail"
	"github.com/salesbench/salesbench/survey/store"
)

// mailCommand looks after invitations and reminders by mail.
type mailCommand struct {
	Roster    mailRoster    `cmd:"" help:"Add the people of a wave, with their addresses, from a CSV file."`
	Send      mailSend      `cmd:"" help:"Send invitations, or reminders to those who have not answered."`
	Status    mailStatus    `cmd:"" help:"Show the sendings of a wave and what became of their messages."`
	Pause     mailPause     `cmd:"" help:"Stop a sending for a while."`
	Resume    mailResume    `cmd:"" help:"Go on with a paused sending."`
	Cancel    mailCancel    `cmd:"" help:"End a sending: what has not left does not leave."`
	Uncertain mailUncertain `cmd:"" help:"Show messages of a sending that were perhaps sent, or decide about them."`
	Bounce    mailBounce    `cmd:"" help:"Note addresses to which mail came back, so that nothing is sent there any more."`
	Stop      mailStop      `cmd:"" help:"Note addresses that want no mail."`
}

// Help is the manual page.
func (mailCommand) Help() string {
	return `Messages leave by a running "salesbench serve", at the rate of their sending, however many replicas run:

    salesbench mail roster autumn people.csv
    salesbench mail send autumn
    salesbench mail status autumn
    salesbench mail send autumn --kind reminder --at 2026-11-09T09:00

No message is sent twice by itself. One whose sender died between its last byte and the answer of the mail server is uncertain: "salesbench mail uncertain" shows it, and you decide.`
}

// mailStoreFlags are what every subcommand needs.
type mailStoreFlags struct {
	storeFlags
	keyFlags
}

// withMail opens the database with the key of the installation.
func (f mailStoreFlags) withMail(ctx context.Context, p *program, work func(*store.Store) error) error {
	return f.withStore(ctx, p, false, func(s *store.Store) error {
		if err := f.use(ctx, s, f.storeFlags); err != nil {
			return err
		}
		return work(s)
	})
}

// audited names the deed of the command line in the audit log.
func audited(ctx context.Context, action, object string, study survey.StudyID) context.Context {
	return store.Audited(ctx, onCommandLine(), store.Deed{Action: action, Object: object, Study: study})
}

type mailSend struct {
	mailStoreFlags
	Wave      string   `arg:"" help:"Short name of the wave."`
	Kind      string   `name:"kind" default:"invitation" enum:"invitation,reminder" help:"invitation (default) or reminder; a reminder goes to those only who have not answered."`
	At        string   `name:"at" help:"When: 2026-11-09T09:00 (local time) or with a zone. Default: now."`
	PerMinute int      `name:"per-minute" default:"120" help:"Messages a minute, over all replicas (default 120)."`
	Org       []string `name:"org" help:"Only to people of these organizations (default: all)."`
	JSON      bool     `name:"json" help:"Print JSON."`
}

// Run plans the sending.
func (c *mailSend) Run(ctx context.Context, p *program) error {
	at := p.now()
	if c.At != "" {
		var err error
		if at, err = parseTime(c.At); err != nil {
			return usagef("--at: %w", err)
		}
	}
	return c.withMail(ctx, p, func(s *store.Store) error {
		study, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		campaign := survey.Campaign{WaveID: wave.ID, Kind: survey.MailKind(c.Kind), PerMinute: c.PerMinute, ScheduledAt: at}
		for _, key := range c.Org {
			o, err := s.OrganizationByKey(ctx, study.ID, key)
			if err != nil {
				return err
			}
			campaign.Organizations = append(campaign.Organizations, o.ID)
		}
		if campaign, err = s.PlanCampaign(audited(ctx, "campaign.plan", "wave "+wave.Key, study.ID), campaign); err != nil {
			return err
		}
		report, err := newCampaignReport(ctx, s, campaign)
		if err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(p.Out, report)
		}
		fmt.Fprintf(p.Out, "%s %s is planned; \"salesbench serve\" sends it\n", campaign.Kind, campaign.ID)
		fmt.Fprintf(p.Out, "%s if it began now%s\n", plural(report.Ahead.Messages, "message"), report.Ahead.leftOut)
		return nil
	})
}

// campaignReport is a sending for scripts.
type campaignReport struct {
	ID        survey.CampaignID     `json:"id"`
	Kind      survey.MailKind       `json:"kind"`
	Status    survey.CampaignStatus `json:"status"`
	PerMinute int                   `json:"per_minute"`
	At        time.Time             `json:"scheduled_at"`
	Queued    int                   `json:"queued"`
	Sent      int                   `json:"sent"`
	Failed    int                   `json:"failed"`
	Bounced   int                   `json:"bounced"`
	Uncertain int                   `json:"uncertain"`
	OptedOut  int                   `json:"opted_out"`
	Answered  int                   `json:"answered"`
	Total     int                   `json:"total"`
	Ahead     *aheadReport          `json:"ahead,omitempty"` // of a planned one
}

// aheadReport is what would become of a planned sending if it began now.
type aheadReport struct {
	Messages int `json:"messages"`
	Answered int `json:"answered"`
	Invited  int `json:"invited_before"`
	OptedOut int `json:"opted_out"`
	Bounced  int `json:"bounced"`

	leftOut string // the same in words
}

func newAheadReport(ctx context.Context, s *store.Store, id survey.CampaignID) (*aheadReport, error) {
	n, err := s.CampaignAhead(ctx, id)
	r := &aheadReport{Messages: n.Queued, Answered: n.Answered, Invited: n.Invited, OptedOut: n.OptedOut, Bounced: n.Bounced}
	if left := n.LeftOut(); left != "" {
		r.leftOut = "; " + left
	}
	return r, err
}

func newCampaignReport(ctx context.Context, s *store.Store, c survey.Campaign) (campaignReport, error) {
	n, err := s.CountCampaign(ctx, c.ID)
	if err != nil {
		return campaignReport{}, err
	}
	var ahead *aheadReport
	if c.Status == survey.CampaignPlanned {
		ahead, err = newAheadReport(ctx, s, c.ID)
	}
	return campaignReport{Ahead: ahead, ID: c.ID, Kind: c.Kind, Status: c.Status, PerMinute: c.PerMinute, At: c.ScheduledAt, Queued: n.Open(), Sent: n.Sent,
		Failed: n.Failed, Bounced: n.Bounced, Uncertain: n.Uncertain, OptedOut: n.OptedOut, Answered: n.Answered, Total: n.Total()}, err
}

type mailStatus struct {
	mailStoreFlags
	Wave string `arg:"" help:"Short name of the wave."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run prints one line for each sending.
func (c *mailStatus) Run(ctx context.Context, p *program) error {
	return c.withMail(ctx, p, func(s *store.Store) error {
		_, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		campaigns, err := s.Campaigns(ctx, wave.ID)
		if err != nil {
			return err
		}
		reports := []campaignReport{}
		var rows [][]string
		for _, campaign := range campaigns {
			r, err := newCampaignReport(ctx, s, campaign)
			if err != nil {
				return err
			}
			reports = append(reports, r)
			row := []string{string(r.ID), string(r.Kind), string(r.Status)}
			for _, n := range []int{r.Queued, r.Sent, r.Failed, r.Bounced, r.Uncertain, r.OptedOut, r.Answered} {
				row = append(row, fmt.Sprint(n))
			}
			rows = append(rows, row)
		}
		trouble, err := s.MailTrouble(ctx)
		if err != nil {
			return err
		}
		if trouble.Reason != "" {
			fmt.Fprintf(p.Err, "no mail leaves since %s: %s\n", trouble.Since.Local().Format("2006-01-02 15:04"), trouble.Reason)
		}
		if c.JSON {
			return writeJSON(p.Out, reports)
		}
		return columns(p.Out, []string{"ID", "KIND", "STATUS", "QUEUED", "SENT", "FAILED", "BOUNCED", "UNCERTAIN", "OPTED OUT", "ANSWERED"}, rows)
	})
}

type mailTurn struct {
	mailStoreFlags
	ID string `arg:"" help:"Id of the sending, as \"salesbench mail status\" shows it."`
}

func (c *mailTurn) turn(ctx context.Context, p *program, action string, turn func(*store.Store, context.Context, survey.CampaignID) (survey.Campaign, error)) error {
	return c.withMail(ctx, p, func(s *store.Store) error {
		campaign, err := turn(s, audited(ctx, "campaign."+action, "campaign "+c.ID, ""), survey.CampaignID(c.ID))
		if err == nil {
			fmt.Fprintf(p.Out, "%s %s is %s\n", campaign.Kind, campaign.ID, campaign.Status)
		}
		return err
	})
}

type (
	mailPause  struct{ mailTurn }
	mailResume struct{ mailTurn }
	mailCancel struct{ mailTurn }
)

// Run pauses the sending.
func (c *mailPause) Run(ctx context.Context, p *program) error {
	return c.turn(ctx, p, "pause", (*store.Store).PauseCampaign)
}

// Run goes on with the sending.
func (c *mailResume) Run(ctx context.Context, p *program) error {
	return c.turn(ctx, p, "resume", (*store.Store).ResumeCampaign)
}

// Run ends the sending.
func (c *mailCancel) Run(ctx context.Context, p *program) error {
	return c.turn(ctx, p, "cancel", (*store.Store).CancelCampaign)
}

type mailUncertain struct {
	mailStoreFlags
	ID      string `arg:"" help:"Id of the sending."`
	Again   bool   `name:"again" xor:"decide" help:"Send all of them again; whoever got the first one gets a second."`
	Arrived bool   `name:"arrived" xor:"decide" help:"Count all of them as sent."`
}

// Run shows the messages, or decides about them.
func (c *mailUncertain) Run(ctx context.Context, p *program) error {
	return c.withMail(ctx, p, func(s *store.Store) error {
		mails, err := s.CampaignMails(ctx, survey.CampaignID(c.ID), store.MailListPage{Status: survey.MailUncertain, Limit: 100_000})
		if err != nil {
			return err
		}
		rows := make([][]string, len(mails))
		for i, m := range mails {
			rows[i] = []string{string(m.ID), plain(m.Reference), m.EndedAt.Local().Format("2006-01-02 15:04:05"), m.Reason}
			if !c.Again && !c.Arrived {
				continue
			}
			if err := s.DecideMail(audited(ctx, "mail.decide", "message "+string(m.ID), ""), m.ID, c.Again); err != nil {
				return err
			}
		}
		if c.Again || c.Arrived {
			fmt.Fprintf(p.Out, "decided about %s\n", plural(len(mails), "message"))
			return nil
		}
		return columns(p.Out, []string{"MESSAGE", "REFERENCE", "WHEN", "WHY"}, rows)
	})
}

type mailBounce struct {
	mailStoreFlags
	What []string `arg:"" help:"Addresses, or files (.eml) with reports that mail servers sent back."`
}

// Run notes the addresses.
func (c *mailBounce) Run(ctx context.Context, p *program) error {
	var bounces []store.Bounce
	for _, what := range c.What {
		if strings.Contains(what, "@") && !strings.HasSuffix(what, ".eml") {
			bounces = append(bounces, store.Bounce{Email: what, Reason: "noted by hand"})
			continue
		}
		f, err := os.Open(what)
		if err != nil {
			return err
		}
		returned, err := mail.ReadReport(f)
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		for _, r := range returned {
			bounces = append(bounces, store.Bounce{Email: r.Email, Status: r.Status, Reason: r.Reason, Report: true})
		}
	}
	return c.withMail(ctx, p, func(s *store.Store) error {
		found, err := s.PutBounces(audited(ctx, "mail.bounce", fmt.Sprintf("addresses: %d", len(bounces)), ""), bounces)
		if err == nil {
			fmt.Fprintf(p.Out, "noted %d, of which %d are addresses of people here\n", len(bounces), found)
		}
		return err
	})
}

type mailStop struct {
	mailStoreFlags
	Address  []string `arg:"" help:"Addresses."`
	Study    string   `name:"study" help:"Only mail about this study (default: any)."`
	Withdraw bool     `name:"withdraw" help:"They want mail again: take them out of this list, and out of that of mail that came back."`
}

// Run notes the addresses.
func (c *mailStop) Run(ctx context.Context, p *program) error {
	return c.withMail(ctx, p, func(s *store.Store) error {
		var study survey.Study
		var err error
		if c.Study != "" {
			if study, err = s.StudyByKey(ctx, c.Study); err != nil {
				return err
			}
		}
		for _, address := range c.Address {
			if c.Withdraw {
				err = s.WithdrawOptOut(audited(ctx, "mail.opt_in", "an address", study.ID), address)
			} else {
				err = s.OptOutAddress(audited(ctx, "mail.opt_out", "an address", study.ID), address, study.ID)
			}
			if err != nil {
				return err
			}
		}
		fmt.Fprintf(p.Out, "noted %d\n", len(c.Address))
		return nil
	})
}
