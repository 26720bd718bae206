package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// reach says who may see what a route answers, and with it how it may be kept.
type reach int

const (
	anybody   reach = iota // public: the handler decides about caching
	linkOwner              // whoever has the link: never kept by browser or proxy
	machines               // probes: never kept
)

// route is one line of the route table.
type route struct {
	method string
	path   string
	reach  reach
	handle echo.HandlerFunc
}

// routes is the whole table, readable from top to bottom.
func (s *Server) routes() []route {
	return slices.Concat([]route{
		{http.MethodGet, "/healthz", machines, s.healthz},
		{http.MethodGet, "/readyz", machines, s.readyz},
		{http.MethodGet, "/robots.txt", anybody, robots},
		{http.MethodGet, "/favicon.ico", anybody, favicon},
		{http.MethodGet, "/static/*", anybody, serveAsset},

		{http.MethodGet, "/", anybody, s.home},
	}, s.respondRoutes(), s.kioskRoutes(), s.submissionRoutes(), s.resultsRoutes(), s.staffRoutes(), s.userRoutes(), s.auditRoutes(), s.studyRoutes(), s.waveRoutes(), s.documentRoutes(), s.mailingRoutes(), s.fieldworkRoutes(),
		s.organizationRoutes(), s.rosterRoutes(), s.linkRoutes(), s.jobRoutes(), s.dataRoutes(), s.eraseRoutes(), s.galleryRoutes())
}

// allowed finds what the table of permissions says about each route. A route that
// is not in it is a mistake, and so is an entry without a route.
func allowed(table []route) error {
	known := make(map[string]bool, len(table))
	for _, r := range table {
		known[r.name()] = true
		if _, ok := permissions[r.name()]; !ok {
			return fmt.Errorf("web: the table of permissions does not say who may use %s", r.name())
		}
	}
	for name := range permissions {
		if !known[name] {
			return fmt.Errorf("web: the table of permissions speaks of %s, which is no route", name)
		}
	}
	return nil
}

// name is how the table of permissions calls the route.
func (r route) name() string { return r.method + " " + r.path }

// install registers the table. A page can be asked for by HEAD as well.
func (s *Server) install(table []route) {
	for _, r := range table {
		handle := s.permit(permissions[r.name()], r.handle)
		if r.reach != anybody {
			handle = neverKept(handle)
		}
		s.echo.Add(r.method, r.path, handle)
		s.addSlashed(r)
		if r.method == http.MethodGet {
			s.echo.Add(http.MethodHead, r.path, handle)
		}
	}
}

// addSlashed leads whoever wrote a slash behind an address to it, with what they
// sent.
func (s *Server) addSlashed(r route) {
	if strings.HasSuffix(r.path, "/") || strings.HasSuffix(r.path, "*") {
		return
	}
	s.echo.Add(r.method, r.path+"/", neverKept(withoutSlash))
	if r.method == http.MethodGet {
		s.echo.Add(http.MethodHead, r.path+"/", neverKept(withoutSlash))
	}
}

// withoutSlash answers with the address without its last slash, seen from where
// the client is: so it can never lead to another host.
func withoutSlash(c echo.Context) error {
	path := strings.TrimSuffix(c.Request().URL.EscapedPath(), "/")
	to := "../" + path[strings.LastIndexByte(path, '/')+1:]
	if query := c.Request().URL.RawQuery; query != "" {
		to += "?" + query
	}
	return c.Redirect(http.StatusPermanentRedirect, to)
}

// neverKept marks the answer as private to this one request.
func neverKept(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header()["Cache-Control"] = headerNoStore
		return next(c)
	}
}
