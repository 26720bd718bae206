package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/load"
)

// titles of the parts.
var titles = map[string]string{
	"submissions": "Complete submissions, each durable before it is acknowledged",
	"section":     "A page of questions",
	"journeys":    "Whole journeys",
	"half":        "Submissions at half of the maximum, arriving at random",
}

// The names of cases that the aims look for.
const (
	serviceCase  = "salesbench"
	plainCase    = "bare database, plain table"
	realCase     = "bare database, table of responses"
	bareCase     = "bare Echo"
	identityCase = ", uncompressed"
)

// pause after a failed unit. It is short enough to see how refusals are borne.
const pause = 50 * time.Millisecond

// casesOf lays out the cases of a part. end takes away what they needed.
func (b *benchmark) casesOf(part string) (cases []*bencher, end func() error, err error) {
	end = func() error { return nil }
	switch part {
	case "submissions":
		for _, bed := range b.beds {
			cases = append(cases, b.submissionCases(bed)...)
		}
	case "section":
		return b.sectionCases()
	case "journeys":
		for _, bed := range b.beds {
			for _, n := range b.clients {
				cases = append(cases, b.journeyCase(bed, n))
			}
		}
	case "half":
		for _, bed := range b.beds {
			cases = append(cases, b.halfCases(bed)...)
		}
	}
	return cases, end, nil
}

func (b *benchmark) load(clients int, rate float64) load.Load {
	return load.Load{Clients: clients, Rate: rate, Warmup: b.warmup, Length: b.length, Pause: pause}
}

// submitters make the workers of complete submissions.
func submitters(t *load.Target) func(*load.Meter) func(int) load.Worker {
	return func(m *load.Meter) func(int) load.Worker {
		return func(i int) load.Worker { return load.NewSubmitter(t, m, i) }
	}
}

func (b *benchmark) submissionCases(bed *bed) []*bencher {
	var cases []*bencher
	for _, n := range b.clients {
		cases = append(cases, &bencher{Part: "submissions", Database: bed.kind, Name: serviceCase, Clients: n, unit: load.Complete.String(),
			run: func(ctx context.Context) (outcome, error) {
				return bed.drive(ctx, b.load(n, 0), submitters(bed.target))
			}})
	}
	for name, table := range map[string]string{plainCase: plainTable, realCase: realTable} {
		cases = append(cases, &bencher{Part: "submissions", Database: bed.kind, Name: name, Clients: bed.bareClients(b), unit: commitLatency,
			run: func(ctx context.Context) (outcome, error) { return bed.bare.measure(ctx, table, 0, b.length) }})
	}
	slices.SortStableFunc(cases[len(b.clients):], func(x, y *bencher) int { return len(x.Name) - len(y.Name) })
	return cases
}

// bareClients is how many connections the bare database is measured with.
func (bed *bed) bareClients(b *benchmark) int {
	if bed.postgres == nil {
		return 1
	}
	return b.most()
}

func (b *benchmark) journeyCase(bed *bed, n int) *bencher {
	return &bencher{Part: "journeys", Database: bed.kind, Name: serviceCase, Clients: n, unit: load.Whole.String(),
		run: func(ctx context.Context) (outcome, error) {
			return bed.drive(ctx, b.load(n, 0), func(m *load.Meter) func(int) load.Worker {
				return func(i int) load.Worker { return load.NewRespondent(bed.target, m, i) }
			})
		}}
}

// journeyPages are the requests of a journey in their order.
func journeyPages() []string {
	var names []string
	for _, k := range load.Kinds() {
		if k <= load.Resubmit {
			names = append(names, k.String())
		}
	}
	return names
}

// halfCases submit at half of the rate that was reached before, and let the bare
// database commit single rows at that rate, or at half of its own where it is slower.
func (b *benchmark) halfCases(bed *bed) []*bencher {
	service, bare := 0.0, 0.0
	reached := func(ctx context.Context) error {
		if service > 0 {
			return nil
		}
		o, err := bed.drive(ctx, b.load(b.most(), 0), submitters(bed.target))
		if err != nil {
			return err
		}
		limit, err := bed.bare.measure(ctx, plainTable, 0, b.length)
		service, bare = o.PerSecond/2, min(o.PerSecond/2, limit.PerSecond/2)
		return err
	}
	cases := []*bencher{
		{Part: "half", Database: bed.kind, Name: serviceCase, unit: load.Complete.String(), run: func(ctx context.Context) (outcome, error) {
			if err := reached(ctx); err != nil {
				return outcome{}, err
			}
			return bed.drive(ctx, b.load(4*b.most(), service), submitters(bed.target))
		}},
		{Part: "half", Database: bed.kind, Name: plainCase, unit: commitLatency, run: func(ctx context.Context) (outcome, error) {
			return bed.bare.measure(ctx, plainTable, bare, b.length)
		}},
	}
	return cases
}

// sectionCases serve the page of the first database by the service and by a bare
// handler, compressed and not; on further databases by the service.
func (b *benchmark) sectionCases() (cases []*bencher, end func() error, err error) {
	var bares []*bareHandler
	end = func() error {
		var failed error
		for _, h := range bares {
			failed = h.end()
		}
		return failed
	}
	for _, identity := range []bool{false, true} {
		suffix := ""
		if identity {
			suffix = identityCase
		}
		var body []byte
		for _, bed := range b.beds {
			pages, err := bed.pages(b.most(), identity)
			if err != nil {
				return nil, end, fmt.Errorf("the page on %s: %w", bed.kind, err)
			}
			body = pages[0].Body
			cases = append(cases, b.readerCase(bed, serviceCase+suffix, pages, identity))
		}
		folder, err := b.rig.Dir("bare")
		if err != nil {
			return nil, end, err
		}
		h, err := startBare(folder, body, !identity)
		if err != nil {
			return nil, end, err
		}
		bares = append(bares, h)
		for _, bed := range b.beds {
			cases = append(cases, b.bareReaderCase(bed, bareCase+suffix, h, identity))
		}
	}
	return cases, end, nil
}

// pages begins a questionnaire for each client.
func (bed *bed) pages(n int, identity bool) ([]*load.Arrived, error) {
	pages := make([]*load.Arrived, n)
	for i := range pages {
		page, err := load.ArriveAt(bed.target, bed.target.Links[i%len(bed.target.Links)], sectionStep, identity)
		if err != nil {
			return nil, err
		}
		pages[i] = page
	}
	return pages, nil
}

func reader(address string, path []byte, m *load.Meter, identity bool) load.Worker {
	r := load.NewReader(address, path, m)
	if identity {
		r.Identity()
	}
	return r
}

func (b *benchmark) readerCase(bed *bed, name string, pages []*load.Arrived, identity bool) *bencher {
	return &bencher{Part: "section", Database: bed.kind, Name: name, Clients: len(pages), unit: load.Section.String(),
		run: func(ctx context.Context) (outcome, error) {
			return bed.drive(ctx, b.load(len(pages), 0), func(m *load.Meter) func(int) load.Worker {
				return func(i int) load.Worker { return reader(bed.server.Address(), pages[i].Path, m, identity) }
			})
		}}
}

// bareReaderCase is measured once for each database, beside the service on it.
func (b *benchmark) bareReaderCase(bed *bed, name string, h *bareHandler, identity bool) *bencher {
	return &bencher{Part: "section", Database: bed.kind, Name: name, Clients: b.most(), unit: load.Section.String(),
		run: func(ctx context.Context) (outcome, error) {
			meter := load.NewMeter()
			tally := load.Drive(ctx, b.load(b.most(), 0), meter, func(int) load.Worker { return reader(h.address, []byte("/"), meter, identity) }, nil)
			return outcome{PerSecond: tally.PerSecond(), Failed: tally.Failed, Faults: meter.Faults(), Latencies: meter.Latencies()}, ctx.Err()
		}}
}
