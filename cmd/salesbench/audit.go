package main

import (
	"context"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// auditCommand reads the audit log.
type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Recompute every hash and name the first entry that is not as it was written."`
	List   auditList   `cmd:"" help:"Print the newest entries."`
	Export auditExport `cmd:"" help:"Write the whole log to a file."`
}

// Help is the manual page.
func (auditCommand) Help() string {
	return `The audit log says who did what, when and from where. It is only added to: triggers refuse to change or remove an entry, and every entry holds the hash of the one before. It names no respondent and holds no answer, so that it can outlive an erasure.`
}

type auditVerify struct {
	storeFlags
	Anchors []string `name:"anchor" help:"An end that was printed earlier, such as 17:3f…; may be given several times."`
	JSON    bool     `name:"json" help:"Print JSON."`
}

// Help is the manual page.
func (auditVerify) Help() string {
	return `Reads the whole log, recomputes every hash and compares the end with the one that is kept apart. It prints the end: note it somewhere that the administrator of the database can not change (a mail, a notebook) and give it back later with --anchor. Without an anchor somebody who controls the whole database could write a new log from the first entry on.

Exit code 1: an entry is not as it was written.`
}

// auditReport is what the verification found.
type auditReport struct {
	Intact  bool   `json:"intact"`
	Entries int64  `json:"entries"`
	Anchor  string `json:"anchor"`
	Broken  int64  `json:"broken,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// Run verifies the log.
func (c *auditVerify) Run(ctx context.Context, p *program) error {
	anchors := make([]store.AuditAnchor, len(c.Anchors))
	for i, text := range c.Anchors {
		var err error
		if anchors[i], err = store.ParseAuditAnchor(text); err != nil {
			return usageError{err}
		}
	}
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		v, err := s.VerifyAudit(ctx, anchors...)
		if err != nil {
			return err
		}
		broken := v.Broken > 0
		if c.JSON {
			err = writeJSON(p.Out, auditReport{Intact: !broken, Entries: v.Entries, Anchor: v.End.String(), Broken: v.Broken, Reason: v.Reason})
		} else if !broken {
			_, err = fmt.Fprintf(p.Out, "%d audit entries are as they were written\nend %s\n", v.Entries, v.End)
		}
		if err == nil && broken {
			return survey.Errorf(survey.Conflict, "audit entry %d: %s; the %d before it are as they were written", v.Broken, v.Reason, v.Entries)
		}
		return err
	})
}

type auditList struct {
	storeFlags
	Study string `name:"study" help:"Only what concerns this study (its short name)."`
	Limit int    `name:"limit" default:"50" help:"How many entries (default 50)."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// entryReport is an entry for machines.
type entryReport struct {
	Position   int64     `json:"position"`
	HappenedAt time.Time `json:"happened_at"`
	UserID     string    `json:"user_id,omitempty"`
	Actor      string    `json:"actor"`
	Origin     string    `json:"origin"`
	Action     string    `json:"action"`
	Object     string    `json:"object"`
	StudyID    string    `json:"study_id,omitempty"`
	Detail     string    `json:"detail"`
	Previous   string    `json:"previous"`
	Hash       string    `json:"hash"`
}

func newEntryReport(e survey.AuditEntry) entryReport {
	return entryReport{Position: e.Position, HappenedAt: e.HappenedAt, UserID: string(e.Actor.UserID), Actor: e.Actor.Name, Origin: e.Actor.Origin,
		Action: e.Action, Object: e.Object, StudyID: string(e.StudyID), Detail: e.Detail, Previous: hex.EncodeToString(e.Previous[:]), Hash: hex.EncodeToString(e.Hash[:])}
}

// Run prints the newest entries.
func (c *auditList) Run(ctx context.Context, p *program) error {
	if c.Limit < 1 || c.Limit > 10_000 {
		return usagef("--limit must be between 1 and 10000")
	}
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		page := store.AuditPage{Limit: c.Limit}
		if c.Study != "" {
			study, err := s.StudyByKey(ctx, c.Study)
			if err != nil {
				return err
			}
			page.Study = study.ID
		}
		entries, err := s.AuditEntries(ctx, page)
		if err != nil {
			return err
		}
		reports := make([]entryReport, len(entries))
		rows := make([][]string, len(entries))
		for i, e := range entries {
			reports[i] = newEntryReport(e)
			rows[i] = []string{strconv.FormatInt(e.Position, 10), e.HappenedAt.Local().Format("2006-01-02 15:04:05"), e.Actor.Name, e.Actor.Origin, e.Action, e.Object, e.Detail}
		}
		if c.JSON {
			return writeJSON(p.Out, reports)
		}
		t := &printer{w: p.Out}
		t.table("Audit log, the newest first", []string{"position", "when", "who", "from", "action", "object", "detail"}, rows)
		return t.err
	})
}

type auditExport struct {
	storeFlags
	Out    string `name:"out" required:"" help:"File to write; it must not exist yet. - is standard output."`
	Format string `name:"format" default:"csv" enum:"csv,ndjson" help:"csv or ndjson, one JSON document per line (default csv)."`
}

// Run writes the whole log, the oldest entry first.
func (c *auditExport) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		fill := func(w io.Writer) error {
			if c.Format == "ndjson" {
				lines := json.NewEncoder(w)
				return s.AuditChain(ctx, func(e survey.AuditEntry) error { return lines.Encode(newEntryReport(e)) })
			}
			return auditCSV(ctx, s, w)
		}
		if c.Out == "-" {
			return fill(p.Out)
		}
		return newFile(c.Out, fill)
	})
}

func auditCSV(ctx context.Context, s *store.Store, w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"position", "happened_at", "user_id", "actor", "origin", "action", "object", "study_id", "detail", "previous", "hash"}); err != nil {
		return err
	}
	err := s.AuditChain(ctx, func(e survey.AuditEntry) error {
		r := newEntryReport(e)
		cells := []string{strconv.FormatInt(r.Position, 10), r.HappenedAt.Format(time.RFC3339Nano), r.UserID, r.Actor, r.Origin, r.Action, r.Object, r.StudyID, r.Detail, r.Previous, r.Hash}
		for i := range cells {
			cells[i] = benchmark.SafeCell(cells[i])
		}
		return out.Write(cells)
	})
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	return err
}
