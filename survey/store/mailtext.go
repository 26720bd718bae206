package store

import (
	"context"
	"strings"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/templates"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type mailTextRow struct {
	WaveID    string
	Kind      string
	Language  string
	Subject   string
	Body      string
	UpdatedAt time.Time
}

func (mailTextRow) TableName() string { return "mail_texts" }

func (r mailTextRow) text() survey.MailText {
	return survey.MailText{Kind: survey.MailKind(r.Kind), Language: r.Language, Subject: r.Subject, Body: r.Body}
}

// WaveMailText is a text of a wave, its own or the one that comes with the program.
type WaveMailText struct {
	survey.MailText
	Own bool
}

// MailTexts returns the texts of the kind for a wave in all languages, in the
// order of their codes. NotFound: no such wave.
func (s *Store) MailTexts(ctx context.Context, wave survey.WaveID, kind survey.MailKind) ([]WaveMailText, error) {
	if _, err := s.WaveByID(ctx, wave); err != nil {
		return nil, err
	}
	own, err := list(ctx, s, mailTextRow.text, "language", "wave_id = ? AND kind = ?", string(wave), string(kind))
	if err != nil {
		return nil, err
	}
	return waveTexts(kind, own), nil
}

func waveTexts(kind survey.MailKind, own []survey.MailText) []WaveMailText {
	var all []WaveMailText
	for _, language := range templates.MailLanguages() {
		text := WaveMailText{MailText: templates.MailText(kind, language)}
		for _, o := range own {
			if o.Language == language {
				text = WaveMailText{o, true}
			}
		}
		all = append(all, text)
	}
	return all
}

// PutMailText keeps an own text of a wave. Invalid: the text has a mistake, in
// words. NotFound: no such wave.
func (s *Store) PutMailText(ctx context.Context, wave survey.WaveID, text survey.MailText) error {
	if wrong := survey.CheckMailText(text); len(wrong) > 0 {
		return survey.Errorf(survey.Invalid, "%s", strings.Join(wrong, "; "))
	}
	if templates.MailLanguage(text.Language) != text.Language {
		return survey.Errorf(survey.Invalid, "there is no mail in the language %q; there is %s", text.Language, strings.Join(templates.MailLanguages(), ", "))
	}
	if _, err := s.WaveByID(ctx, wave); err != nil {
		return err
	}
	row := mailTextRow{WaveID: string(wave), Kind: string(text.Kind), Language: text.Language, Subject: text.Subject, Body: text.Body, UpdatedAt: s.now()}
	replace := clause.OnConflict{Columns: []clause.Column{{Name: "wave_id"}, {Name: "kind"}, {Name: "language"}},
		DoUpdates: clause.AssignmentColumns([]string{"subject", "body", "updated_at"})}
	return s.write(ctx, func(tx *gorm.DB) error {
		old, err := before[mailTextRow](ctx, tx, ofMailText, row.WaveID, row.Kind, row.Language)
		if err != nil {
			return err
		}
		tell(ctx, old.changed(text))
		return rowsOf[mailTextRow](tx, replace).Create(ctx, &row)
	})
}

// DropMailText goes back to the text that comes with the program.
func (s *Store) DropMailText(ctx context.Context, wave survey.WaveID, kind survey.MailKind, language string) error {
	if err := known("wave", wave); err != nil {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		old, err := before[mailTextRow](ctx, tx, ofMailText, string(wave), string(kind), language)
		if err != nil {
			return err
		}
		tell(ctx, old.changed(templates.MailText(kind, language)))
		_, err = rowsOf[mailTextRow](tx).Where(ofMailText, string(wave), string(kind), language).Delete(ctx)
		return err
	})
}

const ofMailText = "wave_id = ? AND kind = ? AND language = ?"

// changed are what a text becomes, for the audit log. Where a wave has no own text
// yet, it had the one that comes with the program.
func (r mailTextRow) changed(now survey.MailText) changes {
	old := r.text()
	if r.WaveID == "" {
		old = templates.MailText(now.Kind, now.Language)
	}
	c := changes{list: []string{string(now.Kind) + " in " + now.Language}}
	c.text("subject", old.Subject, now.Subject)
	c.text("text", old.Body, now.Body)
	return c
}
