package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/salesbench/salesbench/survey"
)

// AuditAnchor is a position of the audit log with the hash that its entry had at
// some time, as somebody noted it outside the database.
type AuditAnchor struct {
	Position int64
	Hash     [32]byte
}

// String is the form in which an anchor is noted and given back.
func (a AuditAnchor) String() string { return fmt.Sprintf("%d:%x", a.Position, a.Hash) }

// ParseAuditAnchor reads an anchor. Invalid.
func ParseAuditAnchor(text string) (AuditAnchor, error) {
	var a AuditAnchor
	position, hash, _ := strings.Cut(strings.TrimSpace(text), ":")
	n, err := strconv.ParseInt(position, 10, 64)
	digits, bad := hex.DecodeString(hash)
	if err != nil || bad != nil || n < 0 || len(digits) != len(a.Hash) {
		return a, survey.Errorf(survey.Invalid, "%q is no anchor: it has the form 17:… with 64 hexadecimal digits, as \"salesbench audit verify\" prints it", text)
	}
	a.Position = n
	copy(a.Hash[:], digits)
	return a, nil
}

// AuditVerdict says whether the audit log is what was written.
type AuditVerdict struct {
	Entries int64       // that are in order
	End     AuditAnchor // of the last one of them
	// Broken is the position of the first entry that is not as it was written, or is
	// missing; 0: none. Reason says what is wrong with it.
	Broken int64
	Reason string
}

// VerifyAudit recomputes the hash of every entry and compares it with the next one,
// with the end that is kept apart, and with anchors. A change, a hole, another
// order and a log that was cut off at its end show. Whoever can change the whole
// database can write another log from the first entry on: an anchor that was noted
// elsewhere shows that too.
func (s *Store) VerifyAudit(ctx context.Context, anchors ...AuditAnchor) (AuditVerdict, error) {
	var v AuditVerdict
	position, hash, err := s.AuditHead(ctx) // before the walk: entries come meanwhile
	if err != nil {
		return v, err
	}
	noted := map[int64][32]byte{}
	for _, a := range anchors {
		noted[a.Position] = a.Hash
	}
	err = s.AuditChain(ctx, func(e survey.AuditEntry) error {
		if reason := v.fault(e, noted); reason != "" {
			v.Broken, v.Reason = v.Entries+1, reason
			return errStopped
		}
		if e.Position == position && e.Hash != hash {
			v.Broken, v.Reason = e.Position, "the end that is kept apart has another hash"
			return errStopped
		}
		v.Entries, v.End = e.Position, AuditAnchor{e.Position, e.Hash}
		return nil
	})
	if v.Broken > 0 {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	last := position
	for at := range noted {
		last = max(last, at)
	}
	if v.Entries < last {
		v.Broken, v.Reason = v.Entries+1, fmt.Sprintf("the log ends here, and there were entries up to %d", last)
	}
	return v, nil
}

// fault says what is wrong with the entry that should follow.
func (v *AuditVerdict) fault(e survey.AuditEntry, noted map[int64][32]byte) string {
	hash, anchored := noted[e.Position]
	switch {
	case e.Position != v.Entries+1:
		return fmt.Sprintf("it is missing: the next entry is %d", e.Position)
	case e.Previous != v.End.Hash:
		return "it does not follow the entry before: that one was changed, removed or put in later"
	case HashAudit(e) != e.Hash:
		return "it was changed: its hash is another one"
	case anchored && hash != e.Hash:
		return "it is not the entry that was noted: the log was written anew"
	}
	return ""
}
