package load

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"
)

// Target is a service with links to answer, and the scripts to answer them with.
type Target struct {
	Address string   // host:port
	Links   []string // addresses of open links, /o/TOKEN
	Scripts []*Script

	acknowledged atomic.Int64
}

// Acknowledged is how many responses the service has given a receipt for, all clients
// together, rehearsals and warming up included, repetitions not.
func (t *Target) Acknowledged() int64 { return t.acknowledged.Load() }

// NewTarget rehearses the scripts on the first link.
func NewTarget(address string, links []string, scripts int) (*Target, error) {
	t := &Target{Address: address, Links: links}
	conn := Dial(address)
	defer conn.Close()
	for seed := range scripts {
		script, err := Rehearse(conn, links[seed%len(links)], uint64(seed))
		if err != nil {
			return nil, err
		}
		t.Scripts = append(t.Scripts, script)
		t.acknowledged.Add(1)
	}
	return t, nil
}

// Respondent is one browser that answers whole questionnaires, one after the other.
type Respondent struct {
	target   *Target
	meter    *Meter
	conn     *Conn
	random   *rand.Rand
	inflater *inflater
	script   *Script
	at       []byte // address of the present page
	to       []byte // address a form is sent to
	body     []byte
	sent     submission
	pages    int
}

// submission is what was sent last, to send it once more.
type submission struct{ to, body, receipt []byte }

// NewRespondent returns a browser; client makes its choices different from others'.
func NewRespondent(t *Target, m *Meter, client int) *Respondent {
	return &Respondent{target: t, meter: m, conn: Dial(t.Address), inflater: newInflater(),
		random: rand.New(rand.NewPCG(uint64(client), uint64(time.Now().UnixNano())))}
}

// Close ends the browser's connection.
func (r *Respondent) Close() { r.conn.Close() }

// Do makes one journey: from the open link to the receipt, and the submission once
// more with the same key, as a browser that lost the answer would.
func (r *Respondent) Do(intended time.Time) error {
	r.script = r.target.Scripts[r.random.IntN(len(r.target.Scripts))]
	r.at = append(r.at[:0], r.target.Links[r.random.IntN(len(r.target.Links))]...)
	for range longestJourney {
		done, err := r.visit()
		if err != nil {
			return err
		}
		if done {
			r.meter.Record(Whole, time.Since(intended))
			return r.sendAgain()
		}
	}
	return Unexpected{Kind: Whole, What: "it does not end"}
}

// kindOf is what opening, and what sending, a page is called.
func kindOf(step []byte) (opening, sending Kind) {
	switch {
	case string(step) == "/o/":
		return OpenLink, Start
	case string(step) == "/r/":
		return Arrive, Start
	case string(step) == "/review":
		return Review, Submit
	case string(step) == "/receipt":
		return Receipt, Receipt
	}
	return Section, Save
}

// visit opens the present page and sends its form; true means it was the receipt.
func (r *Respondent) visit() (done bool, err error) {
	step := stepOf(r.at)
	opening, sending := kindOf(step)
	a, err := r.open(opening)
	if err != nil || redirects(a.Status) {
		return false, err
	}
	p := r.script.pages[string(step)]
	if p == nil {
		if opening == Receipt {
			return true, nil
		}
		return false, Unexpected{Kind: opening, What: "a page that the rehearsal did not meet"}
	}
	if err := r.fill(a, p, opening); err != nil {
		return false, err
	}
	r.address(p)
	return false, r.send(sending)
}

// open asks for the present page. After a redirect the present page is the next.
func (r *Respondent) open(k Kind) (Answer, error) {
	start := time.Now()
	a, err := r.conn.Get(r.at)
	if err != nil {
		return a, err
	}
	took := time.Since(start)
	switch {
	case redirects(a.Status) && len(a.Location) > 0:
		r.meter.Record(Arrive, took)
		r.at = append(r.at[:0], follow(r.at, a.Location)...)
	case a.Status == 200:
		r.meter.Record(k, took)
	default:
		return a, Unexpected{Kind: k, Status: a.Status}
	}
	return a, nil
}

// wholePage is how often a page is read completely. That costs a hundred times the
// usual reading.
const wholePage = 512

// fill makes the body: the answers of the script and the hidden fields of this page.
func (r *Respondent) fill(a Answer, p *page, k Kind) error {
	r.pages++
	if r.pages%wholePage == 0 {
		if err := compare(a, p, k); err != nil {
			return err
		}
	}
	r.body = append(r.body[:0], p.answers...)
	if len(p.hidden) == 0 {
		return nil
	}
	var known bool
	if r.body, known = p.known.appendHidden(r.body, a); known {
		return nil
	}
	text := a.Body
	if a.Gzip {
		var err error
		if text, err = r.inflater.prefix(a.Body, p.reach); err != nil {
			return Unexpected{Kind: k, What: err.Error()}
		}
	}
	for _, name := range p.hidden {
		value, found := hiddenValue(text, name)
		if !found {
			return Unexpected{Kind: k, What: "no hidden field " + name}
		}
		r.body = appendField(r.body, name, value)
	}
	return nil
}

// compare reads a page completely and wants to find what the rehearsal found.
func compare(a Answer, p *page, k Kind) error {
	text, err := unpack(a)
	if err != nil {
		return Unexpected{Kind: k, What: err.Error()}
	}
	form := ParseForm(text)
	if form == nil || !slices.EqualFunc(form.Questions, p.form.Questions, sameQuestion) || form.Button != p.form.Button {
		return Unexpected{Kind: k, What: "another page than in the rehearsal"}
	}
	return nil
}

func sameQuestion(a, b Question) bool { return a.Name == b.Name && slices.Equal(a.Values, b.Values) }

// address finds out where the form goes. Most go to the address of their page, as it
// is; else it is the token of this respondent with the action of the rehearsal.
func (r *Respondent) address(p *page) {
	here, step := stepOf(r.at), stepOf(p.form.Action)
	if string(here) == step {
		r.to = append(r.to[:0], r.at...)
		return
	}
	link := queryAt(r.at)
	if string(here) != "/o/" && string(here) != "/r/" {
		link -= len(here)
	}
	r.to = append(append(r.to[:0], r.at[:link]...), step...)
}

// send posts the form and goes where the answer leads.
func (r *Respondent) send(k Kind) error {
	start := time.Now()
	a, err := r.conn.PostForm(r.to, r.body)
	if err != nil {
		return err
	}
	took := time.Since(start)
	if !redirects(a.Status) || len(a.Location) == 0 {
		return Unexpected{Kind: k, Status: a.Status}
	}
	r.meter.Record(k, took)
	if k == Submit {
		r.target.acknowledged.Add(1)
		r.sent = submission{append(r.sent.to[:0], r.to...), append(r.sent.body[:0], r.body...), append(r.sent.receipt[:0], a.Location...)}
	}
	r.at = append(r.at[:0], follow(r.to, a.Location)...)
	return nil
}

// sendAgain repeats the submission and wants the same receipt.
func (r *Respondent) sendAgain() error {
	start := time.Now()
	a, err := r.conn.PostForm(r.sent.to, r.sent.body)
	if err != nil {
		return err
	}
	if !redirects(a.Status) {
		return Unexpected{Kind: Resubmit, Status: a.Status}
	}
	if !bytes.Equal(a.Location, r.sent.receipt) {
		return Unexpected{Kind: Resubmit, What: "another receipt"}
	}
	r.meter.Record(Resubmit, time.Since(start))
	return nil
}
