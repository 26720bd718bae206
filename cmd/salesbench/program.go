package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/salesbench/salesbench/survey"
)

// Exit codes. Scripts rely on them.
const (
	exitOK      = 0
	exitFailure = 1 // the command was understood and could not be done
	exitUsage   = 2 // the command line or the environment is wrong
)

// streams are where a command reads and writes.
type streams struct {
	In  io.Reader
	Out io.Writer // results
	Err io.Writer // progress, logs, complaints
}

// program is what every command gets to work with: nothing is read from the
// process itself, so tests run commands in-process.
type program struct {
	streams
	env map[string]string
	now func() time.Time
}

// commands is the command line; one file per subcommand.
type commands struct {
	Serve      serveCommand      `cmd:"" help:"Serve questionnaires and results."`
	Demo       demoCommand       `cmd:"" help:"Start a filled service with generated and published data."`
	Migrate    migrateCommand    `cmd:"" help:"Look at the database schema, or bring it up to date."`
	Instrument instrumentCommand `cmd:"" help:"Check or describe a questionnaire document."`
	Doctor     doctorCommand     `cmd:"" help:"Check configuration, folder, database and clock."`
	Wave       waveCommand       `cmd:"" help:"Create, list, inspect and close waves; print their links."`
	Mail       mailCommand       `cmd:"" help:"Send invitations and reminders; look after bounces and opt-outs."`
	Invite     inviteCommand     `cmd:"" help:"Make personal invitation links from a roster."`
	Import     importCommand     `cmd:"" help:"Import data collected elsewhere."`
	Responses  responsesCommand  `cmd:"" help:"See which responses look careless; exclude them, with a reason."`
	Export     exportCommand     `cmd:"" help:"Write the answers of a wave as CSV, or as XLSX with a codebook."`
	Audit      auditCommand      `cmd:"" help:"Read the audit log, and verify that nobody has changed it."`
	Erase      eraseCommand      `cmd:"" help:"Remove what is known of one person, for good."`
	Retention  retentionCommand  `cmd:"" help:"Set how long identities, drafts and responses are kept, and delete what is older."`
	Backup     backupCommand     `cmd:"" help:"Write everything into one file, while a service goes on."`
	Restore    restoreCommand    `cmd:"" help:"Fill an empty database from a backup, on either database."`
	Benchmark  benchmarkCommand  `cmd:"" help:"Print the benchmark of a wave or of one organization."`
	Analyze    analyzeCommand    `cmd:"" help:"Analyze a file of answers on a rating scale, without a server."`
	User       userCommand       `cmd:"" help:"List and add accounts; print links for new passwords."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
	Help       helpCommand       `cmd:"" help:"Explain a command."`
}

const description = `Sales best-practice surveys and World-Class benchmarking.

Settings are taken from the flag, else from the environment variable beside it, else from the default.
Exit codes: 0 done, 1 could not be done, 2 wrong command line or environment.`

// usageError is a mistake on the command line or in the environment.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// usagef makes a usageError.
func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// exited ends parsing when kong wants to leave, after it printed a help text.
type exited int

// run executes one command line and returns the exit code.
func run(ctx context.Context, args, env []string, std streams) (code int) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = int(e)
		}
	}()
	p := &program{streams: std, env: environment(env), now: time.Now}
	err := p.execute(survey.WithZone(ctx, time.Local), args) // that of the terminal, as in all that commands print
	if err == nil {
		return exitOK
	}
	var parse *kong.ParseError
	var usage usageError
	complain(std.Err, err)
	if errors.As(err, &parse) || errors.As(err, &usage) {
		fmt.Fprintln(std.Err, `Run "salesbench help" for the manual.`)
		return exitUsage
	}
	return exitFailure
}

func (p *program) execute(ctx context.Context, args []string) error {
	var root commands
	parser, err := p.parser(&root)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	selected, err := parser.Parse(args)
	if err != nil {
		return err
	}
	selected.BindTo(ctx, (*context.Context)(nil))
	selected.Bind(p, selected)
	return selected.Run()
}

// parser builds the command line. Settings come from p.env, not from the process.
func (p *program) parser(root *commands) (*kong.Kong, error) {
	fromEnvironment := kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if value, ok := p.env[flag.Tag.Get("setting")]; ok && value != "" {
			return value, nil
		}
		return nil, nil
	})
	return kong.New(root,
		kong.Name("salesbench"),
		kong.Description(description),
		kong.Writers(p.Out, p.Err),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.Resolvers(fromEnvironment),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.ValueFormatter(explainFlag),
	)
}

// explainFlag adds the environment variable to a flag's help.
func explainFlag(value *kong.Value) string {
	name := ""
	if value.Tag != nil {
		name = value.Tag.Get("setting")
	}
	if name == "" {
		return value.Help
	}
	return strings.TrimSuffix(value.Help, ".") + " ($" + name + ")."
}

// environment turns NAME=value pairs into a map of the program's own variables.
func environment(pairs []string) map[string]string {
	env := make(map[string]string)
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "SALESBENCH_") {
			env[name] = value
		}
	}
	return env
}

// complain prints an error, one complaint per line. Names in it come from files.
func complain(w io.Writer, err error) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(w, "salesbench:", strings.TrimRight(plain(line), " "))
	}
}

// writeJSON prints the machine-readable twin of a table.
func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
