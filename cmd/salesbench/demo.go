package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"strings"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

//go:embed examples/*/*.json examples/*/*.csv examples/*/*.gz
var examples embed.FS

// demoCommand shows everything without any preparation.
type demoCommand struct {
	Listen   string `name:"listen" setting:"SALESBENCH_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on (default 127.0.0.1:8080); port 0 takes any free one."`
	Data     string `name:"data" setting:"SALESBENCH_DEMO_DATA" default:"data/demo" help:"Folder of the demonstration's database (default data/demo). A second start goes on with it; delete it to begin anew."`
	Database string `name:"database" help:"PostgreSQL instead of the embedded SQLite file: postgres://user:password@host/name."`
	BaseURL  string `name:"base-url" setting:"SALESBENCH_BASE_URL" help:"Address that visitors use. Default: http:// and --listen."`
	LogLevel string `name:"log-level" setting:"SALESBENCH_LOG_LEVEL" default:"warn" help:"Least level that is logged: debug, info, warn or error (default warn)."`
}

// Help is the manual page.
func (demoCommand) Help() string {
	return `Starts a complete service that is filled with:

a generated study of 42 fictional organizations, in which managers of a few excellent organizations coach and line up resources while those of the others mostly count; some organizations are too small to be shown, and one has a name that tries to break pages;

the UK Civil Service People Survey 2018 and 2019 (shares of about 100 organizations each, Open Government Licence) and course evaluations from Turkiye (5,820 single answers, CC BY 4.0).

It prints the addresses to open. Results are open to everybody who can reach the service: use "salesbench serve" for anything real.`
}

// demoWave is the wave of the generated study.
const demoWave = "demo"

// Run fills the database where it is empty, prints what to open and serves.
func (c *demoCommand) Run(ctx context.Context, p *program) error {
	flags := serveFlags{
		storeFlags: storeFlags{Data: c.Data, Database: c.Database}, logFlags: logFlags{c.LogLevel, "text"},
		Listen: c.Listen, BaseURL: c.BaseURL, Results: "open", Migrate: true,
	}
	if err := flags.check().orNil(); err != nil {
		return err
	}
	s, err := openService(ctx, p, flags)
	if err != nil {
		return err
	}
	lines, err := fillDemo(ctx, p, s)
	if err != nil {
		s.abandon()
		return err
	}
	for _, line := range lines {
		fmt.Fprintln(p.Out, line)
	}
	line, err := s.setUpLink(ctx, p)
	if err != nil {
		s.abandon()
		return err
	}
	fmt.Fprint(p.Out, "\n"+line)
	place := c.Data
	if c.Database != "" {
		place = "the database"
	}
	fmt.Fprintf(p.Out, "\nThe data are kept in %s. Ctrl-C ends the demonstration.\n", place)
	return s.run(ctx)
}

// fillDemo brings in what is missing and returns what to tell the visitor.
func fillDemo(ctx context.Context, p *program, s *service) ([]string, error) {
	if err := fillGenerated(ctx, p, s.store); err != nil {
		return nil, err
	}
	for _, example := range demoExamples {
		if err := example.fill(ctx, p, s.store); err != nil {
			return nil, fmt.Errorf("%s: %w", example.wave, err)
		}
	}
	return demoLinks(ctx, p, s)
}

// fillGenerated keeps the generated study. A first start that was broken off is
// finished by the next one: everything before the responses can be done twice, and
// the responses are one transaction.
func fillGenerated(ctx context.Context, p *program, s *store.Store) error {
	if wave, err := s.WaveByKey(ctx, demoWave); err == nil {
		edition, err := s.CountResponses(ctx, wave.ID)
		if err != nil || edition.Responses > 0 {
			return err
		}
	} else if survey.KindOf(err) != survey.NotFound {
		return err
	}
	documents, err := readDocuments(p, "builtin", "organizations/1")
	if err != nil {
		return err
	}
	now := p.now()
	world := generate(generatedSeed, documents.instrument, now)
	study, err := s.PutStudy(ctx, world.study())
	if err != nil {
		return err
	}
	wave, err := documents.put(ctx, s, survey.Wave{
		StudyID: study.ID, Key: demoWave, Title: "Demonstration wave", OpensAt: now.AddDate(0, 0, -28), MinimumGroup: 10,
	})
	if err != nil {
		return err
	}
	places, err := world.put(ctx, s, study.ID)
	if err != nil {
		return err
	}
	_, err = s.ImportResponses(ctx, wave.ID, world.imported(places), nil)
	return err
}

// put keeps the fictional organizations with their teams.
func (g generated) put(ctx context.Context, s *store.Store, study survey.StudyID) (*places, error) {
	l := newPlaces()
	for _, o := range g.organizations {
		for _, team := range o.teams {
			l.add(o.Organization, team)
		}
	}
	return l, l.put(ctx, s, study)
}

// imported hands on the responses with their places. Their ids come from the seed
// too, so that figures that need random draws are the same on every machine.
func (g generated) imported(l *places) iter.Seq2[store.ImportedResponse, error] {
	ids := rand.New(rand.NewPCG(generatedSeed, 1))
	return func(yield func(store.ImportedResponse, error) bool) {
		for i, o := range g.organizations {
			for _, made := range g.responses[i] {
				r := made.response
				r.ID = survey.ResponseID(madeID(ids))
				r.OrganizationID, r.TeamID = l.find(o.Key, o.teams[made.team])
				if !yield(store.ImportedResponse{Response: &r}, nil) {
					return
				}
			}
		}
	}
}

// madeID draws a UUID of version 7 that is older than every real one.
func madeID(random *rand.Rand) string {
	a, b := random.Uint64(), random.Uint64()
	return fmt.Sprintf("00000000-%04x-7%03x-%04x-%012x", a>>48, a>>36&0xfff, 0x8000|b>>50&0x3fff, b&0xffffffffffff)
}

// example is a data set that comes with the program.
type example struct {
	wave, folder, data string
	kind               survey.MappingKind
}

var demoExamples = []example{
	{"csps2018", "csps", "csps2018.csv", survey.MapAggregates},
	{"csps2019", "csps", "csps2019.csv", survey.MapAggregates},
	{"turkiye", "turkiye", "turkiye.csv.gz", survey.MapResponses},
}

// source opens the embedded files.
func (e example) source() (source, error) {
	src := source{name: e.data, open: func() (io.ReadCloser, int64, error) { return e.openData() }}
	document, err := examples.ReadFile("examples/" + e.folder + "/" + e.wave + "-mapping.json")
	if err != nil {
		return src, err
	}
	if src.mapping, err = survey.ParseMapping(document); err != nil {
		return src, err
	}
	if document, err = examples.ReadFile("examples/" + e.folder + "/" + e.wave + "-instrument.json"); err != nil {
		return src, err
	}
	// no criteria: nobody in these data sells, so no tier may be named
	src.documents.instrument, err = survey.ParseInstrument(document)
	return src, err
}

func (e example) openData() (io.ReadCloser, int64, error) {
	data, err := examples.ReadFile("examples/" + e.folder + "/" + e.data)
	if err != nil {
		return nil, 0, err
	}
	if !strings.HasSuffix(e.data, ".gz") {
		return io.NopCloser(bytes.NewReader(data)), int64(len(data)), nil
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(data))
	return unpacked, -1, err
}

// fill imports the example unless its wave is there with data.
func (e example) fill(ctx context.Context, p *program, s *store.Store) error {
	src, err := e.source()
	if err != nil {
		return err
	}
	target := importTarget{Wave: e.wave, MinimumGroup: 10}
	if e.kind == survey.MapResponses {
		var l *places
		if l, _, err = src.checkResponses(ctx, p); err == nil {
			err = target.takeResponses(ctx, p, s, src, l)
		}
	} else {
		var a *aggregates
		if a, err = src.aggregates(ctx, p); err == nil {
			err = target.takeAggregates(ctx, p, s, src, a)
		}
	}
	if survey.KindOf(err) == survey.Conflict {
		return nil // it is there from an earlier start
	}
	return err
}

// demoLinks makes fresh links, because only hashes of earlier ones are kept.
func demoLinks(ctx context.Context, p *program, s *service) ([]string, error) {
	study, wave, err := findWave(ctx, s.store, demoWave)
	if err != nil {
		return nil, err
	}
	organizations, err := s.store.Organizations(ctx, study.ID)
	if err != nil {
		return nil, err
	}
	keys := make(map[string]survey.Organization)
	for _, o := range organizations {
		keys[o.Name] = o
	}
	shown, best, hostile, small := keys[averageName], keys[bestName], keys[hostileName], keys[smallName]
	answering := []string{"Nobody can answer: the wave " + demoWave + " is closed. Delete the data to begin anew."}
	if wave.State(p.now()) != survey.WaveClosed {
		if answering, err = demoInvitations(ctx, s, wave.ID, shown.ID); err != nil {
			return nil, err
		}
	}
	lines := append([]string{
		"salesbench " + version + ": a demonstration with generated data. No real organization is meant.",
		"",
	}, answering...)
	return append(lines,
		"Study page                "+resultsPage(s.base, demoWave, ""),
		"An average organization   "+resultsPage(s.base, demoWave, shown.Key),
		"  World-Class             "+resultsPage(s.base, demoWave, best.Key),
		"  with a hostile name     "+resultsPage(s.base, demoWave, hostile.Key),
		"  too small to be shown   "+resultsPage(s.base, demoWave, small.Key),
		"",
		"Real data, written by others",
		"Civil Service, UK, 2019   "+resultsPage(s.base, "csps2019", ""),
		"Civil Service, UK, 2018   "+resultsPage(s.base, "csps2018", ""),
		"Course evaluations        "+resultsPage(s.base, "turkiye", ""),
	), nil
}

// demoInvitations makes a personal and an open link to answer for an organization.
func demoInvitations(ctx context.Context, s *service, wave survey.WaveID, organization survey.OrganizationID) ([]string, error) {
	personal, open := auth.NewToken(), auth.NewToken()
	if _, err := s.store.CreateInvitations(ctx, wave, []store.NewInvitation{{OrganizationID: organization, Token: auth.HashToken(personal)}}); err != nil {
		return nil, err
	}
	if err := s.store.CreateOpenLink(ctx, survey.OpenLink{WaveID: wave, OrganizationID: organization}, auth.HashToken(open)); err != nil {
		return nil, err
	}
	return []string{
		"Answer as a respondent    " + personalAddress(s.base, personal),
		"Open link of the same     " + openAddress(s.base, open) + "  (poster: /qr behind it)",
	}, nil
}
