package web

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
)

// panelBytes estimates the memory of a panel.
func panelBytes(instrument *survey.Instrument, responses int64) int64 {
	estimate, err := panel.Estimate(instrument, int(responses))
	if err != nil {
		return 0 // such an instrument has no panel at all, and loading says why
	}
	return estimate
}

// fieldOfOrganization is what results keep of an organization for each field of the
// questionnaire: counts, sums, products and the rows of its figures. 16 kB for each
// of 50,000 organizations that answered the built-in questionnaire.
const fieldOfOrganization = 220

// resultBytes estimates what is kept of so many organizations beside the panel; no
// more of them than responses have any.
func resultBytes(instrument *survey.Instrument, organizations, responses int64) int64 {
	return min(organizations, responses) * int64(len(instrument.Fields())) * fieldOfOrganization
}

// neededBytes is half as much again: results are computed from a panel, and a
// panel that is built anew stands beside the one that is shown, as do the results of
// the next edition.
func neededBytes(instrument *survey.Instrument, organizations, responses int64) int64 {
	return (panelBytes(instrument, responses) + resultBytes(instrument, organizations, responses)) * 3 / 2
}

// smallLoad is a number of responses that is not worth the question whether there
// is memory for them.
const smallLoad = 20_000

// fits refuses what there is no memory for before it is read.
func (l *live) fits(w resultWave, organizations, responses int64) error {
	if responses < smallLoad {
		return nil
	}
	available, known := l.memory()
	if need := neededBytes(w.instrument, organizations, responses); known && need > available {
		return tooLargeToHold{need: need, available: available}
	}
	return nil
}

const tooLargeKind survey.ErrorKind = "too_large_to_hold"

// tooLargeToHold is the error of a wave for which there is no memory.
type tooLargeToHold struct{ need, available int64 }

func (e tooLargeToHold) Error() string {
	return fmt.Sprintf("the responses of this wave need about %s of memory and the service may use %s more; give it more memory, or raise its limit", megabytes(e.need), megabytes(e.available))
}

func (e tooLargeToHold) failure() failure {
	return failure{status: http.StatusServiceUnavailable, kind: tooLargeKind, heading: "This wave is larger than the memory of this server",
		message: "Its results need about " + megabytes(e.need) + " of memory, and " + megabytes(e.available) + " are free, so nothing was begun. Answers are taken as usual.",
		advice:  []string{"Ask whoever runs this service to give it more memory."}}
}

func megabytes(n int64) string {
	return strconv.FormatInt(max(n, 0)>>20, 10) + " MB"
}

// MemoryAvailable is how much more memory the process may use: what is left of
// GOMEMLIMIT, of the limit of its control group and of the machine, whichever is
// least. Where none of them is known, nothing is refused.
func MemoryAvailable() (int64, bool) {
	left := int64(math.MaxInt64)
	used := memoryInUse()
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		left = min(left, limit-used)
	}
	for _, file := range []struct{ limit, usage string }{
		{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
		{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"},
	} {
		limit, ok := numberIn(file.limit)
		usage, counted := numberIn(file.usage)
		if ok && counted {
			left = min(left, limit-usage+cacheOf(file.usage))
		}
	}
	if free, ok := machineMemory(); ok {
		left = min(left, free)
	}
	return left, left < math.MaxInt64
}

// memoryInUse is what counts against GOMEMLIMIT.
func memoryInUse() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64() - sample[1].Value.Uint64())
}

func numberIn(file string) (int64, bool) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64)
	return n, err == nil
}

// cacheOf is how much of a control group's usage are pages of files, which the
// kernel gives back when memory is wanted.
func cacheOf(usage string) int64 {
	content, err := os.ReadFile(usage[:strings.LastIndexByte(usage, '/')] + "/memory.stat")
	if err != nil {
		return 0
	}
	return numberAfter(content, "inactive_file ") + numberAfter(content, "active_file ")
}

// machineMemory is what the kernel says can be used without swapping.
func machineMemory() (int64, bool) {
	content, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	free := numberAfter(content, "MemAvailable:")
	return free << 10, free > 0
}

// numberAfter reads the number behind the name at the beginning of a line.
func numberAfter(content []byte, name string) int64 {
	for line := range bytes.Lines(content) {
		if rest, ok := bytes.CutPrefix(line, []byte(name)); ok {
			words := strings.Fields(string(rest))
			if len(words) == 0 {
				return 0
			}
			n, err := strconv.ParseInt(words[0], 10, 64)
			if err != nil {
				return 0
			}
			return n
		}
	}
	return 0
}
