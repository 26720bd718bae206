package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// aim is one measured figure beside what it is held against.
type aim struct {
	What     string  `json:"what"`
	Database string  `json:"database"`
	Measured float64 `json:"measured"`
	Limit    float64 `json:"limit"` // what it is held against; 0: nothing but the aim
	Ratio    float64 `json:"ratio"` // or difference, or the figure itself
	Aim      string  `json:"aim"`
	Reached  bool    `json:"reached"`
}

// The aims. They are for two processors shared by client, service and database.
const (
	aimPostgres = 1.5  // times the single-row inserts of pgbench
	aimSQLite   = 4.0  // times the plain loop
	aimSection  = 0.8  // of bare Echo
	aimJourneys = 1100 // per second
	aimCPU      = 1.0  // ms per journey
	aimP99      = 50.0 // ms above the database's own
)

func aimsOf(part string, cases []*bencher) []aim {
	switch part {
	case "submissions":
		return submissionAims(cases)
	case "section":
		return sectionAims(cases)
	case "journeys":
		return journeyAims(cases)
	}
	return halfAims(cases)
}

// find returns the case of a name on a database, the one with 64 clients first.
func find(cases []*bencher, database, name string) (summary, bool) {
	var found *bencher
	for _, c := range cases {
		if c.Database == database && c.Name == name && (found == nil || found.Clients != 64) {
			found = c
		}
	}
	if found == nil {
		return summary{}, false
	}
	return found.summarize(), true
}

func databasesOf(cases []*bencher) []string {
	var list []string
	for _, c := range cases {
		if len(list) == 0 || list[len(list)-1] != c.Database {
			list = append(list, c.Database)
		}
	}
	return unique(list)
}

func unique(list []string) []string {
	var kept []string
	seen := make(map[string]bool)
	for _, s := range list {
		if !seen[s] {
			kept = append(kept, s)
		}
		seen[s] = true
	}
	return kept
}

func submissionAims(cases []*bencher) []aim {
	var aims []aim
	for _, database := range databasesOf(cases) {
		service, _ := find(cases, database, serviceCase)
		factor := aimSQLite
		if database == "PostgreSQL" {
			factor = aimPostgres
		}
		for _, name := range []string{plainCase, realCase} {
			limit, found := find(cases, database, name)
			if !found {
				continue
			}
			a := aim{What: "submissions per second to the " + name, Database: database, Measured: service.PerSecond, Limit: limit.PerSecond,
				Ratio: service.PerSecond / limit.PerSecond, Aim: fmt.Sprintf("at least %.1f", factor)}
			a.Reached = a.Ratio >= factor
			aims = append(aims, a)
		}
	}
	return aims
}

func sectionAims(cases []*bencher) []aim {
	var aims []aim
	for _, database := range databasesOf(cases) {
		for _, suffix := range []string{"", identityCase} {
			service, _ := find(cases, database, serviceCase+suffix)
			limit, _ := find(cases, database, bareCase+suffix)
			a := aim{What: "pages per second to bare Echo" + suffix, Database: database, Measured: service.PerSecond, Limit: limit.PerSecond,
				Ratio: service.PerSecond / limit.PerSecond, Aim: fmt.Sprintf("at least %.1f", aimSection)}
			a.Reached = a.Ratio >= aimSection
			aims = append(aims, a)
		}
	}
	return aims
}

// journeyAims take the best rate over the numbers of clients, and the CPU time there.
func journeyAims(cases []*bencher) []aim {
	var aims []aim
	for _, database := range databasesOf(cases) {
		var best summary
		for _, c := range cases {
			if s := c.summarize(); c.Database == database && s.PerSecond > best.PerSecond {
				best = s
			}
		}
		aims = append(aims,
			aim{What: "journeys per second", Database: database, Measured: best.PerSecond, Ratio: best.PerSecond,
				Aim: fmt.Sprintf("at least %d", aimJourneys), Reached: best.PerSecond >= aimJourneys},
			aim{What: "server CPU ms per journey", Database: database, Measured: best.ServerCPU, Ratio: best.ServerCPU,
				Aim: fmt.Sprintf("at most %.1f", aimCPU), Reached: best.ServerCPU <= aimCPU})
	}
	return aims
}

func halfAims(cases []*bencher) []aim {
	var aims []aim
	for _, database := range databasesOf(cases) {
		service, _ := find(cases, database, serviceCase)
		limit, _ := find(cases, database, plainCase)
		a := aim{What: "p99 ms of a submission above the database's p99", Database: database, Measured: service.Latency.P99, Limit: limit.Latency.P99,
			Ratio: service.Latency.P99 - limit.Latency.P99, Aim: fmt.Sprintf("at most %.0f", aimP99)}
		a.Reached = a.Ratio <= aimP99
		aims = append(aims, a)
	}
	return aims
}

func aimsTable(aims []aim) *table {
	t := &table{head: []string{"what", "database", "measured", "limit", "ratio or difference", "aim", "reached"}}
	for _, a := range aims {
		reached := "no"
		if a.Reached {
			reached = "yes"
		}
		t.add(a.What, a.Database, figure(a.Measured), figure(a.Limit), signed(a.Ratio), a.Aim, reached)
	}
	return t
}

func signed(v float64) string {
	if v < 0 {
		return "-" + figure(-v)
	}
	return figure(v)
}

// machine describes where this runs, without its name.
func machine() string {
	model := "unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, found := strings.Cut(string(text), "model name\t: "); found {
			model, _, _ = strings.Cut(rest, "\n")
		}
	}
	busy := ""
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		busy, _, _ = strings.Cut(string(text), " ")
	}
	return fmt.Sprintf("%d processors (%s), %s, %s; load average at the start %s", runtime.NumCPU(), model, runtime.GOOS, runtime.Version(), busy)
}
