package main

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far long work has come, on a terminal only: a pipe or a log
// file gets nothing.
type progress struct{ bar *progressbar.ProgressBar }

// newProgress starts a bar on the error stream; total -1 means not known.
func newProgress(w io.Writer, total int64, label string) progress {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return progress{}
	}
	return progress{progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(label),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
	)}
}

// set moves the bar to the position.
func (p progress) set(position int64) {
	if p.bar != nil {
		_ = p.bar.Set64(position) // a bar that can not be drawn must not stop the work
	}
}

// done takes the bar away.
func (p progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish() // as above
	}
}
