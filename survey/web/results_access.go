package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
)

// resultsCookie carries the token of a results link, one cookie per wave, so that
// whoever was given two links can use both.
const resultsCookie = "results-"

// closedToYou is what everybody reads who may not read a result, whether there is
// such a wave or not.
func closedToYou() error { return closedResults{} }

type closedResults struct{}

func (closedResults) Error() string {
	return "these results are only for readers with a link to them, or with an account that may read them"
}

// Unwrap gives the error its kind.
func (closedResults) Unwrap() error { return &survey.Error{Kind: survey.Forbidden} }

func (e closedResults) failure() failure {
	return failure{status: http.StatusForbidden, kind: survey.Forbidden, heading: "These results are closed to you", message: sentence(e.Error()), advice: []string{
		"If you were given a link to them, open it again, complete and in one piece.",
		"If you have an account, sign in. Administrators, researchers and viewers of the study read all results, executives those of their own organizations: ask an administrator of the study for such a role."}}
}

// openLinkToResults takes the token out of the address, so that it is neither
// bookmarked nor passed on by accident, and leads to the results. Besides
// /results/TOKEN it takes /results/WAVE?key=TOKEN.
func (s *Server) openLinkToResults(c echo.Context) error {
	token := strings.ToLower(strings.TrimSpace(c.QueryParam("key")))
	if token == "" {
		token = strings.ToLower(c.Param("token"))
	}
	if !auth.LooksLikeToken(token) {
		if s.OpenResults {
			return c.Redirect(http.StatusSeeOther, resultsPath(c.Param("token"), c.Param("org")))
		}
		return closedToYou()
	}
	ctx := c.Request().Context()
	link, err := s.Store.ResultLinkByToken(ctx, auth.HashToken(token))
	if kind := survey.KindOf(err); kind == survey.NotFound || kind == survey.Forbidden {
		return closedToYou()
	}
	if err != nil {
		return err
	}
	wave, err := s.Store.WaveByID(ctx, link.WaveID)
	if err != nil {
		return err
	}
	organization := ""
	if link.OrganizationID != "" {
		o, err := s.Store.OrganizationByID(ctx, link.OrganizationID)
		if err != nil {
			return err
		}
		organization = o.Key
	}
	c.SetCookie(&http.Cookie{Name: resultsCookie + string(wave.ID), Value: token, Path: "/waves", HttpOnly: true,
		Secure: strings.HasPrefix(s.address(c), "https:"), SameSite: http.SameSiteLaxMode})
	return c.Redirect(http.StatusSeeOther, resultsPath(wave.Key, organization))
}

// resultsPath is the address of the results of a wave or of one organization.
func resultsPath(wave, organization string) string {
	path := "/waves/" + url.PathEscape(wave)
	if organization != "" {
		path += "/organizations/" + url.PathEscape(organization)
	}
	return path
}

// readableWave finds the wave that the address names and checks that the reader
// may see it, or the one organization. wide says whether the reader may see the
// whole wave.
func (s *Server) readableWave(c echo.Context, waveKey, orgKey string) (w resultWave, wide bool, err error) {
	ctx := c.Request().Context()
	w, err = s.results.waveByKey(ctx, waveKey)
	if s.OpenResults {
		return w, true, err
	}
	if survey.KindOf(err) == survey.NotFound {
		return w, false, closedToYou()
	}
	if err != nil {
		return w, false, err
	}
	if wide, err = s.roleAllows(c, w, orgKey); survey.KindOf(err) != survey.Forbidden {
		return w, wide, err
	}
	cookie, err := c.Cookie(resultsCookie + string(w.ID))
	if err != nil || !auth.LooksLikeToken(cookie.Value) {
		return w, false, closedToYou()
	}
	wide, err = s.linkAllows(ctx, cookie.Value, w, orgKey)
	return w, wide, err
}

// roleAllows asks whether somebody is signed in whose role in the study includes the
// results: of the whole wave, or of the own organizations. Forbidden: no.
func (s *Server) roleAllows(c echo.Context, w resultWave, orgKey string) (wide bool, err error) {
	user, err := s.signedInUser(c)
	if err != nil {
		return false, err
	}
	if user.ID == "" {
		return false, closedToYou()
	}
	c.SetRequest(c.Request().WithContext(survey.WithZone(c.Request().Context(), survey.ZoneOr(user.Zone))))
	place, err := s.placeIn(c, user, w.StudyID)
	if survey.KindOf(err) == survey.NotFound || err == nil && !slices.Contains(ownReaders.roles, place.Role) {
		return false, closedToYou()
	}
	if err != nil || !place.Role.Bound() {
		return true, err
	}
	if orgKey == "" {
		return false, closedToYou()
	}
	o, err := s.Store.OrganizationByKey(c.Request().Context(), w.StudyID, orgKey)
	if survey.KindOf(err) == survey.NotFound || err == nil && !place.For(o.ID) {
		return false, closedToYou()
	}
	return false, err
}

// linkAllows asks the store each time, so that a revoked link ends at once.
func (s *Server) linkAllows(ctx context.Context, token string, w resultWave, orgKey string) (wide bool, err error) {
	link, err := s.Store.ResultLinkByToken(ctx, auth.HashToken(token))
	switch kind := survey.KindOf(err); {
	case err != nil && (kind == survey.NotFound || kind == survey.Forbidden):
		return false, closedToYou()
	case err != nil:
		return false, err
	case link.WaveID != w.ID:
		return false, closedToYou()
	case link.OrganizationID == "":
		return true, nil
	}
	o, err := s.Store.OrganizationByKey(ctx, w.StudyID, orgKey)
	if survey.KindOf(err) == survey.NotFound || (err == nil && o.ID != link.OrganizationID) || orgKey == "" {
		return false, closedToYou()
	}
	return false, err
}
