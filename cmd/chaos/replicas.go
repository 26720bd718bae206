package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// runReplicas is how a larger installation looks: three replicas behind HAProxy, one
// PostgreSQL with a standby that confirms every commit. Replicas are killed, then
// the primary is, and the standby takes its place.
func runReplicas(ctx context.Context, s *stage) error {
	primary, err := s.rig.StartPostgres(rig.PostgresOptions{})
	if err != nil {
		return err
	}
	if _, err := primary.CreateDatabase("salesbench"); err != nil {
		return err
	}
	standby, err := primary.Standby("second")
	if err != nil {
		return err
	}
	// From here on a commit returns when the standby has it too.
	if err := errors.Join(primary.Configure("synchronous_standby_names = 'second'"), primary.Reload()); err != nil {
		return err
	}
	o := trialOptions{name: "PostgreSQL with standby", redoes: true, responses: 400, group: 20}
	o.at.URL = standby.URL("salesbench")
	for range 3 {
		o.server = append(o.server, rig.ServerOptions{Binary: s.binary, Database: either(primary, standby), Args: []string{"--results", "open", "--trusted-proxies", "127.0.0.1"}})
	}
	o.front = func(servers []*rig.Server) (string, error) { return s.balancer(servers) }
	_, err = s.try(ctx, o, func(ctx context.Context, t *trial) (string, error) { return t.failOver(ctx, primary, standby) })
	return err
}

// either is the address of a database on whichever of two servers takes changes.
func either(a, b *rig.Postgres) string {
	q := url.Values{"host": {"127.0.0.1,127.0.0.1"}, "port": {port(a) + "," + port(b)}, "user": {"postgres"},
		"target_session_attrs": {"read-write"}, "sslmode": {"disable"}, "connect_timeout": {"2"}}
	return "postgres:///salesbench?" + q.Encode()
}

func port(p *rig.Postgres) string {
	_, number, _ := strings.Cut(p.Address(), ":")
	return number
}

// balancer starts HAProxy with the configuration that the documentation shows.
func (s *stage) balancer(servers []*rig.Server) (string, error) {
	top, err := moduleFolder()
	if err != nil {
		return "", err
	}
	var addresses []string
	for _, server := range servers {
		addresses = append(addresses, server.Address())
	}
	b, err := s.rig.StartBalancer(filepath.Join(top, "docs", "haproxy.cfg"), addresses...)
	if err != nil {
		return "", err
	}
	return b.URL(), nil
}

// moduleFolder is the nearest folder above with a go.mod.
func moduleFolder() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("docs/haproxy.cfg: run this inside the module")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// failOver kills replicas, then the primary, and promotes the standby, while pages of
// results are read from all replicas.
func (t *trial) failOver(ctx context.Context, primary, standby *rig.Postgres) (faults string, err error) {
	m := t.mirror()
	stop := m.watch(ctx, t.servers)
	defer func() {
		stop()
		faults, err = faults+"; "+m.sentence(), errors.Join(err, m.wrong())
	}()
	kills := choose(t.stage, 2, 30)
	restart := func(n int) error {
		for range n {
			if !pause(ctx, moment(50*time.Millisecond, choose(t.stage, 200*time.Millisecond, time.Second))) {
				return ctx.Err()
			}
			if err := t.servers[rand.IntN(len(t.servers))].Restart(); err != nil {
				return err
			}
		}
		return nil
	}
	if err := restart(kills / 2); err != nil {
		return "", err
	}
	if err := primary.Kill(); err != nil {
		return "", err
	}
	if err := standby.Promote(); err != nil {
		return "", err
	}
	back, err := t.crowd.awaitReceipts(ctx, 1, settling)
	if err != nil {
		return "", fmt.Errorf("after the promotion: %w", err)
	}
	if err := restart(kills - kills/2); err != nil {
		return "", err
	}
	t.after = func(ctx context.Context) error { return t.sameEdition(ctx) }
	return fmt.Sprintf("%d kills of replicas, primary killed, standby promoted; first receipt %v after the promotion", kills, back.Round(time.Millisecond)), nil
}

// sameEdition closes the wave and waits until all replicas show the same page of
// results, byte for byte.
func (t *trial) sameEdition(ctx context.Context) error {
	if err := t.closeWave(ctx, "--database", t.database.URL); err != nil {
		return err
	}
	deadline := time.Now().Add(choose(t.stage, 20*time.Second, 40*time.Second))
	for {
		pages, err := t.resultPages(ctx)
		if err == nil && bytes.Equal(pages[0], pages[1]) && bytes.Equal(pages[1], pages[2]) {
			t.crowd.say(fmt.Sprintf("all replicas show the same results, %d bytes", len(pages[0])))
			return nil
		}
		if time.Now().After(deadline) {
			return errors.Join(errors.New("the replicas do not show the same results"), err)
		}
		pause(ctx, 100*time.Millisecond)
	}
}

func (t *trial) resultPages(ctx context.Context) ([][]byte, error) {
	var pages [][]byte
	for _, server := range t.servers {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL()+"/waves/"+t.study.Wave.Key, nil)
		if err != nil {
			return nil, err
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil, err
		}
		page, err := io.ReadAll(response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil {
			return nil, err
		}
		if response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s", response.Status, page[:min(len(page), 300)])
		}
		pages = append(pages, page)
	}
	return pages, nil
}
