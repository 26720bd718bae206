package panel

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
)

// keyOf packs a UUID, so that it sorts as the text does; any other id is hashed.
func keyOf(id survey.ResponseID) survey.UID {
	var k survey.UID
	digits := strings.ReplaceAll(string(id), "-", "")
	if len(id) == 36 && len(digits) == 32 {
		if n, err := hex.Decode(k[:], []byte(digits)); err == nil && n == 16 {
			return k
		}
	}
	sum := sha256.Sum256([]byte(id))
	copy(k[:], sum[:])
	return k
}

// fingerprint is what one response adds to the fingerprint of an edition.
func fingerprint(id survey.UID) uint64 {
	sum := sha256.Sum256(id[:])
	return binary.BigEndian.Uint64(sum[:8])
}

// Edition names the state of a panel: how many responses, until when, and a
// fingerprint of their ids. Two panels of one wave with the same edition hold
// the same responses, in whatever order they came.
type Edition struct {
	Count       int
	Watermark   time.Time // the latest submission; zero for an empty panel
	Fingerprint uint64
}

// String is the edition as pages and files print it.
func (e Edition) String() string {
	if e.Count == 0 {
		return "empty"
	}
	return fmt.Sprintf("%d-%s-%08x", e.Count, e.Watermark.UTC().Format("20060102T150405Z"), uint32(e.Fingerprint))
}

// Shown is the edition of the organizations that have at least so many responses:
// it says nothing about those that are too small to be shown, neither how many
// responses they have nor when the last of them came. In a filtered snapshot it
// counts what the filter lets through, and names all responses of the same
// organizations.
func (s *Snapshot) Shown(minimum int) Edition {
	var e Edition
	for code := range s.words[organizations] {
		n := s.Counts(code).Responses
		if n < minimum {
			continue
		}
		c := s.counts[code>>pageBits].parts[code&pageMask]
		e.Count += n
		e.Fingerprint += c.fingerprint
		if at := c.watermark(); at.After(e.Watermark) {
			e.Watermark = at
		}
	}
	return e
}

// Exchange takes one organization of those that an edition counts for what it has
// become. It is false where that has not grown: only Shown knows the watermark then.
func (e *Edition) Exchange(before, now *OrganizationCounts) bool {
	e.Count += now.Responses - before.Responses
	e.Fingerprint += now.fingerprint - before.fingerprint
	if at := now.watermark(); at.After(e.Watermark) {
		e.Watermark = at
	}
	return !now.watermark().Before(before.watermark())
}

// add counts one record.
func (e *Edition) add(r record) {
	e.Count++
	e.Fingerprint += r.fingerprint()
	if at := r.submitted(); at.After(e.Watermark) {
		e.Watermark = at
	}
}
