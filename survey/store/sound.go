package store

import (
	"context"

	"gorm.io/gorm"
)

// Soundness is what the database itself does not enforce, because that is what a
// response would cost most.
type Soundness struct {
	Orphans    int64 // responses and drafts whose wave, organization, team or invitation does not exist
	Miscounted int64 // waves whose positions are not those of their responses
}

const orphans = ` r LEFT JOIN waves w ON w.id = r.wave_id
LEFT JOIN organizations o ON o.id = r.organization_id AND o.study_id = w.study_id
LEFT JOIN teams t ON t.id = r.team_id AND t.organization_id = r.organization_id
LEFT JOIN invitations i ON i.id = r.invitation_id AND i.wave_id = r.wave_id
WHERE o.id IS NULL OR (r.team_id IS NOT NULL AND t.id IS NULL) OR (r.invitation_id IS NOT NULL AND i.id IS NULL)`

const miscounted = `SELECT count(*) FROM wave_positions p
LEFT JOIN (SELECT wave_id, count(*) AS n, max(position) AS last FROM responses GROUP BY wave_id) r ON r.wave_id = p.wave_id
WHERE p.position <> coalesce(r.n, 0) + p.removed OR p.position < coalesce(r.last, 0) OR (p.removed = 0 AND p.position <> coalesce(r.last, 0))`

// Sound looks through all responses and drafts for what nothing but the program
// keeps in order. It takes seconds for a million responses.
func (s *Store) Sound(ctx context.Context) (Soundness, error) {
	var found Soundness
	err := s.read(ctx, func(db *gorm.DB) error {
		found = Soundness{}
		for _, table := range []string{"responses", "drafts"} {
			var n int64
			if err := db.Raw("SELECT count(*) FROM " + table + orphans).Scan(&n).Error; err != nil {
				return err
			}
			found.Orphans += n
		}
		return db.Raw(miscounted).Scan(&found.Miscounted).Error
	})
	return found, err
}
