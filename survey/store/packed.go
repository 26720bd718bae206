package store

import (
	"database/sql"
	"math"
	"strconv"
	"strings"

	"github.com/salesbench/salesbench/survey"
)

// packed is what drafts and responses have in common.
type packed struct {
	survey.Packed
	seconds sql.NullString
}

// pack writes answers and times in their stored form. Invalid: they do not fit
// the instrument or hold what a database can not.
func pack(in *survey.Instrument, answers survey.Answers, seconds []float32) (packed, error) {
	if err := storableTexts(answers); err != nil {
		return packed{}, err
	}
	form, err := survey.Pack(in, answers)
	if err != nil {
		return packed{}, err
	}
	times, err := packSeconds(seconds)
	return packed{Packed: form, seconds: times}, err
}

// storableTexts refuses NUL: PostgreSQL takes none in a text, and the view
// answers would stumble over it.
func storableTexts(answers survey.Answers) error {
	for i := range answers {
		if text := answers[i].Text; text != "" && strings.IndexByte(text, 0) >= 0 {
			return survey.Errorf(survey.Invalid, "the text of answer %d has a character that can not be stored", i+1)
		}
	}
	return nil
}

// storablePacked is storableTexts for texts that are packed, where NUL is \u0000.
func storablePacked(texts string) bool {
	for from := 0; ; {
		at := strings.Index(texts[from:], `\u0000`)
		if at < 0 {
			return true
		}
		before := strings.TrimRight(texts[:from+at], `\`)
		if (from+at-len(before))%2 == 0 { // else it is a backslash and a word
			return false
		}
		from += at + 1
	}
}

// packSeconds writes a JSON array; no times at all are NULL.
func packSeconds(seconds []float32) (sql.NullString, error) {
	if seconds == nil {
		return sql.NullString{}, nil
	}
	b := append(make([]byte, 0, 8*len(seconds)+2), '[')
	for i, v := range seconds {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) || v < 0 {
			return sql.NullString{}, survey.Errorf(survey.Invalid, "the time on section %d is %v", i+1, v)
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(v), 'g', -1, 32)
	}
	return sql.NullString{String: string(append(b, ']')), Valid: true}, nil
}

// unpack is the inverse of pack.
func unpack(in *survey.Instrument, p packed) (survey.Answers, []float32, error) {
	answers, err := survey.Unpack(in, p.Packed)
	if err != nil {
		return nil, nil, survey.Errorf(survey.Internal, "answers in the database can not be read: %w", err)
	}
	seconds, err := survey.UnpackSeconds(p.seconds.String)
	if err != nil {
		return nil, nil, survey.Errorf(survey.Internal, "times on sections in the database can not be read: %w", err)
	}
	return answers, seconds, nil
}
