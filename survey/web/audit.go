package web

import (
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// auditRows is how many entries of the log one page shows.
const auditRows = 100

// auditRoutes are the pages of the audit log.
func (s *Server) auditRoutes() []route {
	return []route{
		{http.MethodGet, "/audit", linkOwner, s.audit},
		{http.MethodGet, "/audit/download", linkOwner, s.downloadAudit},
		{http.MethodGet, "/studies/:study/audit", linkOwner, s.audit},
		{http.MethodGet, "/studies/:study/audit/download", linkOwner, s.downloadAudit},
	}
}

// auditView is a part of the log, of one study or of the whole installation.
type auditView struct {
	page    store.AuditPage
	entries []survey.AuditEntry
	newer   bool
	older   bool
}

func auditPath(who staff) string {
	if who.study.ID != "" {
		return studyPath(who.study, "/audit")
	}
	return "/audit"
}

// address is that of another part of the same selection.
func (v auditView) address(who staff, part string, values url.Values) string {
	if v.page.Text != "" {
		values.Set("q", v.page.Text)
	}
	if len(values) == 0 {
		return auditPath(who) + part
	}
	return auditPath(who) + part + "?" + values.Encode()
}

// auditView reads the part that the address asks for.
func (s *Server) auditView(c echo.Context) (auditView, error) {
	position := func(name string) int64 {
		n, err := strconv.ParseInt(c.QueryParam(name), 10, 64)
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	v := auditView{page: store.AuditPage{Study: staffOf(c).study.ID, Text: strings.TrimSpace(c.QueryParam("q")), Before: position("before"), After: position("after"), Limit: auditRows + 1}}
	if len(v.page.Text) > 200 {
		return v, survey.Errorf(survey.Invalid, "what is looked for has more than 200 characters: take a shorter text")
	}
	var err error
	v.entries, err = s.Store.AuditEntries(c.Request().Context(), v.page)
	more := len(v.entries) > auditRows
	if v.page.After > 0 {
		v.newer, v.older = more, true
		if more {
			v.entries = v.entries[1:]
		}
		return v, err
	}
	v.newer, v.older = v.page.Before > 0, more
	if more {
		v.entries = v.entries[:auditRows]
	}
	return v, err
}

func (v auditView) list(who staff) templates.List {
	list := templates.List{ID: "entries", Caption: "The newest first", Empty: "Nothing has been done yet.",
		Head:   []templates.ListHead{{Text: "When"}, {Text: "Who"}, {Text: "What"}, {Text: "To what"}, {Text: "Entry", Num: true}},
		Search: &templates.Search{Label: "Person, act, thing or network address", Name: "q", Value: v.page.Text}}
	if v.page.Text != "" {
		list.Empty = "No entry has this text. Try a part of it, such as a name or \"session\"."
	}
	for _, e := range v.entries {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{momentCell(e.HappenedAt), {Text: e.Actor.Name, Small: e.Actor.Origin},
			{Text: e.Action, Code: true}, {Text: e.Object, Small: e.Detail}, {Text: strconv.FormatInt(e.Position, 10), Num: true}}})
	}
	if n := len(v.entries); n > 0 && (v.newer || v.older) {
		list.Pager = &templates.Pager{Words: "Entries " + strconv.FormatInt(v.entries[n-1].Position, 10) + " to " + strconv.FormatInt(v.entries[0].Position, 10)}
		if v.newer {
			list.Pager.Previous = v.address(who, "", url.Values{"after": {strconv.FormatInt(v.entries[0].Position, 10)}})
		}
		if v.older {
			list.Pager.Next = v.address(who, "", url.Values{"before": {strconv.FormatInt(v.entries[n-1].Position, 10)}})
		}
	}
	return list
}

// audit shows who did what, when and from where.
func (s *Server) audit(c echo.Context) error {
	v, err := s.auditView(c)
	if err != nil {
		return err
	}
	who := staffOf(c)
	p := templates.ListPage{Base: s.staffBase(c, "Audit log", templates.Link{Text: "Audit log", URL: auditPath(who)}), Heading: "Audit log",
		Lead:  "Who did what, when and from where. Entries are only added; each carries the hash of the one before.",
		Lists: []templates.ListSection{{List: v.list(who)}},
		Buttons: []templates.Link{{Text: "Download as CSV", URL: v.address(who, "/download", url.Values{"format": {asCSV}})},
			{Text: "Download as JSON", URL: v.address(who, "/download", url.Values{"format": {asJSON}})}}}
	broken, err := s.auditBroken(c, v)
	if err != nil {
		return err
	}
	if broken > 0 {
		p.Alert = "The chain is broken at entry " + strconv.FormatInt(broken, 10) + ": somebody with access to the database has changed, removed or reordered entries. " +
			"Compare with a backup, and do not rely on what stands here."
	} else if len(v.entries) > 0 {
		p.Facts = []templates.Detail{{Name: "Chain", Value: "intact in the part that is shown", Small: "salesbench audit verify checks all of it"}}
	}
	return page(c, http.StatusOK, p)
}

// auditBroken is the entry of the shown part that does not fit; 0: all fit. The end of
// the log is compared with what is kept of it elsewhere.
func (s *Server) auditBroken(c echo.Context, v auditView) (int64, error) {
	if broken := store.BrokenAudit(v.entries); broken > 0 {
		return broken, nil
	}
	if v.page.Study != "" || v.page.Text != "" || v.newer || len(v.entries) == 0 {
		return 0, nil
	}
	position, hash, err := s.Store.AuditHead(c.Request().Context())
	if err != nil {
		return 0, err
	}
	newest := v.entries[0]
	if newest.Position > position || newest.Position == position && newest.Hash == hash {
		return 0, nil // more may have been added meanwhile
	}
	if newest.Position == position {
		return position, nil
	}
	later, err := s.Store.AuditEntries(c.Request().Context(), store.AuditPage{After: newest.Position, Limit: 1})
	if err != nil || len(later) > 0 {
		return 0, err
	}
	return position, nil
}

// auditOut is an entry as it is downloaded.
type auditOut struct {
	Entry    int64     `json:"entry"`
	At       time.Time `json:"at"`
	Who      string    `json:"who"`
	From     string    `json:"from"`
	Act      string    `json:"act"`
	Object   string    `json:"object"`
	Study    string    `json:"study,omitempty"`
	Detail   string    `json:"detail,omitempty"`
	Previous string    `json:"previous"`
	Hash     string    `json:"hash"`
}

func newAuditOut(e survey.AuditEntry) auditOut {
	return auditOut{e.Position, e.HappenedAt, e.Actor.Name, e.Actor.Origin, e.Action, e.Object, string(e.StudyID), e.Detail,
		hex.EncodeToString(e.Previous[:]), hex.EncodeToString(e.Hash[:])}
}

func (e auditOut) cells() []string {
	cells := []string{strconv.FormatInt(e.Entry, 10), e.At.Format(time.RFC3339Nano), e.Who, e.From, e.Act, e.Object, e.Study, e.Detail, e.Previous, e.Hash}
	for i, cell := range cells {
		cells[i] = benchmark.SafeCell(cell)
	}
	return cells
}

// auditWriter writes entries one after the other.
type auditWriter interface {
	begin() error
	add(e auditOut) error
	end() error
}

type auditCSV struct{ *csv.Writer }

func (w auditCSV) begin() error {
	return w.Write([]string{"entry", "at", "who", "from", "act", "object", "study", "detail", "previous", "hash"})
}

func (w auditCSV) add(e auditOut) error { return w.Write(e.cells()) }

func (w auditCSV) end() error {
	w.Flush()
	return w.Error()
}

type auditJSON struct {
	to    io.Writer
	count *int
}

func (w auditJSON) begin() error {
	_, err := io.WriteString(w.to, "[")
	return err
}

func (w auditJSON) add(e auditOut) error {
	separator := "\n"
	if *w.count > 0 {
		separator = ",\n"
	}
	*w.count++
	text, err := json.Marshal(e)
	if err == nil {
		_, err = w.to.Write(append([]byte(separator), text...))
	}
	return err
}

func (w auditJSON) end() error {
	_, err := io.WriteString(w.to, "\n]\n")
	return err
}

// downloadAudit sends all that the filter leaves, the newest first, a batch at a time.
func (s *Server) downloadAudit(c echo.Context) error {
	v, err := s.auditView(c)
	if err != nil {
		return err
	}
	format := c.QueryParam("format")
	var out auditWriter
	contentType := "text/csv; charset=utf-8"
	switch format {
	case asCSV:
		out = auditCSV{csv.NewWriter(c.Response())}
	case asJSON:
		out, contentType = auditJSON{c.Response(), new(int)}, "application/json"
	default:
		return survey.Errorf(survey.Invalid, "the log is there as csv or json, not as %q", format)
	}
	who, ctx := staffOf(c), c.Request().Context()
	if err := s.Store.Record(ctx, who.actor(c), store.Deed{Action: "audit.download", Object: "audit log", Study: who.study.ID, Detail: format}); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Type", contentType)
	c.Response().Header().Set("Content-Disposition", `attachment; filename="audit.`+format+`"`)
	if err := out.begin(); err != nil {
		return err
	}
	part := store.AuditPage{Study: v.page.Study, Text: v.page.Text, Limit: 1000}
	for {
		entries, err := s.Store.AuditEntries(ctx, part)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := out.add(newAuditOut(e)); err != nil {
				return err
			}
		}
		if len(entries) < part.Limit {
			return out.end()
		}
		part.Before = entries[len(entries)-1].Position
	}
}
