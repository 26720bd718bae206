package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"
)

// doctorCommand checks what serve would find, without serving.
type doctorCommand struct {
	serveFlags
	Probe string `name:"probe" help:"Only ask a running service whether it is well, such as http://127.0.0.1:8080/healthz; for health checks of containers."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// Help is the manual page.
func (doctorCommand) Help() string {
	return `Prints the settings that "salesbench serve" would use with the same flags and environment (secrets hidden, and where each value comes from), then checks the folder, the database, its schema, the key of the installation, the seals of the waves, the mail server (it signs in there and sends nothing) and the clock.

It changes nothing, except that it creates and removes an empty file in the data folder, or in the one above where it would be made, to see whether that can be written, and takes from others the right to read an embedded database.

Exit code 1 when a check fails.`
}

// setting is one line of the effective configuration.
type setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"` // flag, default, or $NAME of the variable
}

// finding is the result of one check.
type finding struct {
	Check  string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

type diagnosis struct {
	Settings []setting `json:"settings"`
	Findings []finding `json:"findings"`
}

// Run prints the diagnosis.
func (c *doctorCommand) Run(ctx context.Context, p *program, selected *kong.Context) error {
	if c.Probe != "" {
		return probe(ctx, c.Probe)
	}
	var d diagnosis
	d.Settings = effective(selected)
	wrong := c.check()
	for _, err := range wrong {
		d.Findings = append(d.Findings, finding{"settings", false, err.Error()})
	}
	for _, name := range p.strangers(selected.Model.Node) {
		d.Findings = append(d.Findings, finding{"settings", false, name + " is set in the environment and is no setting of salesbench"})
	}
	if len(wrong) == 0 {
		d.Findings = append(d.Findings, c.examine(ctx, p)...)
	}
	if c.JSON {
		if err := writeJSON(p.Out, d); err != nil {
			return err
		}
	} else if err := d.print(p.Out); err != nil {
		return err
	}
	for _, f := range d.Findings {
		if !f.OK {
			return errors.New("not everything is well; see above")
		}
	}
	return nil
}

// examine runs the checks that need sound settings.
func (c *doctorCommand) examine(ctx context.Context, p *program) []finding {
	findings := []finding{folderFinding(c.storeFlags), c.schemaFinding(ctx, p)}
	findings = append(findings, c.contentFindings(ctx, p)...)
	return append(findings, c.mailFinding(ctx), clockFinding(p.now()))
}

// schemaFinding reaches for the database and compares its schema.
func (c *doctorCommand) schemaFinding(ctx context.Context, p *program) finding {
	if c.absent() {
		return finding{"database", true, "none yet; serve will make it"}
	}
	status, err := c.status(ctx, p)
	if err != nil {
		return finding{"database", false, err.Error()}
	}
	detail := fmt.Sprintf("schema version %d, this program needs %d", status.Current, status.Target)
	switch {
	case len(status.Unknown) > 0:
		return finding{"database", false, detail + ": start the newer program that changed it"}
	case status.Foreign:
		return finding{"database", false, "holds tables of another program: give salesbench a database of its own"}
	case status.Current < status.Target:
		return finding{"database", true, detail + "; serve will bring it up to date, or run \"salesbench migrate up\""}
	}
	return finding{"database", true, detail}
}

func folderFinding(f storeFlags) finding {
	if f.Database != "" {
		return finding{"folder", true, "not needed with PostgreSQL"}
	}
	folder := existing(f.Data)
	err := writable(folder)
	switch {
	case err != nil && folder != f.Data:
		return finding{"folder", false, f.Data + " does not exist yet, and serve can not make it: " + err.Error()}
	case err != nil:
		return finding{"folder", false, err.Error()}
	case folder != f.Data:
		return finding{"folder", true, f.Data + " does not exist yet; serve will make it"}
	}
	return finding{"folder", true, f.Data + " can be written"}
}

// existing is the folder, or the nearest one above it that exists.
func existing(folder string) string {
	for {
		_, err := os.Stat(folder)
		above := filepath.Dir(folder)
		if !errors.Is(err, fs.ErrNotExist) || above == folder {
			return folder
		}
		folder = above
	}
}

// clockFinding catches a clock that was never set: windows of waves depend on it.
func clockFinding(now time.Time) finding {
	detail := now.Format("2006-01-02 15:04:05 MST") + ", " + now.UTC().Format("15:04:05") + " UTC"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return finding{"clock", true, detail}
	}
	for _, s := range info.Settings {
		if built, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil && now.Before(built) {
			return finding{"clock", false, detail + " is before this program was written (" + s.Value + "): set the clock"}
		}
	}
	return finding{"clock", true, detail}
}

func (d diagnosis) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "SETTING\tVALUE\tFROM")
	for _, s := range d.Settings {
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Value, s.Source)
	}
	fmt.Fprintln(table)
	fmt.Fprintln(table, "CHECK\tRESULT\tDETAIL")
	for _, f := range d.Findings {
		result := "ok"
		if !f.OK {
			result = "WRONG"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.Check, result, f.Detail)
	}
	return table.Flush()
}

// effective lists the settings of the selected command: value and where it comes from.
func effective(selected *kong.Context) []setting {
	var settings []setting
	for _, flag := range selected.Flags() {
		if !flag.Tag.Has("setting") {
			continue
		}
		s := setting{Name: "--" + flag.Name, Value: fmt.Sprint(selected.FlagValue(flag)), Source: "default"}
		for _, step := range selected.Path {
			if step.Flag == flag && step.Resolved && s.Source == "default" {
				s.Source = "$" + flag.Tag.Get("setting")
			} else if step.Flag == flag && !step.Resolved {
				s.Source = "flag"
			}
		}
		if hide := hidden[flag.Tag.Get("secret")]; hide != nil && s.Value != "" {
			s.Value = hide(s.Value)
		}
		settings = append(settings, s)
	}
	return settings
}

// hidden makes settings printable that hold a secret; a flag names its way by the tag
// secret.
var hidden = map[string]func(string) string{
	"password": withoutPassword,
	"all":      func(string) string { return "(hidden)" },
}

// strangers names variables that look like settings and are none, of no command:
// typing errors.
func (p *program) strangers(program *kong.Node) []string {
	known := make(map[string]bool)
	for _, name := range testVariables {
		known[name] = true
	}
	var learn func(*kong.Node)
	learn = func(node *kong.Node) {
		for _, flag := range node.Flags {
			known[flag.Tag.Get("setting")] = true
		}
		for _, child := range node.Children {
			learn(child)
		}
	}
	learn(program)
	var strange []string
	for name := range p.env {
		if !known[name] {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	return strange
}

// testVariables are read by tests, not by the program.
var testVariables = []string{"SALESBENCH_REQUIRE_ALL", "SALESBENCH_AXE", "SALESBENCH_KEEP", "SALESBENCH_LONG", "SALESBENCH_PICTURES"}

// probe asks a running service for its health.
func probe(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return usagef("--probe: %q is not an address such as http://127.0.0.1:8080/healthz", address)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no answer: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, response.Status)
	}
	return nil
}
