package export

import (
	"strconv"

	"github.com/salesbench/salesbench/survey"
)

// cell is the content of one cell: a number that is written as such, or a text.
// plain says that the text is the program's own and can not be a formula.
type cell struct {
	text   string
	number bool
	plain  bool
}

func empty() cell               { return cell{plain: true} }
func plainCell(t string) cell   { return cell{text: t, plain: true} }
func foreignCell(t string) cell { return cell{text: t} }
func number(v float64) string   { return strconv.FormatFloat(v, 'f', -1, 64) }
func numberCell(v string) cell  { return cell{text: v, number: true, plain: true} }
func missingCell(s survey.State) cell {
	return cell{text: missingCodes[s], plain: true}
}

// sheet knows how to write a response as cells.
type sheet struct {
	instrument *survey.Instrument
	names      names
	points     points
	columns    []column
}

// row is a response that was taken apart.
type row struct {
	*survey.PackedResponse
	answers survey.Answers
	seconds []float32
}

func newRow(in *survey.Instrument, r *survey.PackedResponse) (row, error) {
	answers, err := survey.Unpack(in, survey.Packed{Closed: string(r.Closed), Numbers: string(r.Numbers), Texts: string(r.Texts)})
	if err != nil {
		return row{}, survey.Errorf(survey.Internal, "response %s: the stored answers can not be read: %w", r.ID, err)
	}
	seconds, err := survey.UnpackSeconds(string(r.Seconds))
	if err != nil {
		return row{}, survey.Errorf(survey.Internal, "response %s: the stored times can not be read: %w", r.ID, err)
	}
	return row{r, answers, seconds}, nil
}

// cell is the content of a column for a response.
func (s *sheet) cell(c column, r row) cell {
	switch c.content {
	case codeOf, labelOf:
		return s.closed(c, r.answers[c.at])
	case numberOf:
		if a := &r.answers[c.at]; a.State != survey.Valid {
			return missingCell(a.State)
		}
		return numberCell(number(r.answers[c.at].Number))
	case textOf:
		return foreignCell(r.answers[c.at].Text)
	case missingOf:
		return missingCell(r.answers[c.at].State)
	case secondsOn:
		if c.at >= len(r.seconds) {
			return empty()
		}
		return numberCell(strconv.FormatFloat(float64(r.seconds[c.at]), 'f', -1, 32))
	default:
		return s.attribute(c, r)
	}
}

func (s *sheet) closed(c column, a survey.Answer) cell {
	if a.State != survey.Valid {
		return missingCell(a.State)
	}
	if c.content == labelOf {
		return foreignCell(s.points.labels[c.at][a.Code-1])
	}
	return cell{text: s.points.codes[c.at][a.Code-1], number: s.points.scale[c.at], plain: s.points.scale[c.at]}
}

func (s *sheet) attribute(c column, r row) cell {
	switch c.content {
	case responseID:
		return plainCell(r.ID.String())
	case organizationKey:
		return foreignCell(s.names.organizations[r.Organization].Key)
	case organizationName:
		return foreignCell(s.names.organizations[r.Organization].Name)
	case teamName:
		return foreignCell(s.names.teams[r.Team])
	case roleKey:
		return foreignCell(string(r.Role))
	case languageTag:
		return foreignCell(string(r.Language))
	case submittedAt:
		return plainCell(moment(r.Submitted))
	case excludedFor:
		return plainCell(s.names.excluded[r.ID])
	default:
		return numberCell(number(r.Weight))
	}
}
