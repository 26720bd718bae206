package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// Key is the key of the installation in tests.
var Key, _ = auth.ParseKey("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")

// Clock is a clock that a test moves. Its zero value stands at Now.
type Clock struct{ ahead time.Duration }

// Now is the moment that the clock shows.
func (c *Clock) Now() time.Time { return Now.Add(c.ahead) }

// Move moves the clock on.
func (c *Clock) Move(by time.Duration) { c.ahead += by }

// People adds n people to the organization of the wave: person-0@example.org and so on.
func (f Fieldwork) People(t testing.TB, s *store.Store, n int) {
	t.Helper()
	check(t, s.UseKey(t.Context(), Key))
	rows := make([]store.RosterRow, n)
	for i := range rows {
		rows[i] = store.RosterRow{OrganizationID: f.Organization.ID, Reference: fmt.Sprintf("p%d", i), Email: fmt.Sprintf("person-%d@example.org", i)}
	}
	plan, err := s.PlanRoster(t.Context(), f.Wave.ID, rows)
	check(t, err)
	check(t, s.ApplyRoster(t.Context(), plan, func(int) {}))
}

// Campaign starts a campaign of the wave and puts all its messages into the outbox.
func (f Fieldwork) Campaign(t testing.TB, s *store.Store, kind survey.MailKind, perMinute int) survey.Campaign {
	t.Helper()
	c, err := s.PlanCampaign(t.Context(), survey.Campaign{WaveID: f.Wave.ID, Kind: kind, PerMinute: perMinute})
	check(t, err)
	c, err = s.StartCampaign(t.Context(), c.ID)
	check(t, err)
	for step := (store.QueueStep{}); !step.Done; {
		step, err = s.QueueCampaign(t.Context(), c.ID, step.After)
		check(t, err)
	}
	return c
}
