package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey/intake"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// heldStore keeps nothing before release is closed.
type heldStore struct {
	*store.Store
	entered, release chan struct{}
}

func (h heldStore) SubmitPrepared(ctx context.Context, prepared []*store.Prepared) ([]store.Outcome, error) {
	h.entered <- struct{}{}
	<-h.release
	return h.Store.SubmitPrepared(ctx, prepared)
}

func TestAFullIntakeRefusesAWholeResponseUntilThereIsRoom(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	held := heldStore{f.store, make(chan struct{}, 8), make(chan struct{})}
	in := intake.New(held, intake.Options{Queue: 1})
	f.server.Intake = in
	open := "/o/" + f.openToken()
	answers := make(chan told, 2)
	go func() { answers <- f.tell(open, whole(aKey)) }()
	<-held.entered
	go func() { answers <- f.tell(open, whole(aKey+"-waits")) }()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for in.Stats().Submissions.Waiting == 0 {
		<-again.C
	}
	refused := f.tell(open, whole(aKey+"-late"))
	if refused.status != 503 || refused.header.Get("Retry-After") == "" || refused.Error.Kind != "unavailable" || refused.Receipt != "" {
		t.Errorf("%+v", refused)
	}
	close(held.release)
	for range 2 {
		if taken := <-answers; taken.status != 201 || taken.Receipt == "" {
			t.Errorf("%+v", taken)
		}
	}
	if later := f.tell(open, whole(aKey+"-late")); later.status != 201 {
		t.Errorf("the same again: %+v", later)
	}
	if err := in.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}

// HTTP says that the chunks count where both are given.
func TestABodyWithLengthAndChunksIsReadByItsChunks(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	l := listen(t, f.server, io.Discard, 10, 10)
	l.start()
	body, err := json.Marshal(whole(aKey))
	if err != nil {
		t.Fatal(err)
	}
	conn := l.dial()
	request := fmt.Sprintf("POST /o/%s/responses HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
		f.openToken(), len(body), body)
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if status := statusOn(conn); status != 201 {
		t.Errorf("%d: the chunks are the body, whatever the length says", status)
	}
}
