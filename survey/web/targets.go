package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
)

// targetForm asks for the numbers of people that are wanted.
func (v fieldworkView) targetForm() templates.Form {
	field := func(name, label string, people int) templates.Field {
		f := templates.Field{Kind: templates.NumberField, Name: name, Label: label, Unit: "people"}
		if people > 0 {
			f.Value = strconv.Itoa(people)
		}
		return f
	}
	f := templates.Form{Submit: "Save", Fields: []templates.Field{field("all", "Whole wave", v.target(func(t survey.Target) bool { return t == (survey.Target{People: t.People}) }))}}
	for _, role := range v.roles {
		f.Fields = append(f.Fields, field("role-"+role.Key, "Role: "+role.Label.In("en"), v.target(func(t survey.Target) bool { return t.Role == role.Key })))
	}
	if len(v.organizations) > fewOptions {
		f.Fields = append(f.Fields, v.targetLines())
		return f
	}
	for _, o := range v.organizations {
		f.Fields = append(f.Fields, field("organization-"+string(o.ID), o.Name, v.target(func(t survey.Target) bool { return t.OrganizationID == o.ID })))
	}
	return f
}

// targetLines asks for the targets of many organizations in one box, which takes what
// somebody copies from a spreadsheet.
func (v fieldworkView) targetLines() templates.Field {
	people := make(map[survey.OrganizationID]string, len(v.targets))
	for _, t := range v.targets {
		if t.OrganizationID != "" {
			people[t.OrganizationID] = " " + strconv.Itoa(t.People)
		}
	}
	var lines strings.Builder
	for _, o := range v.organizations {
		lines.WriteString(o.Key + "," + people[o.ID] + "\n")
	}
	return templates.Field{Kind: templates.AreaField, Name: "organizations", Label: "Organizations", Rows: 16, Value: lines.String(),
		Hint: "One a line: its short name, a comma, the number of people; without a number, or left out, it has no target. Two columns copied from a spreadsheet are taken, too."}
}

// mostTargetProblems is how many lines are named that can not be read.
const mostTargetProblems = 10

// typedTargetLines reads the box of targetLines.
func (v fieldworkView) typedTargetLines(text string) ([]survey.Target, error) {
	keys := make(map[string]survey.OrganizationID, len(v.organizations))
	for _, o := range v.organizations {
		keys[o.Key] = o.ID
	}
	var targets []survey.Target
	var wrong []string
	seen := make(map[string]int)
	n := 0
	for line := range strings.Lines(text) {
		n++
		key, number, _ := strings.Cut(strings.NewReplacer("\t", ",", ";", ",").Replace(strings.TrimSpace(line)), ",")
		key, number = strings.TrimSpace(key), strings.TrimSpace(number)
		if key == "" && number == "" {
			continue
		}
		people, err := strconv.Atoi(number)
		switch id, ok := keys[key]; {
		case !ok:
			wrong = append(wrong, fmt.Sprintf("line %d: %q is not the short name of an organization", n, abridged(key)))
		case seen[key] > 0:
			wrong = append(wrong, fmt.Sprintf("line %d: %q stands in line %d already", n, key, seen[key]))
		case number == "":
		case err != nil || people < 1 || people > survey.MostTargetPeople:
			wrong = append(wrong, fmt.Sprintf("line %d: %q is not a number from 1 to %s", n, abridged(number), thousands(survey.MostTargetPeople)))
		default:
			targets = append(targets, survey.Target{OrganizationID: id, People: people})
		}
		seen[key] = n
	}
	if len(wrong) == 0 {
		return targets, nil
	}
	if more := len(wrong) - mostTargetProblems; more > 0 {
		wrong = append(wrong[:mostTargetProblems], "and "+thousands(more)+" more")
	}
	return nil, survey.Errorf(survey.Invalid, "%s", strings.Join(wrong, "; "))
}

// abridged is enough of what somebody typed to find it again.
func abridged(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + " …"
	}
	return text
}

func (s *Server) targetsPage(c echo.Context) (templates.FormPage, fieldworkView, error) {
	v, err := s.fieldworkView(c)
	who := staffOf(c)
	p := templates.FormPage{Base: s.staffBase(c, "Targets", templates.Link{Text: "Targets", URL: wavePath(who.study, who.wave, "/targets")}), Heading: "How many people are wanted",
		Lead: "Empty: no target. They are sealed when the wave opens.", Form: v.targetForm()}
	watch(&p.Form)
	return p, v, err
}

func (s *Server) askTargets(c echo.Context) error {
	p, _, err := s.targetsPage(c)
	if err != nil {
		return err
	}
	return showForm(c, p)
}

func (s *Server) putTargets(c echo.Context) error {
	form, err := readLongForm(c)
	if err != nil {
		return err
	}
	p, v, err := s.targetsPage(c)
	if err != nil {
		return err
	}
	merge(form, &p.Form)
	showTypedForm(form, &p.Form)
	// Targets of teams are set on the command line; they stay.
	targets := slices.DeleteFunc(slices.Clone(v.targets), func(t survey.Target) bool { return t.TeamID == "" })
	for _, field := range p.Form.Fields {
		if field.Value == "" {
			continue
		}
		if field.Name == "organizations" {
			listed, err := v.typedTargetLines(field.Value)
			_ = fieldProblem(&p.Form, field.Name, err)
			targets = append(targets, listed...)
			continue
		}
		people, err := typedCount(form, field.Name, 1, survey.MostTargetPeople)
		_ = fieldProblem(&p.Form, field.Name, err)
		target := survey.Target{People: people}
		if role, ok := strings.CutPrefix(field.Name, "role-"); ok {
			target.Role = role
		}
		if o, ok := strings.CutPrefix(field.Name, "organization-"); ok {
			target.OrganizationID = survey.OrganizationID(o)
		}
		targets = append(targets, target)
	}
	if !wrong(p.Form) {
		if err := fieldProblem(&p.Form, "", s.Store.SetTargets(s.auditWave(c, "wave.targets"), staffOf(c).wave.ID, targets)); err != nil {
			return err
		}
	}
	if wrong(p.Form) {
		return showForm(c, p)
	}
	who := staffOf(c)
	return s.seeNotice(c, wavePath(who.study, who.wave, ""), "The targets are kept.")
}
