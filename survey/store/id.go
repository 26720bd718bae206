package store

import (
	"github.com/google/uuid"
	"github.com/salesbench/salesbench/survey"
)

// newID makes a UUID of version 7: unique without asking anybody, and close in
// time means close in the index.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// NewResponseID makes the id of a response.
func NewResponseID() survey.ResponseID { return survey.ResponseID(newID()) }

// known refuses an id that no row can have, in the same words on both
// databases: PostgreSQL would complain about its form.
func known[T ~string](what string, id T) error {
	if _, err := uuid.Parse(string(id)); err != nil || len(id) != 36 {
		return survey.Errorf(survey.NotFound, "this %s does not exist", what)
	}
	return nil
}
