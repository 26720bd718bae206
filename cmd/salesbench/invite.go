package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// inviteCommand makes personal links.
type inviteCommand struct {
	storeFlags
	linkFlags
	Wave   string `name:"wave" required:"" help:"Short name of the wave."`
	Roster string `name:"roster" required:"" help:"CSV file with one person per row, - for standard input."`
	Out    string `name:"out" help:"Write the links to this CSV file instead of standard output."`
	JSON   bool   `name:"json" help:"Print JSON instead of CSV."`
}

// Help is the manual page.
func (inviteCommand) Help() string {
	return `The roster is comma-separated UTF-8 with a header. Columns: organization (its key), reference (your own mark for the person, such as a staff number; it must differ within the organization) and where wanted team. Names and addresses do not belong into it: nothing of that kind is kept.

The output repeats the rows with one link each. A link can be used once, by whoever has it; only its hash is kept, so that a lost output can not be printed again: an --out FILE that exists is not overwritten. All rows are taken or none.

Who is invited to the wave already gets no second link. A roster that has grown can be given again, and so can one whose invitation was broken off: only the new rows are invited.`
}

// Run makes the invitations.
func (c *inviteCommand) Run(ctx context.Context, p *program) error {
	if err := c.linkFlags.check().orNil(); err != nil {
		return err
	}
	roster, err := readSheet(p, c.Roster, []string{"organization", "reference"}, []string{"team"})
	if err != nil {
		return err
	}
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		_, wave, err := findWave(ctx, s, c.Wave)
		if err != nil {
			return err
		}
		if wave.State(p.now()) == survey.WaveClosed {
			return survey.Errorf(survey.Closed, "wave %s is closed: nobody could use the links", wave.Key)
		}
		r, err := c.read(ctx, p, s, wave, roster)
		if err != nil {
			return err
		}
		c.tellKnown(p, r)
		return c.invite(ctx, p, s, wave, r)
	})
}

// tellKnown says who is left out because of an earlier invitation.
func (c *inviteCommand) tellKnown(p *program, r *rosterReader) {
	if len(r.known) == 0 {
		return
	}
	first := r.known[:min(len(r.known), 5)]
	and := ""
	if more := len(r.known) - len(first); more > 0 {
		and = fmt.Sprintf(" and %d more", more)
	}
	fmt.Fprintf(p.Err, "invited to wave %s before, with a link that stays as it is (%d of %s): %s%s\n",
		c.Wave, len(r.known), plural(len(r.wrong.Sheet.Rows), "row"), plain(strings.Join(first, "; ")), and)
}

// invite keeps the invitations and writes the links. The file is made before: links
// that could not be written would be lost for good.
func (c *inviteCommand) invite(ctx context.Context, p *program, s *store.Store, wave survey.Wave, r *rosterReader) error {
	ctx = audited(ctx, "invitation.create", "wave "+wave.Key, wave.StudyID)
	if c.Out == "" {
		if _, err := s.CreateInvitations(ctx, wave.ID, r.invitations); err != nil {
			return err
		}
		return writeLinks(p.Out, r.links, c.JSON)
	}
	if len(r.links) == 0 {
		fmt.Fprintf(p.Err, "nobody is new; %s was not written\n", c.Out)
		return nil
	}
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return survey.Errorf(survey.Conflict, "--out: %s exists, and links in it could not be made again; name another file", c.Out)
	}
	if err != nil {
		return err
	}
	if _, err := s.CreateInvitations(ctx, wave.ID, r.invitations); err != nil {
		return errors.Join(err, f.Close(), os.Remove(c.Out))
	}
	if err := errors.Join(writeLinks(f, r.links, c.JSON), f.Close()); err != nil {
		return err
	}
	fmt.Fprintln(p.Err, "written to", c.Out)
	return nil
}

// invitee is what tells two people of a roster apart.
type invitee struct {
	organization survey.OrganizationID
	reference    string
}

// rosterReader checks the rows of a roster against a study.
type rosterReader struct {
	baseURL     string
	places      survey.RosterPlaces
	lines       map[[2]string]int // organization and reference -> line
	invited     map[invitee]bool
	known       []string // rows of people who are invited already, by line and reference
	wrong       *survey.Complaints
	links       []linkReport
	invitations []store.NewInvitation
}

// read checks the roster and draws a link for each row that is new.
func (c *inviteCommand) read(ctx context.Context, p *program, s *store.Store, wave survey.Wave, roster *survey.Sheet) (*rosterReader, error) {
	known, err := s.Organizations(ctx, wave.StudyID)
	if err != nil {
		return nil, err
	}
	teams, err := s.TeamsOfStudy(ctx, wave.StudyID)
	if err != nil {
		return nil, err
	}
	invitations, err := s.Invitations(ctx, wave.ID)
	if err != nil {
		return nil, err
	}
	r := &rosterReader{
		baseURL: c.BaseURL, wrong: survey.NewComplaints(roster), places: survey.NewRosterPlaces(known, teams),
		lines:   make(map[[2]string]int, len(roster.Rows)),
		invited: make(map[invitee]bool, len(invitations)),
		links:   []linkReport{},
	}
	for _, i := range invitations {
		r.invited[invitee{i.OrganizationID, i.Reference}] = true
	}
	bar := newProgress(p.Err, int64(len(roster.Rows)), "reading the roster")
	defer bar.done()
	for i, row := range roster.Rows {
		r.take(row)
		bar.set(int64(i + 1))
	}
	return r, r.wrong.Err()
}

// take checks one row.
func (r *rosterReader) take(row survey.SheetRow) {
	organization, team, known := r.places.Find(row, r.wrong)
	if organization.ID == "" {
		return
	}
	reference := row.Cell("reference")
	place := [2]string{organization.Key, reference}
	switch first, twice := r.lines[place]; {
	case reference == "":
		r.wrong.Add(row, "reference", "is empty")
	case twice:
		r.wrong.Add(row, "reference", "%q stands in line %d already", reference, first)
	}
	r.lines[place] = row.Line
	if r.invited[invitee{organization.ID, reference}] && reference != "" {
		r.known = append(r.known, fmt.Sprintf("line %d, %s of %s", row.Line, reference, organization.Key))
		return
	}
	if !known {
		return
	}
	token := auth.NewToken()
	r.links = append(r.links, linkReport{organization.Key, organization.Name, row.Cell("team"), reference, personalAddress(r.baseURL, token)})
	r.invitations = append(r.invitations, store.NewInvitation{
		OrganizationID: organization.ID, TeamID: team, Reference: reference, Token: auth.HashToken(token),
	})
}
