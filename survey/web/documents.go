package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/templates"
)

// largestDocument is far above any questionnaire.
const largestDocument = 2 << 20

// documentRoutes are the pages about questionnaires and criteria.
func (s *Server) documentRoutes() []route {
	return []route{
		{http.MethodGet, "/studies/:study/documents", linkOwner, s.documents},
		{http.MethodPost, "/studies/:study/documents", linkOwner, s.uploadDocument},
		{http.MethodGet, "/studies/:study/documents/:document", linkOwner, s.draftDocument},
		{http.MethodPost, "/studies/:study/documents/:document", linkOwner, s.replaceDocument},
		{http.MethodPost, "/studies/:study/documents/:document/publish", linkOwner, s.publishDocument},
		{http.MethodPost, "/studies/:study/documents/:document/delete", linkOwner, s.deleteDocument},
		{http.MethodGet, "/studies/:study/diff", linkOwner, s.instrumentDiff},
		{http.MethodGet, "/studies/:study/preview/:document", linkOwner, s.preview},
		{http.MethodGet, "/studies/:study/preview/:document/page", linkOwner, s.previewSheet},
	}
}

func documentPath(study survey.Study, id, part string) string {
	return studyPath(study, "/documents/"+id+part)
}

var documentKinds = []templates.Choice{{Value: string(store.InstrumentDocument), Label: "A questionnaire"}, {Value: string(store.CriteriaDocument), Label: "World-Class criteria"}}

func uploadForm(kind string) templates.Form {
	f := templates.Form{Submit: "Send and check", Upload: true, Fields: []templates.Field{
		{Kind: templates.RadioField, Name: "kind", Label: "What it is", Required: true},
		{Kind: templates.FileField, Name: "file", Label: "Document (JSON)", Required: true, Accept: ".json,application/json",
			Hint: "It is checked and can be previewed; nothing is published yet. “salesbench instrument show builtin” prints the built-in one to begin with."},
	}}
	for _, choice := range documentKinds {
		choice.Checked = choice.Value == kind
		f.Fields[0].Options = append(f.Fields[0].Options, choice)
	}
	return f
}

func (s *Server) documents(c echo.Context) error {
	return s.showDocuments(c, uploadForm(string(store.InstrumentDocument)))
}

// showDocuments lists what is being worked on and what is published.
func (s *Server) showDocuments(c echo.Context, form templates.Form) error {
	who, ctx := staffOf(c), c.Request().Context()
	drafts, err := s.Store.DraftDocuments(ctx, who.study.ID)
	if err != nil {
		return err
	}
	f, err := s.readWaveForm(ctx)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if wrong(form) {
		status = http.StatusUnprocessableEntity
	}
	return page(c, status, templates.ListPage{Base: s.staffBase(c, "Questionnaires and criteria", templates.Link{Text: "Questionnaires and criteria", URL: studyPath(who.study, "/documents")}),
		Heading: "Questionnaires and criteria", Buttons: []templates.Link{{Text: "Compare two versions", URL: studyPath(who.study, "/diff")}},
		Lead: "A document is worked on as a draft, looked at as each role would see it, then published. What is published never changes: a new version is a new document.",
		Lists: []templates.ListSection{
			{Heading: "Drafts", List: draftList(who.study, drafts)},
			{Heading: "Published questionnaires", List: publishedList(who.study, f.instruments)},
			{Heading: "Published criteria", List: criteriaList(f.criteria)},
			{Heading: "Send a document", Form: &form},
		}})
}

func draftList(study survey.Study, drafts []store.DraftDocument) templates.List {
	list := templates.List{ID: "drafts", Caption: counted(len(drafts), "draft", "drafts"), Empty: "Nothing is being worked on.",
		Head: []templates.ListHead{{Text: "Document"}, {Text: "Kind"}, {Text: "Changed"}}}
	for _, d := range drafts {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: d.Name, URL: documentPath(study, d.ID, "")}, {Text: string(d.Kind)}, momentCell(d.UpdatedAt)}})
	}
	return list
}

func publishedList(study survey.Study, instruments []store.PublishedDocument) templates.List {
	builtin := survey.Builtin()
	list := templates.List{ID: "instruments", Caption: "Questionnaires that waves can ask", Head: []templates.ListHead{{Text: "Questionnaire"}, {Text: "Version", Num: true}, {Text: "Fingerprint"}, {Text: "Published"}},
		Rows: []templates.ListRow{{Cells: []templates.ListCell{{Text: builtin.Key, Small: "built in", URL: previewPath(study, builtin.Hash(), "")}, {Text: strconv.Itoa(builtin.Version), Num: true}, {Text: shortHash(builtin.Hash())}, {Text: "–"}}}}}
	for _, d := range instruments {
		if d.Hash != builtin.Hash() {
			list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: d.Key, URL: previewPath(study, d.Hash, "")}, {Text: strconv.Itoa(d.Version), Num: true}, {Text: shortHash(d.Hash)}, momentCell(d.CreatedAt)}})
		}
	}
	return list
}

func criteriaList(criteria []store.PublishedDocument) templates.List {
	list := templates.List{ID: "criteria", Caption: "Criteria that waves can be judged by", Head: []templates.ListHead{{Text: "Criteria"}, {Text: "Fingerprint"}, {Text: "Published"}}}
	for _, c := range []*benchmark.Criteria{benchmark.OrganizationCriteria(), benchmark.StudyStyleCriteria()} {
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: c.Rule(), Small: "built in"}, {Text: shortHash(c.Hash())}, {Text: "–"}}})
	}
	for _, d := range criteria {
		if _, builtin := benchmark.BuiltinCriteria(d.Hash); !builtin {
			list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: d.Key}, {Text: shortHash(d.Hash)}, momentCell(d.CreatedAt)}})
		}
	}
	return list
}

// uploadDocument keeps what was sent as a draft.
func (s *Server) uploadDocument(c echo.Context) error {
	form, err := readUpload(c)
	if err != nil {
		return err
	}
	who, kind := staffOf(c), one(form, "kind")
	answer := uploadForm(kind)
	if kind != string(store.InstrumentDocument) && kind != string(store.CriteriaDocument) {
		answer.Fields[0].Problem = "Please say what it is."
	}
	content, name, err := uploaded(c, "file", largestDocument)
	if err == nil && len(content) == 0 {
		err = survey.Errorf(survey.Invalid, "please choose a file")
	}
	if err := fieldProblem(&answer, "file", err); err != nil {
		return err
	}
	if wrong(answer) {
		return s.showDocuments(c, answer)
	}
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "document.draft", Object: "study " + who.study.Key, Study: who.study.ID})
	draft, err := s.Store.PutDraftDocument(ctx, store.DraftDocument{StudyID: who.study.ID, Kind: store.DocumentKind(kind), Name: name, Document: content})
	if err := fieldProblem(&answer, "file", err); err != nil {
		return err
	}
	if wrong(answer) {
		return s.showDocuments(c, answer)
	}
	return see(c, documentPath(who.study, draft.ID, ""))
}

// findings are what is wrong with a draft, and whether it can be published.
type findings struct {
	list        []survey.Finding
	instrument  *survey.Instrument // nil where the document can not be read as one
	criteria    *benchmark.Criteria
	publishable bool
}

// check looks for everything that is wrong with a draft.
func check(d store.DraftDocument) findings {
	if d.Kind == store.CriteriaDocument {
		criteria, err := benchmark.ParseCriteria(d.Document)
		if err != nil {
			return findings{list: []survey.Finding{unreadable(err)}}
		}
		return findings{criteria: criteria, publishable: true}
	}
	in, err := survey.ReadInstrument(d.Document)
	if err != nil {
		return findings{list: []survey.Finding{unreadable(err)}}
	}
	f := findings{list: survey.Lint(in, nil), instrument: in, publishable: true}
	for _, finding := range f.list {
		if finding.Severity == survey.SeverityError {
			f.publishable = false
		}
	}
	return f
}

// unreadable is the finding of a document that is not even one.
func unreadable(err error) survey.Finding {
	f := survey.Finding{Severity: survey.SeverityError, Message: err.Error()}
	var parse *survey.ParseError
	if errors.As(err, &parse) {
		f.Line, f.Path, f.Message = parse.Line, parse.Path, parse.Message
	}
	return f
}

func (f findings) words() string {
	wrong := 0
	for _, finding := range f.list {
		if finding.Severity == survey.SeverityError {
			wrong++
		}
	}
	switch {
	case wrong > 0:
		return fmt.Sprintf("%s to mend before it can be published.", counted(wrong, "mistake", "mistakes"))
	case len(f.list) > 0:
		return fmt.Sprintf("No mistake; %s worth a look.", counted(len(f.list), "thing is", "things are"))
	}
	return "No mistake was found."
}

func (f findings) table() templates.List {
	list := templates.List{ID: "findings", Caption: "Findings", Empty: "Nothing was found.", Head: []templates.ListHead{{Text: "Where"}, {Text: "Line", Num: true}, {Text: "What"}, {Text: "Weight"}}}
	for _, finding := range f.list {
		line, tag := "–", "warn"
		if finding.Line > 0 {
			line = strconv.Itoa(finding.Line)
		}
		if finding.Severity == survey.SeverityError {
			tag = "bad"
		}
		path := finding.Path
		if path == "" {
			path = "the whole document"
		}
		list.Rows = append(list.Rows, templates.ListRow{Cells: []templates.ListCell{{Text: path}, {Text: line, Num: true}, {Text: finding.Message}, {Text: string(finding.Severity), Tag: tag}}})
	}
	return list
}

func (s *Server) draftOf(c echo.Context) (store.DraftDocument, error) {
	return s.Store.DraftDocumentByID(c.Request().Context(), staffOf(c).study.ID, c.Param("document"))
}

// draftDocument shows what was found in a draft, and the ways on.
func (s *Server) draftDocument(c echo.Context) error {
	d, err := s.draftOf(c)
	if err != nil {
		return err
	}
	return s.showDraft(c, d, nil)
}

func (s *Server) showDraft(c echo.Context, d store.DraftDocument, problem error) error {
	who, f := staffOf(c), check(d)
	replace := templates.Form{Submit: "Send and check", Upload: true, Fields: []templates.Field{
		{Kind: templates.FileField, Name: "file", Label: "Mended document (JSON)", Required: true, Accept: ".json,application/json"}}}
	publish := templates.Form{Action: documentPath(who.study, d.ID, "/publish"), Submit: "Publish for good"}
	if err := fieldProblem(&replace, "file", problem); err != nil {
		return err
	}
	p := templates.ListPage{Base: s.staffBase(c, d.Name, templates.Link{Text: "Questionnaires and criteria", URL: studyPath(who.study, "/documents")}, templates.Link{Text: d.Name, URL: documentPath(who.study, d.ID, "")}),
		Eyebrow: "Draft of " + map[store.DocumentKind]string{store.InstrumentDocument: "a questionnaire", store.CriteriaDocument: "criteria"}[d.Kind], Heading: d.Name, Lead: f.words(),
		Lists: []templates.ListSection{{Heading: "Findings", List: f.table()}}}
	if f.instrument != nil && f.publishable {
		p.Buttons = append(p.Buttons, templates.Link{Text: "Preview", URL: previewPath(who.study, d.ID, ""), Current: true})
	}
	if f.publishable {
		p.Lists = append(p.Lists, templates.ListSection{Heading: "Publish", Words: "A published document can be used by waves and never changes.", Form: &publish})
	}
	p.Lists = append(p.Lists, templates.ListSection{Heading: "Replace", Form: &replace},
		templates.ListSection{Heading: "Delete", Form: &templates.Form{Action: documentPath(who.study, d.ID, "/delete"), Submit: "Delete the draft “" + d.Name + "”", Danger: true}})
	status := http.StatusOK
	if wrong(replace) {
		status = http.StatusUnprocessableEntity
	}
	return page(c, status, p)
}

// replaceDocument takes a mended document in the place of a draft.
func (s *Server) replaceDocument(c echo.Context) error {
	if _, err := readUpload(c); err != nil {
		return err
	}
	d, err := s.draftOf(c)
	if err != nil {
		return err
	}
	content, name, err := uploaded(c, "file", largestDocument)
	if err == nil && len(content) == 0 {
		err = survey.Errorf(survey.Invalid, "please choose a file")
	}
	if err == nil {
		d.Document, d.Name = content, name
		who := staffOf(c)
		ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "document.draft", Object: "draft " + d.ID, Study: who.study.ID})
		d, err = s.Store.PutDraftDocument(ctx, d)
	}
	if err != nil {
		return s.showDraft(c, d, err)
	}
	return see(c, documentPath(staffOf(c).study, d.ID, ""))
}

// publishDocument makes a draft immutable.
func (s *Server) publishDocument(c echo.Context) error {
	d, err := s.draftOf(c)
	if err != nil {
		return err
	}
	f := check(d)
	if !f.publishable {
		return s.showDraft(c, d, survey.Errorf(survey.Invalid, "the document has mistakes: mend them first"))
	}
	who, ctx := staffOf(c), c.Request().Context()
	deed := store.Deed{Action: "document.publish", Study: who.study.ID}
	if f.criteria != nil {
		deed.Object = "criteria " + f.criteria.Rule()
		_, err = s.Store.PutCriteria(store.Audited(ctx, who.actor(c), deed), f.criteria.Rule(), f.criteria.Canonical())
	} else {
		deed.Object = fmt.Sprintf("instrument %s/%d", f.instrument.Key, f.instrument.Version)
		_, err = s.Store.PutInstrument(store.Audited(ctx, who.actor(c), deed), d.Document)
	}
	if err != nil {
		return s.showDraft(c, d, err)
	}
	if err := s.Store.DeleteDraftDocument(ctx, who.study.ID, d.ID); err != nil {
		return err
	}
	return s.seeNotice(c, studyPath(who.study, "/documents"), "The document is published: waves can use it.")
}

func (s *Server) deleteDocument(c echo.Context) error {
	who := staffOf(c)
	ctx := store.Audited(c.Request().Context(), who.actor(c), store.Deed{Action: "document.delete", Object: "draft " + c.Param("document"), Study: who.study.ID})
	if err := s.Store.DeleteDraftDocument(ctx, who.study.ID, c.Param("document")); err != nil {
		return err
	}
	return s.seeNotice(c, studyPath(who.study, "/documents"), "The draft is deleted.")
}
