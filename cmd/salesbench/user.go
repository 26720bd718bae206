package main

import (
	"context"
	"fmt"
	"os/user"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
)

// userCommand is the way in when nobody can sign in any more.
type userCommand struct {
	List userListCommand `cmd:"" help:"List the accounts."`
	Add  userAddCommand  `cmd:"" help:"Add an account and print a link to choose its password."`
	Link userLinkCommand `cmd:"" help:"Print a link to choose a new password for an account."`

	CodesOff userCodesOffCommand `cmd:"" name:"codes-off" help:"Ask an account for no code at its sign-in any more: phone and recovery codes are lost."`
}

// onCommandLine is how the audit log names whoever works on this machine.
func onCommandLine() survey.Actor {
	name := "command line"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	return survey.Actor{Name: name, Origin: "command line"}
}

type userListCommand struct {
	storeFlags
	JSON bool `name:"json" help:"Print JSON."`
}

// userOut is an account as the command line tells it.
type userOut struct {
	Email         string     `json:"email"`
	Name          string     `json:"name"`
	Administrator bool       `json:"administrator"`
	HasPassword   bool       `json:"has_password"`
	SecondFactor  bool       `json:"second_factor"`
	CreatedAt     time.Time  `json:"created_at"`
	DisabledAt    *time.Time `json:"disabled_at"`
}

// Run prints one line for each account.
func (c *userListCommand) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		users, err := s.Users(ctx)
		if err != nil {
			return err
		}
		out := make([]userOut, len(users))
		for i, u := range users {
			out[i] = userOut{u.Email, u.Name, u.Administrator, u.HasPassword, u.SecondFactor, u.CreatedAt, nil}
			if !u.DisabledAt.IsZero() {
				out[i].DisabledAt = &u.DisabledAt
			}
		}
		if c.JSON {
			return writeJSON(p.Out, out)
		}
		for _, u := range out {
			fmt.Fprintf(p.Out, "%s  %s%s\n", plain(u.Email), plain(u.Name), userState(u))
		}
		return nil
	})
}

func userState(u userOut) string {
	var words []string
	if u.Administrator {
		words = append(words, "administrator")
	}
	if !u.HasPassword {
		words = append(words, "no password yet")
	}
	if u.DisabledAt != nil {
		words = append(words, "disabled")
	}
	if len(words) == 0 {
		return ""
	}
	return "  (" + strings.Join(words, ", ") + ")"
}

// ticketFlags say where the printed link leads.
type ticketFlags struct {
	storeFlags
	BaseURL string `name:"base-url" setting:"SALESBENCH_BASE_URL" default:"http://127.0.0.1:8080" help:"Address of the running service (default http://127.0.0.1:8080)."`
}

type userAddCommand struct {
	ticketFlags
	Email         string `arg:"" help:"E-mail address of the account."`
	Name          string `name:"name" required:"" help:"Name of the person."`
	Administrator bool   `name:"administrator" help:"May do everything in every study."`
}

// Run adds the account.
func (c *userAddCommand) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, true, func(s *store.Store) error {
		u, err := s.CreateUser(ctx, onCommandLine(), survey.User{Email: c.Email, Name: c.Name, Administrator: c.Administrator})
		if err != nil {
			return err
		}
		return c.printTicket(ctx, p, s, u)
	})
}

type userLinkCommand struct {
	ticketFlags
	Email string `arg:"" help:"E-mail address of the account."`
}

// Run prints the link.
func (c *userLinkCommand) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		u, err := s.UserByEmail(ctx, strings.ToLower(strings.TrimSpace(c.Email)))
		if err != nil {
			return err
		}
		return c.printTicket(ctx, p, s, u)
	})
}

type userCodesOffCommand struct {
	storeFlags
	Email string `arg:"" help:"E-mail address of the account."`
}

// Run turns codes off.
func (c *userCodesOffCommand) Run(ctx context.Context, p *program) error {
	return c.withStore(ctx, p, false, func(s *store.Store) error {
		u, err := s.UserByEmail(ctx, strings.ToLower(strings.TrimSpace(c.Email)))
		if err != nil {
			return err
		}
		if err := s.RemoveSecondFactor(ctx, onCommandLine(), u.ID); err != nil {
			return err
		}
		fmt.Fprintf(p.Out, "No code is asked of %s any more.\n", plain(u.Email))
		return nil
	})
}

func (f ticketFlags) printTicket(ctx context.Context, p *program, s *store.Store, u survey.User) error {
	purpose := store.NewPassword
	if !u.HasPassword {
		purpose = store.Welcome
	}
	token := auth.NewToken()
	if err := s.CreateTicket(ctx, store.Ticket{Purpose: purpose, UserID: u.ID, ExpiresAt: p.now().Add(setUpLife)}, auth.HashToken(token)); err != nil {
		return err
	}
	if err := s.Record(ctx, onCommandLine(), store.Deed{Action: "user.link", Object: "user " + u.Email}); err != nil {
		return err
	}
	fmt.Fprintf(p.Out, "With this link a password for %s is chosen, once, within a day:\n  %s/password/%s\n", plain(u.Email), strings.TrimSuffix(f.BaseURL, "/"), token)
	return nil
}
