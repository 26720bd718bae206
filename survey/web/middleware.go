package web

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/static"
)

// contentPolicy allows what we serve ourselves and nothing else: no inline
// script, no inline style but the one that the first page carries, no frame, no
// foreign address.
var contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self' " + static.InlineStyleHash() + "; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// recoverPanic turns a programmer's mistake into an internal error with its stack.
func (s *Server) recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
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
		return next(c)
	}
}

// ipNet turns a prefix into the older form that Echo asks for.
func ipNet(p netip.Prefix) *net.IPNet {
	p = p.Masked()
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
