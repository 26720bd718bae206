package web

import "github.com/salesbench/salesbench/survey"

// audience is who may use a route before any role is looked at.
type audience int

const (
	public   audience = iota // everybody
	byLink                   // whoever has the link in the address
	probe                    // machines that look after the service
	byReader                 // results: a link to them, or an account with the right role
	account                  // whoever is signed in
	install                  // an administrator of the installation
	member                   // whoever has one of the roles in the study that the address names
)

// permission says who may use a route.
type permission struct {
	audience audience
	roles    []survey.StaffRole // of a member; an administrator of the installation has every role
	upload   bool               // it takes a file: its body may be large
}

var (
	everybody    = permission{audience: public}
	linkHolders  = permission{audience: byLink}
	probes       = permission{audience: probe}
	readers      = permission{audience: byReader, roles: []survey.StaffRole{survey.Administrator, survey.Researcher, survey.Viewer}}
	ownReaders   = permission{audience: byReader, roles: append([]survey.StaffRole{survey.Executive}, readers.roles...)} // of one organization
	signedIn     = permission{audience: account}
	installation = permission{audience: install}

	members        = roles(survey.Administrator, survey.Researcher, survey.Coordinator, survey.Executive, survey.Viewer)
	administrators = roles(survey.Administrator)
	fieldworkers   = roles(survey.Administrator, survey.Researcher, survey.Coordinator) // a coordinator only for the own organizations
	runners        = roles(survey.Administrator, survey.Researcher)                     // of waves, documents and data without names
	identities     = roles(survey.Administrator, survey.Coordinator)                    // whoever sees names and addresses of invited people
)

// mostBytes is how large a body of the route may be.
func (p permission) mostBytes() int64 {
	switch {
	case p.upload:
		return MaxUploadBytes
	case p.audience == account, p.audience == install, p.audience == member:
		return MaxStaffBytes
	}
	return MaxBodyBytes
}

func roles(r ...survey.StaffRole) permission { return permission{audience: member, roles: r} }

// uploads lets a route take a file.
func uploads(p permission) permission {
	p.upload = true
	return p
}

// permissions is the whole table of who may do what: a route that is not in it
// keeps the service from starting.
var permissions = map[string]permission{
	"GET /healthz":     probes,
	"GET /readyz":      probes,
	"GET /robots.txt":  everybody,
	"GET /favicon.ico": everybody,
	"GET /static/*":    everybody,
	"GET /":            everybody,
	"GET /dev/gallery": everybody, // in development; otherwise nothing is there

	// Respondents
	"GET /o/:token":               linkHolders,
	"POST /o/:token":              linkHolders,
	"GET /o/:token/qr":            linkHolders,
	"POST /o/:token/responses":    linkHolders,
	"GET /o/:token/receipt":       linkHolders,
	"GET /r/:token":               linkHolders,
	"POST /r/:token":              linkHolders,
	"GET /r/:token/s/:n":          linkHolders,
	"POST /r/:token/s/:n":         linkHolders,
	"GET /r/:token/saved":         linkHolders,
	"GET /r/:token/review":        linkHolders,
	"POST /r/:token/language":     linkHolders,
	"POST /r/:token/submit":       linkHolders,
	"GET /r/:token/submit":        linkHolders,
	"GET /r/:token/receipt":       linkHolders,
	"GET /r/:token/answers.html":  linkHolders,
	"GET /r/:token/answers.json":  linkHolders,
	"POST /r/:token/answers.html": linkHolders,
	"POST /r/:token/answers.json": linkHolders,
	"POST /r/:token/responses":    linkHolders,
	"GET /optout/:mark":           linkHolders,
	"POST /optout/:mark":          linkHolders,

	// A shared tablet
	"GET /k/:token":           linkHolders,
	"POST /k/:token":          linkHolders,
	"POST /k/:token/leave":    linkHolders,
	"GET /k/:token/s/:n":      linkHolders,
	"POST /k/:token/s/:n":     linkHolders,
	"GET /k/:token/saved":     linkHolders,
	"GET /k/:token/review":    linkHolders,
	"POST /k/:token/language": linkHolders,
	"GET /k/:token/submit":    linkHolders,
	"POST /k/:token/submit":   linkHolders,
	"GET /k/:token/receipt":   linkHolders,

	// Results
	"GET /method":                         everybody,
	"GET /results/:token":                 linkHolders,
	"GET /results/:token/org/:org":        linkHolders,
	"GET /waves/:wave":                    readers,
	"GET /waves/:wave/organizations":      readers,
	"GET /waves/:wave/organizations/:org": ownReaders,
	"GET /waves/:wave/group":              readers,
	"GET /waves/:wave/group.json":         readers,
	"GET /waves/:wave/league.json":        readers,
	"GET /waves/:wave/league.csv":         readers,
	"GET /waves/:wave/trust":              readers,
	"GET /waves/:wave/trust.json":         readers,
	"GET /waves/:wave/drivers":            readers,
	"GET /waves/:wave/drivers.json":       readers,

	// Accounts
	"GET /setup/:ticket":           everybody,
	"POST /setup/:ticket":          everybody,
	"GET /sign-in":                 everybody,
	"POST /sign-in":                everybody,
	"GET /forgotten":               everybody,
	"POST /forgotten":              everybody,
	"GET /sign-in/code":            everybody, // who has given a right password on this browser
	"POST /sign-in/code":           everybody,
	"GET /sign-in/service":         everybody,
	"GET /sign-in/service/back":    everybody,
	"POST /sign-out":               everybody,
	"GET /password/:ticket":        everybody,
	"POST /password/:ticket":       everybody,
	"GET /account":                 signedIn,
	"POST /account/password":       signedIn,
	"POST /account/sign-out":       signedIn,
	"POST /account/sessions/end":   signedIn,
	"GET /account/codes":           signedIn,
	"POST /account/codes":          signedIn,
	"POST /account/codes/recovery": signedIn,
	"POST /account/codes/off":      signedIn,
	"POST /account/zone":           signedIn,

	// The installation
	"GET /users":                  installation,
	"GET /users/new":              installation,
	"POST /users/new":             installation,
	"GET /users/:user":            installation,
	"POST /users/:user":           installation,
	"POST /users/:user/link":      installation,
	"POST /users/:user/codes-off": installation,

	"GET /audit":          installation,
	"GET /audit/download": installation,

	// Studies
	"GET /studies":                        signedIn,
	"GET /studies/new":                    installation,
	"POST /studies/new":                   installation,
	"GET /studies/:study":                 members,
	"GET /studies/:study/settings":        runners,
	"POST /studies/:study/settings":       runners,
	"GET /studies/:study/members":         administrators,
	"GET /studies/:study/audit":           administrators,
	"GET /studies/:study/audit/download":  administrators,
	"POST /studies/:study/members":        administrators,
	"POST /studies/:study/members/remove": administrators,

	// Questionnaires and criteria
	"GET /studies/:study/documents":                    runners,
	"POST /studies/:study/documents":                   uploads(runners),
	"GET /studies/:study/documents/:document":          runners,
	"POST /studies/:study/documents/:document":         uploads(runners),
	"POST /studies/:study/documents/:document/publish": runners,
	"POST /studies/:study/documents/:document/delete":  runners,
	"GET /studies/:study/diff":                         runners,
	"GET /studies/:study/preview/:document":            runners,
	"GET /studies/:study/preview/:document/page":       runners,

	// Waves
	"GET /studies/:study/waves/new":             runners,
	"POST /studies/:study/waves/new":            runners,
	"GET /studies/:study/waves/:wave":           members,
	"GET /studies/:study/waves/:wave/settings":  runners,
	"POST /studies/:study/waves/:wave/settings": runners,
	"GET /studies/:study/waves/:wave/open":      runners,
	"POST /studies/:study/waves/:wave/open":     runners,
	"GET /studies/:study/waves/:wave/end":       runners,
	"POST /studies/:study/waves/:wave/extend":   runners,
	"POST /studies/:study/waves/:wave/close":    runners,

	// Fieldwork
	"GET /studies/:study/waves/:wave/fieldwork":                          fieldworkers,
	"GET /studies/:study/waves/:wave/targets":                            runners,
	"POST /studies/:study/waves/:wave/targets":                           runners,
	"GET /studies/:study/waves/:wave/mailings":                           fieldworkers,
	"GET /studies/:study/waves/:wave/mailings/new":                       fieldworkers,
	"POST /studies/:study/waves/:wave/mailings/new":                      fieldworkers,
	"GET /studies/:study/waves/:wave/mailings/:campaign":                 fieldworkers,
	"GET /studies/:study/waves/:wave/mailings/:campaign/:turn":           fieldworkers,
	"POST /studies/:study/waves/:wave/mailings/:campaign/:turn":          fieldworkers,
	"GET /studies/:study/waves/:wave/mail-texts/:kind/:language":         runners,
	"POST /studies/:study/waves/:wave/mail-texts/:kind/:language":        runners,
	"GET /studies/:study/waves/:wave/mail-texts/:kind/:language/preview": runners,

	// Organizations
	"GET /studies/:study/organizations":                      fieldworkers,
	"GET /studies/:study/new-organization":                   runners,
	"POST /studies/:study/new-organization":                  runners,
	"GET /studies/:study/organizations/:org":                 fieldworkers,
	"POST /studies/:study/organizations/:org":                fieldworkers,
	"POST /studies/:study/organizations/:org/teams":          fieldworkers,
	"POST /studies/:study/organizations/:org/teams/remove":   fieldworkers,
	"POST /studies/:study/organizations/:org/delete":         runners,
	"GET /studies/:study/organization-file":                  runners,
	"POST /studies/:study/organization-file":                 uploads(runners),
	"GET /studies/:study/organization-file/:upload":          runners,
	"POST /studies/:study/organization-file/:upload":         runners,
	"GET /studies/:study/organization-file/:upload/mistakes": runners,
	"POST /studies/:study/organization-file/:upload/discard": runners,

	// The roster of a wave: a researcher reads numbers only
	"GET /studies/:study/waves/:wave/roster":                       fieldworkers,
	"GET /studies/:study/waves/:wave/roster/new":                   identities,
	"POST /studies/:study/waves/:wave/roster/new":                  identities,
	"GET /studies/:study/waves/:wave/roster/people/:person":        identities,
	"POST /studies/:study/waves/:wave/roster/people/:person":       identities,
	"POST /studies/:study/waves/:wave/roster/people/:person/erase": identities,
	"GET /studies/:study/waves/:wave/roster/sheets":                identities,
	"GET /studies/:study/waves/:wave/roster/file":                  identities,
	"POST /studies/:study/waves/:wave/roster/file":                 uploads(identities),
	"GET /studies/:study/waves/:wave/roster/file/:upload":          identities,
	"POST /studies/:study/waves/:wave/roster/file/:upload":         identities,
	"GET /studies/:study/waves/:wave/roster/file/:upload/mistakes": identities,
	"POST /studies/:study/waves/:wave/roster/file/:upload/discard": identities,

	// Open links
	"GET /studies/:study/waves/:wave/links":               fieldworkers,
	"POST /studies/:study/waves/:wave/links":              fieldworkers,
	"GET /studies/:study/waves/:wave/links/sheets":        fieldworkers,
	"GET /studies/:study/waves/:wave/links/:link":         fieldworkers,
	"POST /studies/:study/waves/:wave/links/:link/revoke": fieldworkers,

	// Long work: a coordinator sees the own
	"GET /studies/:study/jobs":              fieldworkers,
	"GET /studies/:study/jobs/:job":         fieldworkers,
	"POST /studies/:study/jobs/:job/cancel": fieldworkers,
	// Data of single people, without names
	"GET /studies/:study/waves/:wave/data":          runners,
	"GET /studies/:study/waves/:wave/data/download": runners,
	"GET /studies/:study/waves/:wave/data/flags":    runners,
	"POST /studies/:study/waves/:wave/data/exclude": runners,
	"POST /studies/:study/waves/:wave/data/readmit": runners,
	"POST /studies/:study/waves/:wave/data/hold":    runners,
	"GET /studies/:study/waves/:wave/data/release":  runners,
	"POST /studies/:study/waves/:wave/data/release": runners,

	// Erasure and periods, for those who may see names
	"GET /studies/:study/waves/:wave/erase":  administrators,
	"POST /studies/:study/waves/:wave/erase": administrators,
	"GET /studies/:study/retention":          administrators,
	"POST /studies/:study/retention":         administrators,
}
