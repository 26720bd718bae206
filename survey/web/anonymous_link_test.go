package web

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

const (
	linkedOrganizations = 4
	linkedPeople        = 25 // in each
)

// invitee is a person whose answers the attacker would like to find.
type invitee struct {
	organization survey.OrganizationID
	invitation   survey.InvitationID
	token        string
	secret       string // an answer that nobody else gave
}

// dumpTable is a table as a dump shows it: rows in the order in which they lie there.
type dumpTable struct {
	name    string
	columns []string
	rows    [][]string
	kept    map[string][]string // columns that were asked for; nil: nothing is kept
}

func (d dumpTable) column(name string) []string {
	if values, ok := d.kept[name]; ok {
		return values
	}
	at := slices.Index(d.columns, name)
	values := make([]string, len(d.rows))
	for i, row := range d.rows {
		values[i] = row[at]
	}
	if d.kept != nil {
		d.kept[name] = values
	}
	return values
}

// answerInTurn has everybody answer in the order of the invitations, which is the
// order that gives most away: half through the pages, half as programs do.
func answerInTurn(t *testing.T, f *field) []invitee {
	t.Helper()
	var people []invitee
	for o := range linkedOrganizations {
		organization, err := f.store.PutOrganization(t.Context(), survey.Organization{StudyID: f.Study.ID, Key: fmt.Sprintf("org-%d", o), Name: fmt.Sprintf("Organization %d", o)})
		if err != nil {
			t.Fatal(err)
		}
		for i := range linkedPeople {
			p := invitee{organization: organization.ID, token: auth.NewToken(), secret: auth.NewToken()}
			made, err := f.store.CreateInvitations(t.Context(), f.Wave.ID, []store.NewInvitation{{OrganizationID: organization.ID,
				Reference: fmt.Sprintf("person-%03d", i), Token: auth.HashToken(p.token)}})
			if err != nil {
				t.Fatal(err)
			}
			p.invitation = made[0].ID
			people = append(people, p)
		}
	}
	for i := range linkedPeople { // one of each organization, then the next of each
		for o := range linkedOrganizations {
			f.answerAs(people[o*linkedPeople+i])
		}
	}
	return people
}

func (f *field) answerAs(p invitee) {
	f.t.Helper()
	link := "/r/" + p.token
	if p.secret < "m" {
		document := whole(auth.NewToken())
		document["answers"].(map[string]any)[secretItem] = p.secret
		if got := f.tell(link, document); got.status != 201 {
			f.t.Fatalf("%+v", got)
		}
		return
	}
	f.begin(link, "manager")
	f.fillAll(link)
	for section, s := range f.Instrument.Sections {
		if slices.ContainsFunc(s.Items, func(i survey.Item) bool { return i.Key == secretItem }) {
			form := complete(f.get(fmt.Sprintf("%s/s/%d", link, section+1)))
			form.Set(secretItem, p.secret)
			form.Set("go", "next")
			f.post(fmt.Sprintf("%s/s/%d", link, section+1), form)
		}
	}
	if a := f.post(link+"/submit", f.get(link+"/review").form()); a.status != 200 && a.status != 303 {
		f.t.Fatalf("%d %s", a.status, textOf(a.doc))
	}
}

// secretItem is an open question of the built-in questionnaire.
var secretItem = func() string {
	in := survey.Builtin()
	return in.Fields()[in.TextFields()[0]].Key
}()

// attack tries to tell whose answers are whose from what a dump and a log hold.
type attack struct {
	t           *testing.T
	people      []invitee
	tables      []dumpTable
	log         string
	invitations dumpTable
	responses   dumpTable
	whose       map[string]int // invitation -> who it is
	tried       int            // guesses of whole assignments
	best        int            // most right in one of them
	how         string
	correlation float64 // strongest, in standard deviations
}

// run returns how many people one way of guessing got right at the most.
func (a *attack) run() {
	for _, table := range a.tables {
		table.kept = map[string][]string{}
		switch table.name {
		case "invitations":
			a.invitations = table
		case "responses":
			a.responses = table
		}
	}
	if len(a.responses.rows) != len(a.people) || len(a.invitations.rows) != len(a.people) {
		a.t.Fatalf("the dump has %d responses and %d invitations", len(a.responses.rows), len(a.invitations.rows))
	}
	a.byChains()
	a.byHashes()
	a.byOrders()
}

// took notes one way of guessing: response row -> person.
func (a *attack) took(how string, guess map[int]int) {
	right := 0
	for row, person := range guess {
		if strings.Contains(a.responses.column("texts")[row], a.people[person].secret) {
			right++
		}
	}
	if a.tried++; right > a.best {
		a.best, a.how = right, how
	}
}

// person finds whose invitation a row of the invitations is.
func (a *attack) person(row int) int {
	id := a.invitations.column("id")[row]
	if a.whose == nil {
		a.whose = make(map[string]int)
		for n, p := range a.people {
			a.whose[string(p.invitation)] = n
		}
	}
	if n, ok := a.whose[id]; ok {
		return n
	}
	return -1
}

// byChains follows values that few rows have from an invitation over any tables,
// and lines of the log, to a response.
func (a *attack) byChains() {
	type place struct{ table, row int }
	tables := slices.Clone(a.tables)
	log := dumpTable{name: "log"}
	for _, line := range strings.Split(a.log, "\n") {
		log.rows = append(log.rows, strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(`{}",:/ `, r) }))
	}
	tables = append(tables, log)
	byValue := map[string][]place{}
	for t, table := range tables {
		for r, row := range table.rows {
			for _, value := range row {
				if len(value) >= 8 {
					byValue[value] = append(byValue[value], place{t, r})
				}
			}
		}
	}
	guess := map[int]int{}
	for start := range a.invitations.rows {
		seen := map[place]bool{}
		queue := []place{{slices.IndexFunc(tables, func(d dumpTable) bool { return d.name == "invitations" }), start}}
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			if seen[at] {
				continue
			}
			seen[at] = true
			if tables[at.table].name == "responses" {
				guess[at.row] = a.person(start)
				break
			}
			for _, value := range tables[at.table].rows[at.row] {
				if next := byValue[value]; len(next) <= 4 {
					queue = append(queue, next...)
				}
			}
		}
	}
	a.took("values in common", guess)
}

// byHashes computes what could have been made from a link that is known.
func (a *attack) byHashes() {
	made := map[string]int{}
	for n, p := range a.people {
		token := auth.HashToken(p.token)
		sources := []string{p.token, string(p.invitation), string(token[:]), hex.EncodeToString(token[:]), p.token + string(p.invitation), string(p.invitation) + p.token}
		for _, source := range sources {
			for _, salt := range []string{"", string(f256([]byte(source))), "response", string(a.responses.column("wave_id")[0]), string(p.organization)} {
				text := []byte(source + salt)
				s1, m5 := sha1.Sum(text), md5.Sum(text)
				for _, sum := range [][]byte{f256(text), s1[:], m5[:], text} {
					for _, form := range []string{hex.EncodeToString(sum), base64.StdEncoding.EncodeToString(sum), base64.RawURLEncoding.EncodeToString(sum), string(sum)} {
						for size := 12; size <= len(form); size += 4 {
							made[strings.ToLower(form[:size])] = n
						}
						made[strings.ToLower(form)] = n
					}
				}
			}
		}
	}
	guess := map[int]int{}
	for row, values := range a.responses.rows {
		for _, value := range values {
			value = strings.ToLower(strings.TrimPrefix(value, `\x`))
			for _, form := range []string{value, strings.ReplaceAll(value, "-", "")} {
				if n, ok := made[form]; ok && len(form) >= 12 {
					guess[row] = n
				}
			}
		}
	}
	a.took("hashes of links", guess)
}

func f256(b []byte) []byte { s := sha256.Sum256(b); return s[:] }

// byOrders puts the responses of each organization in every order that there is, and
// the invitations, and takes the first for the first.
func (a *attack) byOrders() {
	for i := range len(a.invitations.columns) + 1 {
		for r := range len(a.responses.columns) + 1 {
			for _, backwards := range []bool{false, true} {
				a.byOrder(i, r, backwards)
			}
		}
	}
}

func (a *attack) byOrder(i, r int, backwards bool) {
	guess, z := map[int]int{}, 0.0
	for o := range linkedOrganizations {
		organization := string(a.people[o*linkedPeople].organization)
		invited, answered := ordered(a.invitations, i-1, organization), ordered(a.responses, r-1, organization)
		if len(invited) != linkedPeople || len(answered) != linkedPeople {
			a.t.Fatalf("%d invitations and %d responses of an organization", len(invited), len(answered))
		}
		if backwards {
			slices.Reverse(answered)
		}
		squares := 0.0
		for n := range answered {
			guess[answered[n]] = a.person(invited[n])
			text := a.responses.column("texts")[answered[n]]
			truly := slices.IndexFunc(invited, func(row int) bool { return strings.Contains(text, a.people[a.person(row)].secret) })
			squares += float64((truly - n) * (truly - n))
		}
		n := float64(linkedPeople)
		z += (1 - 6*squares/(n*(n*n-1))) * math.Sqrt(n-1)
	}
	a.took(fmt.Sprintf("invitations by %s, responses by %s, backwards %v", nameOf(a.invitations, i-1), nameOf(a.responses, r-1), backwards), guess)
	a.correlation = max(a.correlation, math.Abs(z)/math.Sqrt(linkedOrganizations))
}

func nameOf(d dumpTable, column int) string {
	if column < 0 {
		return "their place"
	}
	return d.columns[column]
}

// ordered lists the rows of an organization by a column, or as they lie there.
func ordered(d dumpTable, column int, organization string) []int {
	var rows []int
	for row, of := range d.column("organization_id") {
		if of == organization {
			rows = append(rows, row)
		}
	}
	if column >= 0 {
		slices.SortStableFunc(rows, func(x, y int) int {
			a, b := d.rows[x][column], d.rows[y][column]
			if len(a) != len(b) && d.columns[column] == "position" {
				return len(a) - len(b)
			}
			return strings.Compare(a, b)
		})
	}
	return rows
}

// bound is how many right guesses the best of so many ways has by chance, but for
// once in a million times: the tail of the binomial distribution of 100 guesses
// with the chance of one in an organization.
func bound(tried int) int {
	n, p := linkedOrganizations*linkedPeople, 1.0/linkedPeople
	for right := 0; ; right++ {
		tail, c := 0.0, 1.0
		for k := 0; k <= n; k++ {
			if k > 0 {
				c = c * float64(n-k+1) / float64(k)
			}
			if k >= right {
				tail += c * math.Pow(p, float64(k)) * math.Pow(1-p, float64(n-k))
			}
		}
		if tail*float64(tried) < 1e-6 {
			return right
		}
	}
}

// readDump reads the database as a dump has it.
func readDump(t *testing.T, config store.Config) []dumpTable {
	t.Helper()
	if config.URL != "" {
		return readCopies(storetest.Dump(t, config))
	}
	db, err := sql.Open("sqlite", config.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names, err := db.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
	if err != nil {
		t.Fatal(err)
	}
	var tables []dumpTable
	for names.Next() {
		var table dumpTable
		if err := names.Scan(&table.name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	for i := range tables {
		readTable(t, db, &tables[i])
	}
	return tables
}

func readTable(t *testing.T, db *sql.DB, table *dumpTable) {
	t.Helper()
	rows, err := db.Query("SELECT * FROM " + table.name) // in the order of the rows, as .dump writes them
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if table.columns, err = rows.Columns(); err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(table.columns)), make([]any, len(table.columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(values))
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				row[i] = hex.EncodeToString(b)
			} else {
				row[i] = fmt.Sprint(v)
			}
		}
		table.rows = append(table.rows, row)
	}
}

// readCopies reads the COPY blocks of pg_dump.
func readCopies(dump []byte) []dumpTable {
	var tables []dumpTable
	var now *dumpTable
	for line := range strings.Lines(string(dump)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case now == nil && strings.HasPrefix(line, "COPY public."):
			name, rest, _ := strings.Cut(strings.TrimPrefix(line, "COPY public."), " (")
			columns, _, _ := strings.Cut(rest, ")")
			tables = append(tables, dumpTable{name: name, columns: strings.Split(columns, ", ")})
			now = &tables[len(tables)-1]
		case line == `\.`:
			now = nil
		case now != nil:
			now.rows = append(now.rows, strings.Split(line, "\t"))
		}
	}
	return tables
}

func linked(t *testing.T, config store.Config, settings ...storetest.Setting) *attack {
	f := newField(t, config, settings...)
	a := &attack{t: t, people: answerInTurn(t, f)}
	a.tables, a.log = readDump(t, config), f.log.String()
	a.run()
	t.Logf("%d ways of guessing, the best has %d right (%s); correlation %.1f", a.tried, a.best, a.how, a.correlation)
	return a
}

func TestADumpOfAnAnonymousWaveLinksNobodyBetterThanChance(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		a := linked(t, config, anonymous)
		if limit := bound(a.tried); a.best >= limit {
			t.Errorf("%d of %d are linked, chance gives fewer than %d: %s", a.best, len(a.people), limit, a.how)
		}
		if a.correlation > 6.5 { // once in ten million times, for a thousand ways
			t.Errorf("orders agree by %.1f standard deviations", a.correlation)
		}
	})
}

func TestTheSameAttackLinksEverybodyOfAConfidentialWave(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		if a := linked(t, config); a.best != len(a.people) || a.correlation < 6.5 {
			t.Errorf("%d of %d are linked, orders agree by %.1f: the attack is too weak to prove anything", a.best, len(a.people), a.correlation)
		}
	})
}

func TestTheFileOfAnAnonymousWaveHoldsNoDraftThatWasSent(t *testing.T) {
	for name, c := range map[string]struct {
		settings []storetest.Setting
		linked   bool
	}{"anonymous": {[]storetest.Setting{anonymous}, false}, "confidential": {nil, true}} {
		config := storetest.SQLite(t)
		f := newField(t, config, c.settings...)
		people := answerInTurn(t, f)
		if err := f.store.Close(); err != nil { // takes the write-ahead log along
			t.Fatal(err)
		}
		file, err := os.ReadFile(config.Path)
		if err != nil {
			t.Fatal(err)
		}
		right := 0
		for _, p := range people {
			if near(file, p) {
				right++
			}
		}
		t.Logf("%s: %d of %d people have their answers beside their invitation", name, right, len(people))
		if (right > 0) != c.linked {
			t.Errorf("%s: %d of %d people have their answers beside their invitation", name, right, len(people))
		}
	}
}

// near says whether the invitation stands within a row's length of the answers.
func near(file []byte, p invitee) bool {
	for from := 0; ; {
		at := bytes.Index(file[from:], []byte(p.secret))
		if at < 0 {
			return false
		}
		at += from
		if bytes.Contains(file[max(0, at-1500):min(len(file), at+1500)], []byte(p.invitation)) {
			return true
		}
		from = at + 1
	}
}
