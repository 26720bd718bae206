package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"time"

	"github.com/salesbench/salesbench/survey/web"
)

// adminListener is the operator's own door: metrics, profiles and probes.
type adminListener struct {
	listener net.Listener
	server   *http.Server
}

// openAdmin takes the address. Empty: there is no such door.
func openAdmin(ctx context.Context, address string) (*adminListener, error) {
	if address == "" {
		return nil, nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--admin: %w; choose another address or port", err)
	}
	return &adminListener{listener: listener}, nil
}

// serve answers until it is closed.
func (a *adminListener) serve(pages *web.Server) {
	if a == nil {
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", pages.Metrics())
	mux.Handle("GET /readyz", pages.Readiness())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", http.NotFound) // may hold a password
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	a.server = &http.Server{Handler: onlyByAddress(mux), ReadHeaderTimeout: web.ReadHeaderTimeout, IdleTimeout: web.IdleTimeout, MaxHeaderBytes: web.MaxHeaderBytes}
	// Its end is told by close; nobody else can act on an error here.
	go func() { _ = a.server.Serve(a.listener) }()
}

// close ends it without waiting long: a profile may take half a minute.
func (a *adminListener) close() error {
	switch {
	case a == nil:
		return nil
	case a.server == nil:
		return a.listener.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if a.server.Shutdown(ctx) != nil {
		return a.server.Close()
	}
	return nil
}

// onlyByAddress refuses requests for a name: a page of another site that has its
// name lead to this machine could read what is answered.
func onlyByAddress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if _, err := netip.ParseAddr(host); err != nil && host != "localhost" {
			http.Error(w, "ask by address, such as http://127.0.0.1:9090, not by name", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkAdmin says what is wrong with the address of the operator's door.
func checkAdmin(address string, anywhere bool) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("--admin: %q is not HOST:PORT, such as 127.0.0.1:9090", address)
	}
	ip, err := netip.ParseAddr(host)
	if host != "localhost" && (err != nil || !ip.IsLoopback()) && !anywhere {
		return fmt.Errorf("--admin: %q can be reached from other machines, and metrics and profiles have no password; name a loopback address such as 127.0.0.1:9090, or add --admin-anywhere where the network keeps others out", address)
	}
	return nil
}
