package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"
)

// runHalf lets clients misbehave beside the good ones.
func runHalf(ctx context.Context, s *stage) error {
	o, err := s.sqlite()
	if err != nil {
		return err
	}
	if _, err := s.try(ctx, o, misbehaving); err != nil {
		return err
	}
	if _, o, err = s.postgresTrial(1); err != nil {
		return err
	}
	_, err = s.try(ctx, o, misbehaving)
	return err
}

// misbehaving breaks bodies off and drips bytes for some time.
func misbehaving(ctx context.Context, t *trial) (string, error) {
	dripping := choose(t.stage, 50, 500)
	drip, dry := context.WithCancel(ctx)
	var drippers sync.WaitGroup
	for range dripping {
		drippers.Go(func() { t.drip(drip) })
	}
	halves, length := 0, time.Now().Add(choose(t.stage, time.Second, 20*time.Second))
	var err error
	for time.Now().Before(length) && err == nil {
		err = t.half(ctx)
		halves++
	}
	dry()
	drippers.Wait()
	return fmt.Sprintf("%d half bodies, %d clients of one byte at a time", halves, dripping), err
}

// request is a complete submission as bytes on the wire. Nobody in the ledger has
// its key: a row of it would be a stranger.
func (t *trial) request(p *person) string {
	document := string(p.document())
	return fmt.Sprintf("POST /o/%s/responses HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		t.study.Organizations[0].Open, t.servers[0].Address(), len(document), document)
}

// half sends a part of a submission and goes away: in order, half closed, or with
// a reset. Then the same person comes back with the whole.
func (t *trial) half(ctx context.Context) error {
	p := newPerson("salesperson", t.crowd.asked["salesperson"])
	text := t.request(p)
	conn, err := net.DialTimeout("tcp", t.servers[0].Address(), 5*time.Second)
	if err != nil {
		return err
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return fmt.Errorf("a connection of type %T", conn)
	}
	_, _ = io.WriteString(tcp, text[:1+rand.IntN(len(text)-1)]) // the server may have closed by now
	switch rand.IntN(3) {
	case 0:
		_ = tcp.CloseWrite() // the answer is not looked at
	case 1:
		_ = tcp.SetLinger(0) // closing resets
	}
	if err := tcp.Close(); err != nil || rand.IntN(2) == 0 {
		return err
	}
	cl := t.crowd.client(0)
	defer cl.http.CloseIdleConnections()
	t.crowd.insist(ctx, (&whole{client: cl, person: p, path: "/o/" + t.study.Organizations[0].Open + "/responses"}).step)
	return nil
}

// drip sends a submission one byte at a time until it is told to end, and
// begins again when the server has had enough.
func (t *trial) drip(ctx context.Context) {
	text := t.request(newPerson("manager", t.crowd.asked["manager"]))
	for ctx.Err() == nil {
		conn, err := net.DialTimeout("tcp", t.servers[0].Address(), 5*time.Second)
		if err != nil {
			pause(ctx, 100*time.Millisecond)
			continue
		}
		for _, b := range strings.Split(text, "") {
			if _, err := io.WriteString(conn, b); err != nil || !pause(ctx, 200*time.Millisecond) {
				break
			}
		}
		_ = conn.Close() // it is broken off in any case
	}
}
