package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/ledger"
	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// scenario is one kind of mishap.
type scenario struct {
	name  string
	about string
	run   func(ctx context.Context, s *stage) error
}

// scenarios in the order in which they run.
var scenarios = []scenario{
	{"kill", "the server is killed (SIGKILL) at random moments", runKill},
	{"crash", "PostgreSQL is stopped in immediate mode and started again", runCrash},
	{"cut", "connections to PostgreSQL are cut, delayed, throttled and swallowed", runCut},
	{"disk", "the disk is full, then there is room again", runDisk},
	{"clock", "the clock jumps by hours and years", runClock},
	{"twice", "two replicas get every submission at the same time, one of them is killed", runTwice},
	{"half", "clients send half a body and go away, or one byte at a time", runHalf},
	{"closing", "the wave closes during load", runClosing},
	{"file", "the SQLite file is locked, taken by a second process, damaged, not writable", runFile},
	{"same", "three replicas are killed in turn while pages of results are read from all of them", runSame},
	{"replicas", "three replicas behind HAProxy, replicas killed, the standby promoted", runReplicas},
}

// stage is what the scenarios of one run share.
type stage struct {
	rig     *rig.Rig
	binary  string
	long    bool
	race    bool   // the binary is built with the race detector
	ledger  string // folder for the books; empty: not kept
	out     io.Writer
	pg      *rig.Postgres
	results []*result
}

// result is what came out of one scenario on one database.
type result struct {
	Scenario   string             `json:"scenario"`
	Database   string             `json:"database"`
	Faults     string             `json:"faults"` // what was done, with numbers
	Comparison *ledger.Comparison `json:"comparison"`
	Gap        time.Duration      `json:"longest_gap"`
	Said       []string           `json:"said"`      // what clients and operators were told
	Surprises  []string           `json:"surprises"` // answers that nobody should get
}

// wrong says what is wrong, if anything.
func (r *result) wrong() error {
	if !r.Comparison.Clean() {
		return errors.New(r.Comparison.Sentence())
	}
	if len(r.Surprises) > 0 {
		return fmt.Errorf("unexpected answers: %s", strings.Join(r.Surprises, "; "))
	}
	return nil
}

// choose takes the short or the long form of a number.
func choose[T any](s *stage, short, long T) T {
	if s.long {
		return long
	}
	return short
}

// postgres is the server that scenarios share; it is started by the first.
func (s *stage) postgres() (*rig.Postgres, error) {
	if s.pg != nil && s.pg.Alive() {
		return s.pg, nil
	}
	var err error
	s.pg, err = s.rig.StartPostgres(rig.PostgresOptions{})
	return s.pg, err
}

// database makes an empty database on the shared server.
func (s *stage) database() (*rig.Postgres, string, error) {
	pg, err := s.postgres()
	if err != nil {
		return nil, "", err
	}
	name := "chaos_" + strings.ToLower(randomText())
	address, err := pg.CreateDatabase(name)
	return pg, address, err
}

// trial is one scenario on one database.
type trial struct {
	*stage
	name     string // of the database
	servers  []*rig.Server
	study    *rig.Study
	crowd    *crowd
	database ledger.Database
	after    func(context.Context) error // what is looked at when everybody has finished
}

// trialOptions say how to set a trial up.
type trialOptions struct {
	name        string              // of the database, for the report
	server      []rig.ServerOptions // one or more replicas, all on the same database
	at          ledger.Database     // where the ledger reads
	clients     int                 // 16 unless set
	invitations int                 // 400 in the short form, 4000 in the long form, unless set
	responses   int                 // imported before anything happens
	group       int                 // smallest group of the wave; 0: as the store has it
	both        bool
	patient     bool
	redoes      bool
	// front puts something before the servers and returns its address.
	front func(servers []*rig.Server) (string, error)
}

// sqlite are the options of a trial on a file in a fresh folder.
func (s *stage) sqlite() (trialOptions, error) {
	data, err := s.rig.Dir("data")
	return s.sqliteIn(data), err
}

func (s *stage) sqliteIn(data string) trialOptions {
	return trialOptions{name: "SQLite", server: []rig.ServerOptions{{Binary: s.binary, Data: data}}, at: ledger.Database{Path: data + "/salesbench.db"}}
}

// postgresTrial are the options of a trial on a fresh database with n replicas.
func (s *stage) postgresTrial(replicas int) (*rig.Postgres, trialOptions, error) {
	pg, address, err := s.database()
	o := trialOptions{name: "PostgreSQL", at: ledger.Database{URL: address}}
	for range replicas {
		o.server = append(o.server, rig.ServerOptions{Binary: s.binary, Database: address})
	}
	return pg, o, err
}

// mischief is what a scenario does while the crowd is at work. It returns what it
// has done, in words with numbers.
type mischief func(ctx context.Context, t *trial) (faults string, err error)

// try runs one trial: servers, study, crowd, mischief, then the comparison.
func (s *stage) try(ctx context.Context, o trialOptions, do mischief) (*trial, error) {
	t := &trial{stage: s, name: o.name, database: o.at}
	for _, so := range o.server {
		server, err := s.rig.StartServer(so)
		if err != nil {
			return nil, err
		}
		t.servers = append(t.servers, server)
	}
	if o.invitations == 0 {
		o.invitations = choose(s, 400, 4000)
	}
	var err error
	if t.study, err = rig.Prepare(ctx, t.servers[0].StoreConfig(), rig.Plan{Invitations: o.invitations, Responses: o.responses, MinimumGroup: o.group}); err != nil {
		return nil, err
	}
	if o.clients == 0 {
		o.clients = 16
	}
	var bases []string
	for _, server := range t.servers {
		bases = append(bases, server.URL())
	}
	if o.front != nil {
		front, err := o.front(t.servers)
		if err != nil {
			return nil, err
		}
		bases = []string{front}
	}
	if t.crowd, err = newCrowd(ctx, t.study, bases, o.clients); err != nil {
		return nil, err
	}
	t.crowd.both, t.crowd.patient, t.crowd.redoes = o.both, o.patient, o.redoes
	return t, t.perform(ctx, do)
}

// settling is how long unfinished persons may take after the mischief.
const settling = 90 * time.Second

// perform sends the crowd in, does the mischief and compares.
func (t *trial) perform(ctx context.Context, do mischief) error {
	hard, end := context.WithCancel(ctx)
	defer end()
	begin, enough := context.WithCancel(hard)
	defer enough()
	finished := make(chan struct{})
	go func() {
		t.crowd.run(hard, begin)
		close(finished)
	}()
	if _, err := t.crowd.awaitReceipts(ctx, 1, 30*time.Second); err != nil {
		return fmt.Errorf("before anything was done: %w: %s", err, t.crowd.told())
	}
	faults, err := do(ctx, t)
	if err == nil && !t.crowd.closed() {
		_, err = t.crowd.awaitReceipts(ctx, 1, settling)
	}
	enough()
	patience := time.NewTimer(settling)
	defer patience.Stop()
	select {
	case <-finished:
	case <-patience.C:
		err = errors.Join(err, errors.New("some clients have no answer long after the last mishap: "+t.crowd.told()))
	}
	end()
	<-finished
	if err != nil {
		return errors.Join(err, errors.New(t.lastWords()))
	}
	if t.after != nil {
		if err := t.after(ctx); err != nil {
			return errors.Join(err, errors.New(t.lastWords()))
		}
	}
	return t.compare(ctx, faults)
}

// lastWords are the ends of the servers' logs.
func (t *trial) lastWords() string {
	var words []string
	for _, server := range t.servers {
		lines := strings.Split(strings.TrimSpace(server.Log()), "\n")
		words = append(words, strings.Join(lines[max(0, len(lines)-8):], "\n"))
	}
	return strings.Join(words, "\n")
}

// compare adds the result.
func (t *trial) compare(ctx context.Context, faults string) error {
	comparison, err := t.crowd.book.Compare(ctx, t.database)
	if err != nil {
		return fmt.Errorf("reading the database: %w", err)
	}
	if t.ledger != "" {
		if err := t.keepBooks(ctx); err != nil {
			return err
		}
	}
	r := &result{Database: t.name, Faults: faults, Comparison: comparison, Gap: t.crowd.longest}
	t.crowd.mu.Lock()
	for _, words := range mostFrequent(t.crowd.sayings, 4) {
		r.Said = append(r.Said, "clients: "+words)
	}
	for _, words := range t.crowd.operator {
		r.Said = append(r.Said, "operator: "+words)
	}
	r.Surprises = mostFrequent(t.crowd.surprises, 10)
	t.crowd.mu.Unlock()
	for _, server := range t.servers {
		r.Said = append(r.Said, complaints(server.Log())...)
		if _, race, found := strings.Cut(server.Log(), "WARNING: DATA RACE"); found {
			race, _, _ = strings.Cut(race, "==================")
			r.Surprises = append(r.Surprises, "the race detector found something in the server:"+race)
		}
	}
	r.Said = distinct(r.Said)
	t.results = append(t.results, r)
	fmt.Fprintf(t.out, "  %s: %s\n    %s; longest gap %v\n", r.Database, r.Faults, comparison.Sentence(), r.Gap.Round(time.Millisecond))
	for _, words := range r.Said {
		fmt.Fprintf(t.out, "    %s\n", words)
	}
	for _, surprise := range r.Surprises {
		fmt.Fprintf(t.out, "    unexpected: %s\n", surprise)
	}
	return nil
}

// mostFrequent lists the texts that were counted most, with their counts.
func mostFrequent(counts map[string]int, n int) []string {
	var texts []string
	for text := range counts {
		texts = append(texts, text)
	}
	slices.SortFunc(texts, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	texts = texts[:min(n, len(texts))]
	for i, text := range texts {
		texts[i] = fmt.Sprintf("%s (%d times)", text, counts[text])
	}
	return texts
}

// complaints are the warnings and errors in a log without what differs from line to
// line, each once.
func complaints(log string) []string {
	var found []string
	for line := range strings.Lines(log) {
		if !strings.Contains(line, "level=WARN") && !strings.Contains(line, "level=ERROR") {
			continue
		}
		message, sentence := quoted(line, "msg="), quoted(line, "error=")
		if sentence != "" && message != sentence {
			message += ": " + sentence
		}
		found = append(found, "log: "+strings.Join(strings.Fields(numerals.ReplaceAllString(message, "N")), " "))
	}
	return found
}

func distinct(texts []string) []string {
	var once []string
	for _, text := range texts {
		if !slices.Contains(once, text) {
			once = append(once, text)
		}
	}
	return once[:min(len(once), 8)]
}
