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
	"github.com/salesbench/salesbench/survey"
)

// contentPolicy allows what we serve ourselves and nothing else: no inline
// script or style, no frame, no foreign address.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
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

func securityHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		if c.Scheme() == "https" { // browsers ignore it elsewhere, and complain
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
		}
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		return next(c)
	}
}

// refuseForeignPost keeps other sites from sending forms in a visitor's name.
func (s *Server) refuseForeignPost(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := s.protection.Check(c.Request()); err != nil {
			return survey.Errorf(survey.Forbidden, "this form was sent from another site, so it was not taken")
		}
		return next(c)
	}
}

// limitBody stops reading a body at its limit; what reads it gets an error.
func limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.ContentLength > MaxBodyBytes {
			return tooLarge()
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, MaxBodyBytes)
		return next(c)
	}
}

func tooLarge() error {
	return survey.Errorf(survey.TooLarge, "more was sent than a page of answers can hold (%d kilobytes); please shorten the longest text", MaxBodyBytes>>10)
}

// ipNet turns a prefix into the older form that Echo asks for.
func ipNet(p netip.Prefix) *net.IPNet {
	p = p.Masked()
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
