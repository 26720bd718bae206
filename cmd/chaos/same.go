package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// runSame kills three replicas in turn while a wave is answered and its results are
// read from all of them. It goes on until enough figures were compared: what is
// asked for is a number of comparisons, not a time.
func runSame(ctx context.Context, s *stage) error {
	_, o, err := s.postgresTrial(3)
	if err != nil {
		return err
	}
	for i := range o.server {
		o.server[i].Args = []string{"--results", "open"}
	}
	// What was imported is shown from the start, and organizations move by so many
	// that an edition stays long enough for all replicas to come to it.
	o.responses, o.group, o.clients = 400, 20, 4
	_, err = s.try(ctx, o, func(ctx context.Context, t *trial) (string, error) {
		m := t.mirror()
		stop := m.watch(ctx, t.servers)
		kills, err := t.killInTurn(ctx, m, choose(s, 6, 60), choose(s, 40, 300))
		stop()
		return fmt.Sprintf("3 replicas, %d kills in turn; %s", kills, m.sentence()), errors.Join(err, m.wrong())
	})
	return err
}

// killInTurn kills one replica after the other, until there were so many kills and
// so many answers with figures were compared.
func (t *trial) killInTurn(ctx context.Context, m *mirror, least, compared int) (kills int, err error) {
	patience := time.Now().Add(choose(t.stage, time.Minute, 5*time.Minute))
	for ; kills < least || m.compared() < compared; kills++ {
		if time.Now().After(patience) {
			return kills, fmt.Errorf("only %s after %d kills", m.sentence(), kills)
		}
		if !pause(ctx, moment(200*time.Millisecond, 600*time.Millisecond)) {
			return kills, ctx.Err()
		}
		if err := t.servers[kills%len(t.servers)].Restart(); err != nil {
			return kills, err
		}
	}
	return kills, nil
}

// mirror holds what replicas say about the same results side by side.
type mirror struct {
	paths []string

	mu       sync.Mutex
	recent   map[string][]*stated // by path, the newest last
	editions map[string]bool      // that have figures and were compared
	figures  int                  // answers with figures that were put beside that of another replica
	empty    int                  // the same before anything could be shown
	differ   []string
}

// stated is the first answer that stated an edition.
type stated struct {
	edition string
	body    []byte
	by      map[int]bool // replicas that have given it
}

// remembered is how many editions of an address are kept: a replica that comes back
// is not further behind.
const remembered = 16

// mirror is one for the pages and files of the trial's wave and its first organization.
func (t *trial) mirror() *mirror { return newMirror(t.study.Wave.Key, t.study.Organizations[0].Key) }

func newMirror(wave, organization string) *mirror {
	wave = "/waves/" + wave
	one := wave + "/organizations/" + organization
	return &mirror{recent: map[string][]*stated{}, editions: map[string]bool{},
		paths: []string{wave, wave + ".json", wave + "?format=csv", wave + "/league.json", one, one + ".json", one + "?format=csv"}}
}

// watch reads from all replicas, each at its own pace, until it is stopped.
func (m *mirror) watch(ctx context.Context, servers []*rig.Server) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	client := &http.Client{Timeout: slowest, Transport: &http.Transport{}}
	for i, server := range servers {
		all.Go(func() {
			for pause(ctx, 20*time.Millisecond) {
				for _, path := range m.paths {
					// A replica that is being killed or started gives no answer: that is
					// for the crowd to notice.
					_ = m.read(ctx, client, i, server.URL(), path)
				}
			}
		})
	}
	return func() {
		cancel()
		all.Wait()
		client.CloseIdleConnections()
	}
}

// read takes one answer of a replica.
func (m *mirror) read(ctx context.Context, client *http.Client, replica int, base, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	if edition := editionIn(response.Header.Get("ETag")); response.StatusCode == http.StatusOK && edition != "" {
		m.add(replica, path, edition, body)
	}
	return nil
}

// drawnApart is the number of responses from which some figures follow in the
// background: the rest of the tag tells by which of them an answer is.
const drawnApart = 10_000

// editionIn is the edition that an answer states by its tag, W/"EDITION.HASH". The
// hash has no say where the edition alone decides every byte.
func editionIn(tag string) string {
	edition, hash, ok := strings.Cut(strings.Trim(strings.TrimPrefix(tag, "W/"), `"`), ".")
	if !ok {
		return ""
	}
	count, _, _ := strings.Cut(edition, "-")
	if n, err := strconv.Atoi(count); err == nil && n >= drawnApart {
		return edition + "." + hash
	}
	return edition
}

// nobody is the edition of a wave of which nothing can be shown yet.
const nobody = "empty"

// add compares an answer with the first one that stated the same edition. Answers of
// one replica are compared with those of others, not counted beside its own.
func (m *mirror) add(replica int, path, edition string, body []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.recent[path] {
		if s.edition != edition {
			continue
		}
		if !bytes.Equal(s.body, body) {
			m.differ = append(m.differ, fmt.Sprintf("%s in edition %s differs: %s", path, edition, whereTheyPart(s.body, body)))
		}
		if s.by[replica] {
			return
		}
		s.by[replica] = true
		if edition == nobody {
			m.empty++
			return
		}
		m.figures++
		m.editions[edition] = true
		return
	}
	list := append(m.recent[path], &stated{edition, body, map[int]bool{replica: true}})
	m.recent[path] = list[max(0, len(list)-remembered):]
}

// whereTheyPart shows a little of both from where they differ.
func whereTheyPart(a, b []byte) string {
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	from := max(0, at-60)
	return fmt.Sprintf("%q and %q", a[from:min(len(a), at+60)], b[from:min(len(b), at+60)])
}

func (m *mirror) compared() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.figures
}

// sentence says what was compared, for the report.
func (m *mirror) sentence() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return fmt.Sprintf("%d answers with figures (%d editions) had the bytes of another replica's, %d before there were figures, %d differed",
		m.figures, len(m.editions), m.empty, len(m.differ))
}

// wrong says where replicas have differed.
func (m *mirror) wrong() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.differ) == 0 {
		return nil
	}
	return fmt.Errorf("replicas state the same edition and show different bytes, %d times: %s", len(m.differ), strings.Join(m.differ[:min(3, len(m.differ))], "; "))
}
