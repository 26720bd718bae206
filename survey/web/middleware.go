package web

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/static"
)

// contentPolicy allows what we serve ourselves and nothing else: no inline
// script, no inline style but the one that the first page carries, no frame, no
// foreign address.
var contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self' " + static.InlineStyleHash() + "; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// attend is all that is done around every request: it is named, answered whatever
// happens, counted and logged. It is one function, because Echo makes a closure of
// each for every request.
func (s *Server) attend(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		s.nameRequest(c)
		if s.draining.Load() { // the connection ends with the process
			c.Response().Header().Set("Connection", "close")
		}
		if err := s.recoverPanic(c, next); err != nil {
			c.Error(err)
		}
		s.logRequest(c, start)
		releaseForm(c)
		return nil
	}
}

// recoverPanic turns a programmer's mistake into an internal error with its stack.
func (s *Server) recoverPanic(c echo.Context, next echo.HandlerFunc) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("panic: %w\n%s", r, debug.Stack())
		default:
			if abort, ok := r.(error); ok && errors.Is(abort, http.ErrAbortHandler) {
				panic(r)
			}
			// The value may hold anything, so only its type is told.
			err = fmt.Errorf("panic with %T\n%s", r, debug.Stack())
		}
	}()
	return s.guard(c, next)
}

// ipNet turns a prefix into the older form that Echo asks for.
func ipNet(p netip.Prefix) *net.IPNet {
	p = p.Masked()
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
