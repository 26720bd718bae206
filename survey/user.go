package survey

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// UserID is the id of a User.
type UserID string

// User is somebody with an account. A respondent is never a user.
type User struct {
	ID            UserID
	Email         string // in lower case, unique
	Name          string
	Administrator bool // of the whole installation: may do everything in every study
	HasPassword   bool
	SecondFactor  bool   // a code of an authenticator is asked for as well
	Zone          string // time zone in which moments are read and typed; empty: none chosen, UTC
	CreatedAt     time.Time
	DisabledAt    time.Time // zero: may sign in
}

// StaffRole says what a user may do in one study.
type StaffRole string

// The roles, from the one that may do most.
const (
	Administrator StaffRole = "administrator" // everything in the study, the roster with its names included
	Researcher    StaffRole = "researcher"    // waves, data and results; sees no names
	Coordinator   StaffRole = "coordinator"   // fieldwork of named organizations, names included; sees no results
	Executive     StaffRole = "executive"     // results of the own organization
	Viewer        StaffRole = "viewer"        // results
)

// StaffRoles lists the roles in the order in which they are offered.
func StaffRoles() []StaffRole {
	return []StaffRole{Administrator, Researcher, Coordinator, Executive, Viewer}
}

// Known says whether there is such a role.
func (r StaffRole) Known() bool { return slices.Contains(StaffRoles(), r) }

// Bound says whether the role is there for named organizations only.
func (r StaffRole) Bound() bool { return r == Coordinator || r == Executive }

// Membership is the role of a user in a study.
type Membership struct {
	UserID        UserID
	StudyID       StudyID
	Role          StaffRole
	Organizations []OrganizationID // of a coordinator or executive
}

// For says whether the membership reaches the organization.
func (m Membership) For(organization OrganizationID) bool {
	return !m.Role.Bound() || slices.Contains(m.Organizations, organization)
}

// Identity is who somebody is at a provider of identities (OpenID Connect).
type Identity struct {
	Issuer   string
	Subject  string // names the person at the issuer for ever; an address may be given to another
	Email    string
	Verified bool // the issuer has seen that the address is theirs
	Name     string
	Zone     string // time zone that the issuer knows of them; empty: none, and perhaps not one that is known here
}

// Actor is who does something, for the audit log.
type Actor struct {
	UserID UserID // empty: nobody with an account, such as the command line or a job
	Name   string // the address of the user, or what acts in nobody's name
	Origin string // network address, or "command line"
}

// AuditEntry is one line of the audit log. Object and Detail hold ids, keys and
// counts, never a name, address or answer of a respondent: the log outlives erasure.
type AuditEntry struct {
	Position   int64 // from 1, without holes
	HappenedAt time.Time
	Actor      Actor
	Action     string // verb of a thing, such as "wave.close"
	Object     string // what it was done to, such as "wave spring"
	StudyID    StudyID
	Detail     string
	Previous   [32]byte // hash of the entry before; zero for the first
	Hash       [32]byte
}

// longestName bounds what a user is called.
const longestName = 200

// NormalEmail returns the address in the form in which accounts keep it. Invalid:
// it is not one address.
func NormalEmail(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text || address.Name != "" || len(text) > 254 {
		return "", Errorf(Invalid, "this is not an e-mail address such as ada@example.org")
	}
	return text, nil
}

// CheckUser says what is wrong with an account that is to be kept.
func CheckUser(u User) error {
	if _, err := NormalEmail(u.Email); err != nil {
		return err
	}
	switch name := strings.TrimSpace(u.Name); {
	case name == "":
		return Errorf(Invalid, "the name is missing")
	case utf8.RuneCountInString(name) > longestName:
		return Errorf(Invalid, "the name is longer than %d characters", longestName)
	case strings.ContainsFunc(name, unicode.IsControl):
		return Errorf(Invalid, "the name has a line break or another control character")
	}
	_, err := LoadZone(u.Zone)
	return err
}

// CheckMembership says what is wrong with a role that is to be given.
func CheckMembership(m Membership) error {
	switch {
	case !m.Role.Known():
		return Errorf(Invalid, "there is no role %q; there are administrator, researcher, coordinator, executive and viewer", m.Role)
	case m.Role.Bound() && len(m.Organizations) == 0:
		return Errorf(Invalid, "the role of %s is for named organizations: choose at least one", m.Role)
	case !m.Role.Bound() && len(m.Organizations) > 0:
		return Errorf(Invalid, "the role of %s is not bound to organizations: choose none", m.Role)
	}
	return nil
}
