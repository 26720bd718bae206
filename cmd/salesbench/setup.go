package main

import (
	"context"
	"fmt"
	"time"

	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// setUpLife is how long the link to the first account counts. The next start prints
// another.
const setUpLife = 24 * time.Hour

// setUpLink makes the link with which the first account is made, and returns the
// line that tells it; nothing where there is an account already.
func (s *service) setUpLink(ctx context.Context, p *program) (string, error) {
	// A service that is told to end meanwhile ends in its own way.
	ctx = context.WithoutCancel(ctx)
	has, err := s.store.HasUsers(ctx)
	if err != nil || has {
		return "", err
	}
	token := auth.NewToken()
	ticket := store.Ticket{Purpose: store.SetUp, ExpiresAt: p.now().Add(setUpLife)}
	if err := s.store.CreateTicket(ctx, ticket, auth.HashToken(token)); err != nil {
		return "", err
	}
	return fmt.Sprintf("Nobody has an account yet. Make the first one, within a day, at\n  %s/setup/%s\n", s.base, token), nil
}
