package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/mail"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type optOutRow struct {
	ID          string
	AddressHash []byte
	StudyID     sql.NullString
	Source      string
	CreatedAt   time.Time
}

func (optOutRow) TableName() string { return "opt_outs" }

// OptOutSource is how somebody came to want no mail.
type OptOutSource string

// The sources.
const (
	OptOutPage     OptOutSource = "page"
	OptOutOneClick OptOutSource = "one_click" // the mail program's own button
	OptOutStaff    OptOutSource = "staff"
)

// OptOutPlace is what an opt-out link leads to.
type OptOutPlace struct {
	Study      survey.Study
	Language   string // of the person
	Email      string // empty: the contact data were erased, nothing is sent any more
	OptedOut   bool   // of mail about the study
	Everywhere bool   // of mail about any study

	address [32]byte
}

// OptOutByToken finds what the link to end mail leads to: nothing but an empty place
// where the person was erased. NotFound: the link was not made here.
func (s *Store) OptOutByToken(ctx context.Context, token string) (OptOutPlace, error) {
	key, err := s.Key()
	if err != nil {
		return OptOutPlace{}, err
	}
	id, ok := key.OptOutID(token)
	if !ok {
		return OptOutPlace{}, survey.Errorf(survey.NotFound, "this link to end mail is not complete: open it from the mail again")
	}
	invitation, err := take[invitationRow](ctx, s, "id = ?", uuid.UUID(id).String())
	if survey.KindOf(err) == survey.NotFound && err != nil {
		return OptOutPlace{}, nil
	}
	if err != nil {
		return OptOutPlace{}, err
	}
	wave, err := s.WaveByID(ctx, survey.WaveID(invitation.WaveID))
	if err != nil {
		return OptOutPlace{}, err
	}
	place := OptOutPlace{}
	if place.Study, err = s.StudyByID(ctx, wave.StudyID); err != nil {
		return OptOutPlace{}, err
	}
	person, err := take[respondentRow](ctx, s, "invitation_id = ?", invitation.ID)
	if survey.KindOf(err) == survey.NotFound && err != nil {
		return place, nil
	}
	if err != nil {
		return OptOutPlace{}, err
	}
	place.Language, place.Email, place.address = person.Language, person.Email, [32]byte(person.EmailHash)
	rows, err := list(ctx, s, func(r optOutRow) sql.NullString { return r.StudyID }, "created_at", "address_hash = ?", person.EmailHash)
	for _, study := range rows {
		place.Everywhere = place.Everywhere || !study.Valid
		place.OptedOut = place.OptedOut || !study.Valid || study.String == string(place.Study.ID)
	}
	return place, err
}

// OptOut ends mail to whom the link was sent: about its study, or about all. Doing
// it again changes nothing. NotFound: the link was not made here.
func (s *Store) OptOut(ctx context.Context, token string, everywhere bool, source OptOutSource) error {
	place, err := s.OptOutByToken(ctx, token)
	if err != nil || place.Email == "" || place.Everywhere || place.OptedOut && !everywhere {
		return err
	}
	deed := Deed{Action: "mail.opt_out", Object: "study " + place.Study.Key, Study: place.Study.ID, Detail: "of this study, " + string(source)}
	if everywhere {
		deed.Detail = "of all studies, " + string(source)
	}
	return s.optOut(Audited(ctx, byRecipient, deed), place.address, place.Study.ID, everywhere, source)
}

// byRecipient is how the audit log names whoever got a mail: it does not say who.
var byRecipient = survey.Actor{Name: "recipient", Origin: "link of a mail"}

// OptOutAddress ends mail to an address about the study, or about all where study
// is empty, because the person has said so in another way. Invalid: no address.
func (s *Store) OptOutAddress(ctx context.Context, email string, study survey.StudyID) error {
	address, err := s.addressHash(email)
	if err != nil {
		return err
	}
	return s.optOut(ctx, address, study, study == "", OptOutStaff)
}

func (s *Store) optOut(ctx context.Context, address [32]byte, study survey.StudyID, everywhere bool, source OptOutSource) error {
	row := optOutRow{ID: newID(), AddressHash: address[:], StudyID: optional(study), Source: string(source), CreatedAt: s.now()}
	if everywhere {
		row.StudyID = sql.NullString{}
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		return rowsOf[optOutRow](tx, clause.OnConflict{DoNothing: true}).Create(ctx, &row)
	})
}

// WithdrawOptOut lets mail go to the address again, because the person asked for
// it: everything that stands for it in the list is taken out, bounces too.
func (s *Store) WithdrawOptOut(ctx context.Context, email string) error {
	address, err := s.addressHash(email)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		if _, err := rowsOf[optOutRow](tx).Where("address_hash = ?", address[:]).Delete(ctx); err != nil {
			return err
		}
		_, err := rowsOf[bounceRow](tx).Where("address_hash = ?", address[:]).Delete(ctx)
		return err
	})
}

// addressHash checks an address that somebody typed.
func (s *Store) addressHash(email string) ([32]byte, error) {
	key, err := s.Key()
	if err != nil {
		return [32]byte{}, err
	}
	email = tidyRow(RosterRow{Email: email}).Email
	if err := mail.CheckAddress(mail.Address{Email: email}); err != nil {
		return [32]byte{}, survey.Errorf(survey.Invalid, "%s", err.Error())
	}
	return key.AddressHash(email), nil
}

type bounceRow struct {
	AddressHash []byte
	Status      string
	Reason      string
	Source      string
	HappenedAt  time.Time
}

func (bounceRow) TableName() string { return "bounces" }

// Bounce is mail that came back.
type Bounce struct {
	Email  string
	Status string // enhanced status such as 5.1.1; may be empty
	Reason string // in the words of the server, without addresses
	Report bool   // from a report that came back; otherwise somebody says so
}

// PutBounces keeps that mail to the addresses came back: no campaign writes to
// them any more. Returns how many of them are addresses of respondents. Invalid:
// something that is no address.
func (s *Store) PutBounces(ctx context.Context, bounces []Bounce) (int, error) {
	rows := make([]bounceRow, len(bounces))
	hashes := make([][]byte, len(bounces))
	for i, b := range bounces {
		address, err := s.addressHash(b.Email)
		if err != nil {
			return 0, err
		}
		source := "staff"
		if b.Report {
			source = "report"
		}
		rows[i] = bounceRow{AddressHash: address[:], Status: b.Status, Reason: b.Reason, Source: source, HappenedAt: s.now()}
		hashes[i] = address[:]
	}
	if len(rows) == 0 {
		return 0, nil
	}
	var found int64
	err := s.write(ctx, func(tx *gorm.DB) error {
		for _, row := range rows {
			if err := putBounce(ctx, tx, row); err != nil {
				return err
			}
		}
		return tx.Model(&respondentRow{}).Where("email_hash IN ?", hashes).Distinct("email_hash").Count(&found).Error
	})
	return int(found), err
}

func putBounce(ctx context.Context, tx *gorm.DB, row bounceRow) error {
	latest := clause.OnConflict{Columns: []clause.Column{{Name: "address_hash"}},
		DoUpdates: clause.AssignmentColumns([]string{"status", "reason", "source", "happened_at"})}
	return rowsOf[bounceRow](tx, latest).Create(ctx, &row)
}
