package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// problems are several mistakes, reported together so that nobody has to fix them
// one start at a time.
type problems []error

func (p problems) Error() string {
	lines := make([]string, len(p))
	for i, err := range p {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// orNil returns nil when nothing is wrong, else a usage error with all that is.
func (p problems) orNil() error {
	if len(p) == 0 {
		return nil
	}
	return usageError{p}
}

// storeFlags say where the data live; every command that touches them has these.
type storeFlags struct {
	Data     string `name:"data" setting:"SALESBENCH_DATA" default:"data" help:"Folder of the embedded database (default data)."`
	Database string `name:"database" setting:"SALESBENCH_DATABASE" secret:"password" help:"PostgreSQL instead of the embedded SQLite file: postgres://user:password@host/name."`
}

// logFlags say what is logged on the error stream, and how.
type logFlags struct {
	LogLevel  string `name:"log-level" setting:"SALESBENCH_LOG_LEVEL" default:"info" help:"Least level that is logged: debug, info, warn or error (default info)."`
	LogFormat string `name:"log-format" setting:"SALESBENCH_LOG_FORMAT" aliases:"log" default:"text" help:"text or json (default text); --log for short."`
}

// check says what is wrong with the place of the data.
func (f storeFlags) check() problems {
	var wrong problems
	if f.Database == "" {
		if f.Data == "" {
			wrong = append(wrong, fmt.Errorf("--data: is empty; name the folder of the embedded database"))
		} else if info, err := os.Stat(f.Data); err == nil && !info.IsDir() {
			wrong = append(wrong, fmt.Errorf("--data: %s is a file; name a folder", f.Data))
		}
		return wrong
	}
	u, err := url.Parse(f.Database)
	switch {
	case err != nil:
		// The parser's message repeats the URL and with it the password.
		wrong = append(wrong, fmt.Errorf("--database: not a URL; write postgres://user:password@host/name and escape special characters of the password"))
	case u.Scheme != "postgres" && u.Scheme != "postgresql":
		wrong = append(wrong, fmt.Errorf("--database: %q is not a known kind of database; write postgres://..., or leave it empty for SQLite in --data", u.Scheme))
	case strings.Trim(u.Path, "/") == "" && u.Query().Get("dbname") == "":
		wrong = append(wrong, fmt.Errorf("--database: names no database; write postgres://user:password@host/name"))
	}
	return wrong
}

// withoutPassword is a database address as it may be printed.
func withoutPassword(database string) string {
	u, err := url.Parse(database)
	if err != nil {
		return "(not readable)"
	}
	query := u.Query()
	for _, secret := range []string{"password", "sslpassword"} {
		if query.Has(secret) {
			query.Set(secret, "xxxxx")
		}
	}
	u.RawQuery = query.Encode()
	return u.Redacted()
}

// folder makes sure the data folder exists, readable by its owner only.
func (f storeFlags) folder() error {
	if err := os.MkdirAll(f.Data, 0o700); err != nil {
		return fmt.Errorf("--data: %w; name a folder that can be written", err)
	}
	return nil
}

// writable says why a folder can not be written, if so.
func writable(folder string) error {
	file, err := os.CreateTemp(folder, ".writable-*")
	if err != nil {
		return err
	}
	name := file.Name()
	if err := file.Close(); err != nil {
		return err
	}
	return os.Remove(name)
}

// check says what is wrong with the log settings.
func (f logFlags) check() problems {
	var wrong problems
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.LogLevel)); err != nil {
		wrong = append(wrong, fmt.Errorf("--log-level: %q is none of debug, info, warn, error", f.LogLevel))
	}
	if f.LogFormat != "text" && f.LogFormat != "json" {
		wrong = append(wrong, fmt.Errorf("--log-format: %q is neither text nor json", f.LogFormat))
	}
	return wrong
}

// logger makes the program's logger. Callers log ids, counts and kinds: never
// answers, names, addresses or tokens. Lines may wait in the buffer for a moment.
func (f logFlags) logger(p *program) (*slog.Logger, *logBuffer) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	buffer := newLogBuffer(p.Err)
	if f.LogFormat == "json" {
		return slog.New(promptHandler{slog.NewJSONHandler(buffer, options), buffer}), buffer
	}
	return slog.New(promptHandler{newLineHandler(buffer, options), buffer}), buffer
}

// checkListen says what is wrong with an address to listen on.
func checkListen(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--listen: %q is not HOST:PORT, such as 127.0.0.1:8080 or :8080", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("--listen: %q is not a port between 0 and 65535", port)
	}
	return nil
}

// checkBaseURL says what is wrong with the address respondents use.
func checkBaseURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return fmt.Errorf("--base-url: %q is not an address such as https://survey.example.org", address)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("--base-url: %q has a path; salesbench answers at the top of an address of its own", address)
	}
	return nil
}

// serveFlags are what a running service needs to know.
type serveFlags struct {
	storeFlags
	logFlags
	mailFlags
	OpenID         openIDFlags   `embed:""`
	Listen         string        `name:"listen" setting:"SALESBENCH_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on (default 127.0.0.1:8080); port 0 takes any free one."`
	BaseURL        string        `name:"base-url" setting:"SALESBENCH_BASE_URL" help:"Address that respondents type, such as https://survey.example.org; stands in links and QR codes. Default: http:// and --listen."`
	TrustedProxies string        `name:"trusted-proxies" setting:"SALESBENCH_TRUSTED_PROXIES" help:"Addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas. Default: none."`
	Results        string        `name:"results" setting:"SALESBENCH_RESULTS" default:"link" help:"Who may read results: link (whoever has a results link, see \"salesbench wave results\") or open (everybody who can reach the service). Default link."`
	Admin          string        `name:"admin" setting:"SALESBENCH_ADMIN" help:"Address of the operator's own listener, such as 127.0.0.1:9090: /metrics for Prometheus, /debug/pprof, /readyz. Default: none."`
	AdminAnywhere  bool          `name:"admin-anywhere" setting:"SALESBENCH_ADMIN_ANYWHERE" help:"Allow --admin on an address that other machines reach. It has no password."`
	DrainWait      time.Duration `name:"drain-wait" setting:"SALESBENCH_DRAIN_WAIT" default:"3s" help:"How long to go on serving after a termination signal while /readyz answers 503, so that a balancer takes this process out (default 3s). Ctrl-C does not wait."`
	Development    bool          `name:"development" setting:"SALESBENCH_DEVELOPMENT" help:"Show /dev/gallery, a page with every part of the design in each state, for whoever works on salesbench. Not for a service that people use."`
	Migrate        bool          `name:"migrate" setting:"SALESBENCH_MIGRATE" default:"true" negatable:"" help:"Bring the schema of the database up to date at the start (default). With --no-migrate a database that is behind is refused."`
}

// check says everything that is wrong with the settings.
func (f serveFlags) check() problems {
	wrong := slices.Concat(f.storeFlags.check(), f.logFlags.check(), f.mailFlags.check(), f.OpenID.check())
	if err := checkListen(f.Listen); err != nil {
		wrong = append(wrong, err)
	}
	if f.BaseURL != "" {
		if err := checkBaseURL(f.BaseURL); err != nil {
			wrong = append(wrong, err)
		}
	}
	if _, err := parseProxies(f.TrustedProxies); err != nil {
		wrong = append(wrong, err)
	}
	if f.Admin != "" {
		if err := checkAdmin(f.Admin, f.AdminAnywhere); err != nil {
			wrong = append(wrong, err)
		}
	}
	if f.DrainWait < 0 || f.DrainWait > longestDrain {
		wrong = append(wrong, fmt.Errorf("--drain-wait: %s is not between 0s and %s", f.DrainWait, longestDrain))
	}
	if f.Results != "link" && f.Results != "open" {
		wrong = append(wrong, fmt.Errorf("--results: %q is neither link nor open", f.Results))
	}
	return wrong
}
