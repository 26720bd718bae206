package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/words"
	"github.com/salesbench/salesbench/templates"
)

// listed is how many rows of a list stand on one page.
const listed = 100

// paged says from which row on a list of so many is shown, and leads to the other parts.
func paged(c echo.Context, total, size int) (from, to int, pager *templates.Pager) {
	last := max(0, (total-1)/size)
	n, err := strconv.Atoi(c.QueryParam("page"))
	n = min(max(n-1, 0), last)
	if err != nil {
		n = 0
	}
	from, to = n*size, min((n+1)*size, total)
	if last == 0 {
		return from, to, nil
	}
	pager = &templates.Pager{Words: fmt.Sprintf("%s to %s of %s", thousands(from+1), thousands(to), thousands(total))}
	if n > 0 {
		pager.Previous = withQuery(c, "page", strconv.Itoa(n))
	}
	if n < last {
		pager.Next = withQuery(c, "page", strconv.Itoa(n+2))
	}
	return from, to, pager
}

// withQuery is the address of the page with another value of a parameter; an empty
// one takes it away.
func withQuery(c echo.Context, name, value string) string {
	query := url.Values{}
	for key, values := range c.QueryParams() {
		query[key] = values
	}
	query.Set(name, value)
	if value == "" {
		query.Del(name)
	}
	return c.Request().URL.EscapedPath() + "?" + query.Encode()
}

// searched is the box above a list with what was looked for.
func searched(c echo.Context, label string) (*templates.Search, string) {
	text := strings.TrimSpace(c.QueryParam("q"))
	return &templates.Search{Label: label, Name: "q", Value: text}, strings.ToLower(text)
}

// inOrder sorts a list as staff look things up in it: whatever case and accents, and 2
// before 10.
func inOrder[T any](list []T, names func(T) []string) {
	words.SortBy(words.Embedded().English().Tag(), list, names)
}

// organizationNames are what an organization is looked up by.
func organizationNames(o survey.Organization) []string { return []string{o.Name, o.Key} }
