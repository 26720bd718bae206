// Package export writes the answers of a wave as files for people who analyze
// them elsewhere: CSV, and XLSX with a codebook. It reads the store in its packed
// form and holds a few thousand responses at a time, however many there are. It
// is the only room that imports excelize.
//
// An export never names a person: no reference of a roster, no link, receipt or
// submission key is in it. It does hold single answers, so it is for those who
// may see them, and no figure of it has passed the disclosure gate.
package export

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

// Values says in which form answers are written.
type Values string

// The forms of answers.
const (
	Codes  Values = "codes"  // scale points and option codes
	Labels Values = "labels" // what respondents read
	Both   Values = "both"   // a column for each; in XLSX a sheet for each
)

// Format is a kind of file.
type Format string

// The kinds of files.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Wave is what is exported, with the names that stand in the place of ids.
type Wave struct {
	Study         survey.Study
	Wave          survey.Wave
	Instrument    *survey.Instrument
	Organizations []survey.Organization
	Teams         []survey.Team
	Exclusions    []survey.Exclusion
}

// Options say how a wave is written.
type Options struct {
	Format   Format
	Values   Values
	Language string           // of labels and of the codebook's first text; the instrument's first language without it
	Progress func(rows int64) // hears how many responses are written; may be nil
}

// Summary says what a file holds.
type Summary struct {
	Responses int64 `json:"responses"`
	Columns   int   `json:"columns"`
	// CutTexts is how many texts are longer than a cell of XLSX can be, and are cut
	// there; CSV has all of every text.
	CutTexts int64 `json:"cut_texts"`
}

// Read finds the names of a wave. Errors as those of the store.
func Read(ctx context.Context, s *store.Store, wave survey.Wave) (Wave, error) {
	w := Wave{Wave: wave}
	var err error
	if w.Study, err = s.StudyByID(ctx, wave.StudyID); err != nil {
		return w, err
	}
	if w.Instrument, err = s.Instrument(ctx, wave.InstrumentHash); err != nil {
		return w, err
	}
	if w.Organizations, err = s.Organizations(ctx, wave.StudyID); err != nil {
		return w, err
	}
	if w.Teams, err = s.TeamsOfStudy(ctx, wave.StudyID); err != nil {
		return w, err
	}
	w.Exclusions, err = s.Exclusions(ctx, wave.ID)
	return w, err
}

// Write writes the responses that the wave has when it begins. Invalid: options
// that name nothing; TooLarge: more responses or columns than the format takes.
// An error of the writer is returned as it is; the file is of no use then.
func Write(ctx context.Context, out io.Writer, s *store.Store, w Wave, o Options) (Summary, error) {
	if err := o.check(w.Instrument); err != nil {
		return Summary{}, err
	}
	if o.Language == "" {
		o.Language = slices.Concat(w.Instrument.Languages, []string{"en"})[0]
	}
	if o.Progress == nil {
		o.Progress = func(int64) {}
	}
	if o.Format == XLSX {
		return writeXLSX(ctx, out, s, w, o)
	}
	return writeCSV(ctx, out, s, w, o)
}

func (o *Options) check(in *survey.Instrument) error {
	if o.Format != CSV && o.Format != XLSX {
		return survey.Errorf(survey.Invalid, "%q is no kind of file: csv and xlsx are", o.Format)
	}
	if o.Values != Codes && o.Values != Labels && o.Values != Both {
		return survey.Errorf(survey.Invalid, "%q is no form of answers: codes, labels and both are", o.Values)
	}
	if o.Language != "" && !slices.Contains(in.Languages, o.Language) {
		return survey.Errorf(survey.Invalid, "the questionnaire has no texts in %q: it has %v", o.Language, in.Languages)
	}
	return nil
}

// MissingCode is what stands in a cell in the place of an answer. It begins with
// a dot, which no option code, scale point or number does, so that a reason is
// never taken for an answer and no mean ever counts it.
func MissingCode(s survey.State) string { return missingCodes[s] }

var missingCodes = func() (codes [survey.Valid + 1]string) {
	for s := range survey.Valid {
		codes[s] = "." + s.String()
	}
	return codes
}()

// names finds what stands in the place of an id, in constant time per row.
type names struct {
	organizations map[survey.UID]survey.Organization
	teams         map[survey.UID]string
	excluded      map[survey.UID]string // the reason
}

func newNames(w Wave) names {
	n := names{make(map[survey.UID]survey.Organization, len(w.Organizations)), make(map[survey.UID]string, len(w.Teams)), map[survey.UID]string{}}
	for _, o := range w.Organizations {
		if id, ok := survey.ParseUID(o.ID); ok {
			n.organizations[id] = o
		}
	}
	for _, t := range w.Teams {
		if id, ok := survey.ParseUID(t.ID); ok {
			n.teams[id] = t.Name
		}
	}
	for _, e := range w.Exclusions {
		if id, ok := survey.ParseUID(e.ResponseID); ok {
			n.excluded[id] = string(e.Reason)
			if e.Late {
				n.excluded[id] += " (late)"
			}
		}
	}
	return n
}

// moment is when a response was submitted, as coarse as the wave keeps it.
func moment(microseconds int64) string {
	return time.UnixMicro(microseconds).UTC().Format(time.RFC3339)
}
