// Package ledger keeps what a load has sent and what it was promised, apart from
// the service, and afterwards compares it with the database itself by plain SQL.
// It uses nothing of the service's own reading and writing, so that a mistake
// there can not hide itself.
package ledger

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Answers are what a person has answered, by item, in the form in which the view
// "answers" shows them: the scale point or the place of the option, a number, a text.
type Answers map[string]string

// Digest names the answers.
func (a Answers) Digest() string {
	sum := sha256.New()
	for _, item := range slices.Sorted(maps.Keys(a)) {
		_, _ = io.WriteString(sum, item+"\x00"+a[item]+"\x00") // a hash never fails
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Person is one respondent with all attempts to submit.
type Person struct {
	Key        string `json:"key"`    // of the submission
	Marker     string `json:"marker"` // stands in an open answer of this person and nobody else's
	Digest     string `json:"digest"` // of the answers
	Attempts   int    `json:"attempts"`
	Acked      int    `json:"acked"`    // how often a receipt came
	Receipt    string `json:"receipt"`  // the first one
	ResponseID string `json:"response"` // beside it, where the answer names it
	Refused    string `json:"refused"`  // the last word of a service that does not want the submission
	others     []string
}

// Receipt is what the service promised. A redirect to the receipt is a promise
// although its code is not known yet.
type Receipt struct {
	Code       string // may be empty
	ResponseID string // may be empty
}

// Ledger is safe for concurrent use.
type Ledger struct {
	mu      sync.Mutex
	persons map[string]*Person
}

// New returns an empty ledger.
func New() *Ledger { return &Ledger{persons: make(map[string]*Person)} }

// Sending notes that the submission with the key is sent now, for the first time
// or again. Marker and answers stay those of the first time.
func (l *Ledger) Sending(key, marker string, answers Answers) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.persons[key]
	if p == nil {
		p = &Person{Key: key, Marker: marker, Digest: answers.Digest()}
		l.persons[key] = p
	}
	p.Attempts++
}

// Acknowledged notes a receipt.
func (l *Ledger) Acknowledged(key string, r Receipt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.persons[key]
	// The code after a bare promise is still the same acknowledgement.
	if p.Acked == 0 || p.Receipt != "" {
		p.Acked++
	}
	if p.Receipt == "" {
		p.Receipt = r.Code
	}
	if p.ResponseID == "" {
		p.ResponseID = r.ResponseID
	}
	if r.Code != "" && r.Code != p.Receipt || r.ResponseID != "" && r.ResponseID != p.ResponseID {
		p.others = append(p.others, r.Code)
	}
}

// Refused notes that the service has said for good that it does not keep the
// submission: the wave is over.
func (l *Ledger) Refused(key, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.persons[key].Refused = why
}

// Acked draws a person with a receipt by a number, for asking for it again.
func (l *Ledger) Acked(n int) (Person, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := 0
	for _, p := range l.persons {
		if p.Acked > 0 {
			if i == n {
				return *p, true
			}
			i++
		}
	}
	return Person{}, false
}

// Persons lists everybody by key.
func (l *Ledger) Persons() []Person {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Person, 0, len(l.persons))
	for _, p := range l.persons {
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b Person) int { return strings.Compare(a.Key, b.Key) })
	return list
}

// WriteCSV writes one row per submission key for somebody else's script.
func (l *Ledger) WriteCSV(w io.Writer) error {
	table := csv.NewWriter(w)
	rows := [][]string{{"key", "digest", "acked", "receipt", "response", "attempts", "marker", "refused"}}
	for _, p := range l.Persons() {
		rows = append(rows, []string{p.Key, p.Digest, strconv.Itoa(p.Acked), p.Receipt, p.ResponseID, strconv.Itoa(p.Attempts), p.Marker, p.Refused})
	}
	return table.WriteAll(rows)
}

// WriteJSON writes the same as a list of objects.
func (l *Ledger) WriteJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", " ")
	return out.Encode(l.Persons())
}
