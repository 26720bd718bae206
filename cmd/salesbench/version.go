package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the release build.
var version = "development"

// versionCommand prints what this binary was built from.
type versionCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

type versionReport struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// Run prints the version.
func (c *versionCommand) Run(p *program) error {
	report := versionReport{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				report.Revision = setting.Value
			}
		}
	}
	if c.JSON {
		return writeJSON(p.Out, report)
	}
	text := "salesbench " + report.Version
	if report.Revision != "" {
		text += " (" + report.Revision[:min(12, len(report.Revision))] + ")"
	}
	_, err := fmt.Fprintf(p.Out, "%s, %s, %s\n", text, report.Go, report.Platform)
	return err
}
