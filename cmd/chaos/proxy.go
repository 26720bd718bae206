package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/salesbench/salesbench/cmd/internal/rig"
)

// proxy stands between the service and its database and does harm when told to.
type proxy struct {
	inner   *toxiproxy.Proxy
	address string
}

// newProxy starts a proxy on loopback.
func newProxy(upstream string) (*proxy, error) {
	port, err := rig.FreePort()
	if err != nil {
		return nil, err
	}
	zerolog.SetGlobalLevel(zerolog.Disabled) // some faults log past the logger they are given
	quiet := zerolog.Nop()
	server := &toxiproxy.ApiServer{Metrics: toxiproxy.NewMetricsContainer(nil), Logger: &quiet}
	p := &proxy{address: fmt.Sprintf("127.0.0.1:%d", port)}
	p.inner = toxiproxy.NewProxy(server, "database", p.address, upstream)
	return p, p.inner.Start()
}

// fault is one kind of harm on the way in one direction.
type fault struct {
	Type       string         `json:"type"`
	Stream     string         `json:"stream"` // upstream: to the database; downstream: from it
	Attributes map[string]any `json:"attributes"`
}

// name tells faults apart.
func (f fault) name() string { return f.Type + "-" + f.Stream }

// harm begins with a fault.
func (p *proxy) harm(f fault) error {
	document, err := json.Marshal(struct {
		Name string `json:"name"`
		fault
	}{f.name(), f})
	if err != nil {
		return err
	}
	_, err = p.inner.Toxics.AddToxicJson(bytes.NewReader(document))
	return err
}

// heal ends a fault.
func (p *proxy) heal(f fault) error {
	return p.inner.Toxics.RemoveToxic(context.Background(), f.name())
}

// cut closes all connections and takes no new ones until restore.
func (p *proxy) cut() { p.inner.Stop() }

// restore takes connections again.
func (p *proxy) restore() error { return p.inner.Start() }

// close ends the proxy.
func (p *proxy) close() error {
	p.inner.Stop()
	return nil
}
