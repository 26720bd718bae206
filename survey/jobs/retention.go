package jobs

import (
	"context"

	"github.com/salesbench/salesbench/survey"
)

// byRetention is how the audit log names what is removed because its time is over.
var byRetention = survey.Actor{Name: "retention", Origin: "service"}

// keepRetention removes what studies have kept for as long as they said.
func (r *Runner) keepRetention(ctx context.Context) error {
	done, err := r.Store.KeepRetention(ctx, byRetention)
	for _, d := range done {
		r.Log.Info("kept for long enough and removed", "wave", d.Wave.Key, "part", d.Part,
			"responses", d.Responses, "drafts", d.Drafts, "contacts", d.Contacts)
	}
	return err
}
