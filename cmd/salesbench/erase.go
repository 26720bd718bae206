package main

import (
	"context"
	"fmt"
	"io"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/jobs"
	"github.com/salesbench/salesbench/survey/store"
)

// eraseCommand removes what is known of one person.
type eraseCommand struct {
	storeFlags
	Wave         string `name:"wave" help:"Short name of the wave; not needed with --email, which looks in all."`
	Receipt      string `name:"receipt" help:"Receipt code of the response, such as 7KQM-2XWD-9RTC."`
	Reference    string `name:"reference" help:"Reference of the person in the roster."`
	Organization string `name:"organization" help:"Short name of the organization, where a reference comes in several."`
	Email        string `name:"email" help:"Address of the person, in all waves."`
	Yes          bool   `name:"yes" help:"Erase. Without it the command says what it would look for and changes nothing."`
	JSON         bool   `name:"json" help:"Print what was removed as JSON."`
}

// Help is the manual page.
func (eraseCommand) Help() string {
	return `Removes a person for good: the response, a draft, name and address, the invitation with its reference and link, mail that is waiting, and files of mail in the folder outbox of --data. A running "salesbench serve" with another folder removes its files within a minute; what has left through a mail server can not be called back. The person counts neither as invited nor as having answered any more. Results follow on every replica within a second. It says what was removed; the audit log says that somebody was erased, not who.

In an anonymous wave nothing leads from an invitation to answers: contact data go by --reference or --email, answers by --receipt only.

The figures of a wave move by this one person, also where people have seen them: the right to be forgotten comes before the protection of figures. Logs hold no answers, names or addresses. An SQLite file overwrites what is removed, and its log is emptied (the command says where somebody who was reading has kept that from happening). PostgreSQL keeps removed rows in its files until VACUUM, and in archives of its write-ahead log. Backups hold what they held: limit their age, and erase again after a restore.

  salesbench erase --wave autumn --receipt 7KQM-2XWD-9RTC --yes`
}

// found is an invitation to erase.
type found struct {
	wave       survey.WaveID
	invitation survey.InvitationID
}

// Run erases the person.
func (c *eraseCommand) Run(ctx context.Context, p *program) error {
	ways := 0
	for _, way := range []string{c.Receipt, c.Reference, c.Email} {
		if way != "" {
			ways++
		}
	}
	if ways != 1 || c.Wave == "" && c.Email == "" {
		return usagef("say which person: --wave with --receipt or --reference, or --email")
	}
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		began := p.now()
		total, err := c.erase(ctx, p, s)
		if err != nil || !c.Yes {
			return err
		}
		if total.MailFiles, err = jobs.ClearFolder(ctx, s, outboxIn(c.Data), began); err != nil {
			return err
		}
		if c.JSON {
			return writeJSON(p.Out, total)
		}
		return printErased(p.Out, total)
	})
}

func (c *eraseCommand) erase(ctx context.Context, p *program, s *store.Store) (store.Erased, error) {
	var total store.Erased
	if c.Receipt != "" {
		wave, err := s.WaveByKey(ctx, c.Wave)
		if err != nil {
			return total, err
		}
		if !c.Yes {
			fmt.Fprintf(p.Out, "would erase the response of wave %s with this receipt, and what is known of its respondent; add --yes\n", wave.Key)
			return total, nil
		}
		return s.EraseByReceipt(ctx, onCommandLine(), wave.ID, c.Receipt)
	}
	people, err := c.find(ctx, s)
	if err != nil {
		return total, err
	}
	if len(people) == 0 {
		return total, survey.Errorf(survey.NotFound, "nobody is known under this name")
	}
	if !c.Yes {
		fmt.Fprintf(p.Out, "would erase what is known of the person by %s; add --yes\n", plural(len(people), "invitation"))
		return total, nil
	}
	for _, one := range people {
		erased, err := s.EraseByInvitation(ctx, onCommandLine(), one.wave, one.invitation)
		if err != nil {
			return total, err
		}
		total.Add(erased)
	}
	return total, nil
}

// find looks for the invitations of the person.
func (c *eraseCommand) find(ctx context.Context, s *store.Store) ([]found, error) {
	var people []found
	if c.Email != "" {
		known, err := s.PersonsByEmail(ctx, c.Email)
		for _, person := range known {
			people = append(people, found{person.WaveID, person.InvitationID})
		}
		return people, err
	}
	wave, err := s.WaveByKey(ctx, c.Wave)
	if err != nil {
		return nil, err
	}
	var organization survey.Organization
	if c.Organization != "" {
		if organization, err = s.OrganizationByKey(ctx, wave.StudyID, c.Organization); err != nil {
			return nil, err
		}
	}
	invitations, err := s.InvitationsOf(ctx, wave.ID, organization.ID, c.Reference)
	if len(invitations) > 1 {
		return nil, survey.Errorf(survey.Conflict, "%d people have this reference: add --organization", len(invitations))
	}
	for _, i := range invitations {
		people = append(people, found{wave.ID, i.ID})
	}
	return people, err
}

func printErased(w io.Writer, e store.Erased) error {
	t := &printer{w: w}
	t.line("erased: %s, %s, %s, %s, %s", plural(e.Responses, "response"), plural(e.Drafts, "draft"), plural(e.Contacts, "contact"), plural(e.Links, "link"), plural(e.Mail, "waiting message"))
	if e.Sent > 0 {
		t.line("%s had left before; removed from the folder outbox here: %s; a running service with another folder follows within a minute", plural(e.Sent, "message"), plural(e.MailFiles, "file"))
	}
	if e.AnswersStay {
		t.line("answers to an anonymous wave may be there still: only the receipt leads to them (--receipt)")
	}
	if e.InLog {
		t.line("somebody was reading, so that the log of the database file still holds older states; erase again later or stop the service once")
	}
	t.line("backups hold what they held")
	return t.err
}
