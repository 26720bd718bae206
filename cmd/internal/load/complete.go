package load

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// Submission is the script as a program sends it: one JSON document with all answers.
func (s *Script) Submission(key string) []byte {
	answers := make(map[string]any)
	for name, values := range s.Answers {
		if name == "language" {
			continue
		}
		if n, err := strconv.Atoi(values[0]); err == nil {
			answers[name] = n
			continue
		}
		answers[name] = values[0]
	}
	// Texts and small numbers, which always encode.
	document, _ := json.Marshal(struct {
		Key      string         `json:"key"`
		Language string         `json:"language"`
		Answers  map[string]any `json:"answers"`
	}{key, s.Language, answers})
	return document
}

// keyLength is the length of the keys that submitters use: 128 bits in hexadecimal.
const keyLength = 32

// Submitter is a program that sends complete submissions, one after the other.
type Submitter struct {
	target    *Target
	meter     *Meter
	conn      *Conn
	random    *rand.ChaCha8
	documents [][]byte // of the scripts, the key in its place
	keyAt     int
	addresses [][]byte
	sent      int
	receipt   []byte
	raw       [keyLength / 2]byte
}

// NewSubmitter returns a program; its keys are drawn from the clock and the client.
func NewSubmitter(t *Target, m *Meter, client int) *Submitter {
	seed := [32]byte{}
	copy(seed[:], strconv.AppendInt(strconv.AppendInt(nil, time.Now().UnixNano(), 36), int64(client), 10))
	s := &Submitter{target: t, meter: m, conn: Dial(t.Address), random: rand.NewChaCha8(seed), keyAt: len(`{"key":"`)}
	blank := string(bytes.Repeat([]byte{'0'}, keyLength))
	for _, script := range t.Scripts {
		s.documents = append(s.documents, script.Submission(blank))
	}
	for _, link := range t.Links {
		s.addresses = append(s.addresses, []byte(link+"/responses"))
	}
	return s
}

// Close ends the program's connection.
func (s *Submitter) Close() { s.conn.Close() }

// Do sends one submission with a new key. Every sixty-fourth is sent a second time,
// and must get the same receipt.
func (s *Submitter) Do(intended time.Time) error {
	document := s.documents[s.sent%len(s.documents)]
	address := s.addresses[int(s.random.Uint64()%uint64(len(s.addresses)))]
	s.sent++
	_, _ = s.random.Read(s.raw[:]) // never fails
	hex.Encode(document[s.keyAt:], s.raw[:])
	a, err := s.conn.PostJSON(address, document)
	if err != nil {
		return err
	}
	if a.Status != 201 {
		return Unexpected{Kind: Complete, Status: a.Status}
	}
	s.meter.Record(Complete, time.Since(intended))
	s.target.acknowledged.Add(1)
	if s.sent%64 == 0 {
		return s.again(address, document, receiptIn(a.Body))
	}
	return nil
}

func (s *Submitter) again(address, document, receipt []byte) error {
	s.receipt = append(s.receipt[:0], receipt...)
	start := time.Now()
	a, err := s.conn.PostJSON(address, document)
	switch {
	case err != nil:
		return err
	case a.Status != 200:
		return Unexpected{Kind: Recomplete, Status: a.Status}
	case len(s.receipt) == 0 || !bytes.Equal(s.receipt, receiptIn(a.Body)):
		return Unexpected{Kind: Recomplete, What: "another receipt"}
	}
	s.meter.Record(Recomplete, time.Since(start))
	return nil
}

// receiptIn is the code of the receipt in an answer.
func receiptIn(body []byte) []byte {
	_, rest, _ := bytes.Cut(body, []byte(`"receipt":"`))
	code, _, _ := bytes.Cut(rest, []byte{'"'})
	return code
}

// Reader asks for one page of its own again and again.
type Reader struct {
	conn  *Conn
	meter *Meter
	path  []byte
	size  int
}

// NewReader returns a reader of a path.
func NewReader(address string, path []byte, m *Meter) *Reader {
	return &Reader{conn: Dial(address), meter: m, path: slices.Clone(path)}
}

// Identity makes the reader ask for pages that are not compressed.
func (r *Reader) Identity() *Reader {
	r.conn.identity()
	return r
}

// Close ends the reader's connection.
func (r *Reader) Close() { r.conn.Close() }

// Do reads the page once. It must always have the same kind of content.
func (r *Reader) Do(intended time.Time) error {
	a, err := r.conn.Get(r.path)
	switch {
	case err != nil:
		return err
	case a.Status != 200:
		return Unexpected{Kind: Section, Status: a.Status}
	case len(a.Body) == 0 || r.size > 0 && (len(a.Body) < r.size-64 || len(a.Body) > r.size+64):
		return Unexpected{Kind: Section, What: "another size than before"}
	}
	r.size = len(a.Body)
	r.meter.Record(Section, time.Since(intended))
	return nil
}

// Visitor reads pages of results, each time another one at random.
type Visitor struct {
	conn   *Conn
	meter  *Meter
	paths  [][]byte
	random *rand.Rand
}

// NewVisitor returns a reader of the paths.
func NewVisitor(address string, paths [][]byte, m *Meter, client int) *Visitor {
	return &Visitor{conn: Dial(address), meter: m, paths: paths, random: rand.New(rand.NewPCG(uint64(client), 7))}
}

// Close ends the visitor's connection.
func (v *Visitor) Close() { v.conn.Close() }

// Do reads one page.
func (v *Visitor) Do(intended time.Time) error {
	a, err := v.conn.Get(v.paths[v.random.IntN(len(v.paths))])
	switch {
	case err != nil:
		return err
	case a.Status != 200:
		return Unexpected{Kind: Results, Status: a.Status}
	case len(a.Body) == 0:
		return Unexpected{Kind: Results, What: "an empty page"}
	}
	v.meter.Record(Results, time.Since(intended))
	return nil
}

// Arrived is a respondent's page with questions: its address and what the browser got.
type Arrived struct {
	Path []byte
	Body []byte
}

// ArriveAt begins a questionnaire, answers the pages before the one that ends in
// step, and returns it as it is sent.
func ArriveAt(t *Target, link, step string, identity bool) (*Arrived, error) {
	r := NewRespondent(t, NewMeter(), 0)
	defer r.Close()
	r.script, r.at = t.Scripts[0], []byte(link)
	for range longestJourney {
		if string(stepOf(r.at)) == step {
			if identity {
				r.conn.identity()
			}
			a, err := r.conn.Get(r.at)
			if err == nil && a.Status != 200 {
				err = Unexpected{Kind: Section, Status: a.Status}
			}
			return &Arrived{r.at, bytes.Clone(a.Body)}, err
		}
		if done, err := r.visit(); err != nil || done {
			return nil, Unexpected{Kind: Section, What: "no page " + step}
		}
	}
	return nil, Unexpected{Kind: Section, What: "no page " + step}
}
