package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/load"
	"github.com/salesbench/salesbench/cmd/internal/rig"
	"github.com/salesbench/salesbench/survey"
)

// lags measures how long after the receipt of the last response of a step the page of
// its organization has it: on the replica that gave the receipt, and on PostgreSQL on
// another one that is started for it.
type lags struct {
	*readings
	servers   []*rig.Server   // the first gives the receipts
	submitter *load.Submitter // for the organization that nobody else answers for
	client    *http.Client
}

// measureLags takes samples alone and beside half of what the intake takes, and prints
// them. It returns how many receipts it was given.
func (r *readings) measureLags(ctx context.Context, stage *rig.Rig, s streams) (receipts int64, err error) {
	all := r.bed.target
	own := &load.Target{Address: all.Address, Links: all.Links[:1], Scripts: all.Scripts}
	all.Links = all.Links[1:]
	l := &lags{readings: r, servers: []*rig.Server{r.bed.server}, submitter: load.NewSubmitter(own, load.NewMeter(), 0), client: &http.Client{Timeout: time.Minute}}
	defer l.client.CloseIdleConnections()
	defer l.submitter.Close()
	if r.bed.postgres != nil {
		other, err := stage.StartServer(rig.ServerOptions{Binary: r.binary, Database: r.bed.server.StoreConfig().URL, Args: r.args})
		if err != nil {
			return 0, err
		}
		l.servers = append(l.servers, other)
		defer func() { _ = other.Kill() }() // the rig sees to it as well
	}
	if err := l.align(ctx); err != nil {
		return 0, err
	}
	t := &table{head: []string{"seconds from the receipt to the page", "same replica, median", "most", "another replica, median", "most"}}
	for _, c := range []struct {
		name string
		rate float64
	}{{"nobody else submits", 0}, {"half of what the intake takes beside it", median(r.cases[1].rates) / 2}} {
		fmt.Fprintf(s.err, "%s: lag: %s\n", r.bed.kind, c.name)
		seconds, err := l.beside(ctx, c.rate)
		if err != nil {
			return 0, err
		}
		cells := []string{c.name}
		for _, of := range seconds {
			cells = append(cells, fmt.Sprintf("%.2f", median(of)), fmt.Sprintf("%.2f", slices.Max(of)))
		}
		for len(cells) < len(t.head) {
			cells = append(cells, "-")
		}
		t.add(cells...)
	}
	fmt.Fprintln(s.out)
	t.print(s.out)
	return own.Acknowledged(), nil
}

// beside takes the samples while others submit at a rate, and returns seconds by replica.
func (l *lags) beside(ctx context.Context, rate float64) ([][]float64, error) {
	loaded, enough := context.WithCancel(ctx)
	var others sync.WaitGroup
	if rate > 0 {
		others.Go(func() {
			meter := load.NewMeter()
			tally := load.Drive(loaded, load.Load{Clients: 4 * l.clients, Rate: rate, Length: time.Hour, Pause: pause}, meter, submitters(l.bed.target)(meter), nil)
			l.failed += tally.Failed
		})
	}
	defer others.Wait()
	defer enough()
	seconds := make([][]float64, len(l.servers))
	for range l.samples {
		timer := time.NewTimer(rand.N(time.Second)) // at any moment of the rounds
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
		}
		took, err := l.sample(ctx)
		if err != nil {
			return nil, err
		}
		for i, d := range took {
			seconds[i] = append(seconds[i], d.Seconds())
		}
	}
	return seconds, nil
}

// align submits until the page moves, so that a step begins there: it moves when as
// many people as the smallest group have come.
func (l *lags) align(ctx context.Context) error {
	before, _, err := l.shown(ctx, l.servers[0], "")
	if err != nil {
		return err
	}
	for range 3 * survey.SmallestMinimumGroup {
		if err := l.submitter.Do(time.Now()); err != nil {
			return err
		}
		if _, err := l.await(ctx, l.servers[0], before+1, 3*time.Second); err == nil {
			return nil
		}
	}
	return fmt.Errorf("the page of an organization does not move, at %d people", before)
}

// sample submits one step and waits until each replica shows it.
func (l *lags) sample(ctx context.Context) ([]time.Duration, error) {
	now, _, err := l.shown(ctx, l.servers[0], "")
	if err != nil {
		return nil, err
	}
	for range survey.SmallestMinimumGroup {
		if err := l.submitter.Do(time.Now()); err != nil {
			return nil, err
		}
	}
	receipt := time.Now()
	took, wrong := make([]time.Duration, len(l.servers)), make([]error, len(l.servers))
	var watching sync.WaitGroup
	for i, server := range l.servers {
		watching.Go(func() {
			var at time.Time
			at, wrong[i] = l.await(ctx, server, now+survey.SmallestMinimumGroup, time.Minute)
			took[i] = at.Sub(receipt)
		})
	}
	watching.Wait()
	return took, errors.Join(wrong...)
}

// await asks until so many people are shown, and says when that was.
func (l *lags) await(ctx context.Context, server *rig.Server, people int, patience time.Duration) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	tag := ""
	for {
		shown, now, err := l.shown(ctx, server, tag)
		if err != nil {
			return time.Time{}, err
		}
		if tag = now; shown >= people {
			return time.Now(), nil
		}
		select {
		case <-ctx.Done():
			return time.Time{}, fmt.Errorf("%d people are not shown after %v: %w", people, patience, ctx.Err())
		case <-again.C:
		}
	}
}

// shown is how many people of the organization a replica shows, and the tag of the
// answer; 0 where that is the one that is known.
func (l *lags) shown(ctx context.Context, server *rig.Server, known string) (people int, tag string, err error) {
	address := server.URL() + string(l.paths[0]) + ".json"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("If-None-Match", known)
	response, err := l.client.Do(request)
	if err != nil {
		return 0, known, err
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil || response.StatusCode == http.StatusNotModified {
		return 0, known, err
	}
	var report struct {
		Organization struct {
			People int `json:"n"`
		} `json:"organization"`
	}
	if response.StatusCode == http.StatusOK {
		err = json.Unmarshal(body, &report)
	} else if response.StatusCode != http.StatusServiceUnavailable { // a replica that has just begun
		err = fmt.Errorf("%s: %d %.200s", address, response.StatusCode, body)
	}
	return report.Organization.People, response.Header.Get("ETag"), err
}
