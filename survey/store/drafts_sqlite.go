package store

import (
	"database/sql"
	"time"
)

const (
	saveDraftSQLite = `UPDATE drafts SET role = ?, language = ?, closed = ?, numbers = ?, texts = ?, seconds = ?, version = version + 1, updated_at = ?
WHERE id = ? AND wave_id = ? AND version = ?`
	startDraftSQLite = `INSERT INTO drafts (id, wave_id, organization_id, team_id, invitation_id, resume_hash,
	role, language, closed, numbers, texts, seconds, version, started_at, updated_at)
SELECT ?1, w.id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1, ?13, ?13
FROM waves w
WHERE w.id = ?2 AND w.opens_at <= ?13 AND (w.closes_at IS NULL OR w.closes_at > ?13)
	AND (?5 IS NULL OR EXISTS (SELECT 1 FROM invitations i WHERE i.id = ?5 AND i.wave_id = ?2 AND i.organization_id = ?3 AND i.used_at IS NULL))
	AND (?6 IS NULL OR NOT EXISTS (SELECT 1 FROM responses r WHERE r.resume_hash = ?6)
		AND NOT EXISTS (SELECT 1 FROM spent_links s WHERE s.token_hash = ?6))
ON CONFLICT DO NOTHING`
)

func (t *liteTx) keepDrafts(saves, starts []*draftEntry, now time.Time) error {
	save, start := t.tx.StmtContext(t.ctx, t.saveDraft), t.tx.StmtContext(t.ctx, t.startDraft)
	takes := make(map[string]bool, 1)
	for _, e := range saves {
		r := &e.row
		if open, err := t.takesDrafts(takes, r.WaveID, now); err != nil || !open {
			if err != nil {
				return err
			}
			continue
		}
		result, err := save.ExecContext(t.ctx, r.Role, r.Language, r.Closed, r.Numbers, r.Texts, r.Seconds, now, r.ID, r.WaveID, r.Version)
		if err := e.count(result, err); err != nil {
			return err
		}
	}
	for _, e := range starts {
		r := &e.row
		var resume any
		if r.ResumeHash != nil {
			resume = r.ResumeHash
		}
		result, err := start.ExecContext(t.ctx, r.ID, r.WaveID, r.OrganizationID, r.TeamID, r.InvitationID, resume,
			r.Role, r.Language, r.Closed, r.Numbers, r.Texts, r.Seconds, now)
		if err := e.count(result, err); err != nil {
			return err
		}
	}
	return nil
}

// takesDrafts looks once in the transaction whether drafts of the wave may be saved.
func (t *liteTx) takesDrafts(known map[string]bool, wave string, now time.Time) (bool, error) {
	if takes, ok := known[wave]; ok {
		return takes, nil
	}
	f := &found{}
	if err := t.each(f.scanHeld, t.held, wave); err != nil {
		return false, err
	}
	known[wave] = f.wave.TakesDrafts(now)
	return known[wave], nil
}

// count takes note of whether the row was kept.
func (e *draftEntry) count(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	e.kept = n == 1
	return err
}
