package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/auth"
	"gorm.io/gorm"
)

// Place is where answers belong: what a link leads to. Those who share one must
// not change it.
type Place struct {
	Wave         survey.Wave
	Study        survey.Study
	Organization survey.Organization
	Instrument   *survey.Instrument

	of   *memory // that it was read for
	read time.Time
}

// placeLife is how long what another program may change is believed: the window
// of a wave, and names. A transaction looks at the window itself.
const placeLife = time.Second

// placesKept bounds the memory for places. Only what exists is kept, so that
// guessed links can not fill it.
const placesKept = 100_000

// places remembers what pages show again and again. A change of this program's
// own replaces all of it; what was read before and arrives late is kept by the
// memory that nobody looks at any more.
type places struct{ now atomic.Pointer[memory] }

type memory struct {
	waves sync.Map     // survey.WaveID -> *waveNow
	open  sync.Map     // auth.Hash -> *openNow
	at    sync.Map     // placeKey -> placeNow
	count atomic.Int64 // in open and at
}

type placeKey struct {
	wave         survey.WaveID
	organization survey.OrganizationID
}

type placeNow struct {
	place *Place
	read  time.Time
}

type openNow struct {
	link  survey.OpenLink
	place *Place
	read  time.Time
	asked atomic.Bool // since
}

// waveNow is a wave and its study as they were a moment ago.
type waveNow struct {
	wave     survey.Wave
	study    survey.Study
	revision int64 // of the window
	read     time.Time
}

// forget drops everything.
func (p *places) forget() { p.now.Store(new(memory)) }

// keep stores what was read, unless there is too much already.
func (p *places) keep(m *memory, into *sync.Map, key, value any) {
	if _, again := into.Swap(key, value); !again && m.count.Add(1) > placesKept {
		p.now.CompareAndSwap(m, new(memory))
	}
}

func fresh(read time.Time) bool { return time.Since(read) < placeLife }

// Place finds wave, study, organization and instrument, from memory where they
// were read less than a second ago. NotFound.
func (s *Store) Place(ctx context.Context, wave survey.WaveID, organization survey.OrganizationID) (*Place, error) {
	if p := s.RememberedPlace(wave, organization); p != nil {
		return p, nil
	}
	key := placeKey{wave, organization}
	read, err := s.readPlaces(ctx, []placeKey{key})
	if err != nil {
		return nil, err
	}
	if p := read[key]; p != nil {
		return p, nil
	}
	return nil, survey.Errorf(survey.NotFound, "this organization does not exist")
}

// RememberedPlace is Place from memory alone: nil where it was not read within
// the last second.
func (s *Store) RememberedPlace(wave survey.WaveID, organization survey.OrganizationID) *Place {
	if now, ok := s.places.now.Load().at.Load(placeKey{wave, organization}); ok && fresh(now.(placeNow).read) {
		return now.(placeNow).place
	}
	return nil
}

// PresentPlace is RememberedPlace for what a place tells of: mostly the place itself.
func (s *Store) PresentPlace(p *Place) *Place {
	if p.of == s.places.now.Load() && fresh(p.read) {
		return p
	}
	return s.RememberedPlace(p.Wave.ID, p.Organization.ID)
}

// readPlaces reads the places anew, the organizations by one statement. Those
// that do not exist are left out.
func (s *Store) readPlaces(ctx context.Context, keys []placeKey) (map[placeKey]*Place, error) {
	m, at := s.places.now.Load(), time.Now()
	ids := make([]string, 0, len(keys))
	for _, key := range keys {
		if known("organization", key.organization) == nil {
			ids = append(ids, string(key.organization))
		}
	}
	rows, err := list(ctx, s, func(r organizationRow) organizationRow { return r }, "id", "id IN ?", ids)
	if err != nil {
		return nil, err
	}
	read := make(map[placeKey]*Place, len(keys))
	organizations := make(map[survey.OrganizationID]survey.Organization, len(rows))
	for _, row := range rows {
		organizations[survey.OrganizationID(row.ID)] = row.organization()
	}
	for _, key := range keys {
		organization, ok := organizations[key.organization]
		if !ok {
			continue
		}
		now, err := s.waveNow(ctx, key.wave)
		if err != nil {
			return nil, err
		}
		in, err := s.Instrument(ctx, now.wave.InstrumentHash)
		if err != nil {
			return nil, err
		}
		read[key] = &Place{Wave: now.wave, Study: now.study, Organization: organization, Instrument: in, of: m, read: at}
		s.places.keep(m, &m.at, key, placeNow{read[key], at})
	}
	return read, nil
}

// waveNow returns the wave as it was less than a second ago. NotFound.
func (s *Store) waveNow(ctx context.Context, id survey.WaveID) (*waveNow, error) {
	m := s.places.now.Load()
	if now, ok := m.waves.Load(id); ok && fresh(now.(*waveNow).read) {
		return now.(*waveNow), nil
	}
	if err := known("wave", id); err != nil {
		return nil, err
	}
	// What is read for a memory that has been dropped since is not for those after it.
	return together(ctx, &s.reads, fmt.Sprintf("wave %p %s", m, id), func(ctx context.Context) (*waveNow, error) { return s.readWaveNow(ctx, m, id) })
}

func (s *Store) readWaveNow(ctx context.Context, m *memory, id survey.WaveID) (*waveNow, error) {
	now := &waveNow{read: time.Now()}
	err := s.read(ctx, func(db *gorm.DB) error {
		// The revision first: with a window changed in between it is too old, never too new.
		held, err := rowsOf[wavePositionRow](db).Where("wave_id = ?", string(id)).Take(ctx)
		if err != nil {
			return err
		}
		wave, err := rowsOf[waveRow](db).Where("id = ?", string(id)).Take(ctx)
		if err != nil {
			return err
		}
		study, err := rowsOf[studyRow](db).Where("id = ?", wave.StudyID).Take(ctx)
		if err != nil {
			return err
		}
		now.wave, now.revision = wave.wave(), held.WindowRevision
		now.study, err = sealedStudy(ctx, db, wave.ID, study.study())
		return err
	})
	if err != nil {
		return nil, named(err, "this wave does not exist")
	}
	m.waves.Store(id, now)
	return now, nil
}

// OpenEntrance finds where an open link leads, as Place does. NotFound.
func (s *Store) OpenEntrance(ctx context.Context, token auth.Hash) (survey.OpenLink, *Place, error) {
	m := s.places.now.Load()
	if known, ok := m.open.Load(token); ok && fresh(known.(*openNow).read) {
		now := known.(*openNow)
		s.askedAgain(m, now)
		if p := s.PresentPlace(now.place); p != nil {
			return now.link, p, nil
		}
		p, err := s.Place(ctx, now.link.WaveID, now.link.OrganizationID)
		return now.link, p, err
	}
	now, err := together(ctx, &s.reads, fmt.Sprintf("open %p %x", m, token), func(ctx context.Context) (*openNow, error) { return s.readOpen(ctx, m, token) })
	if now == nil {
		return survey.OpenLink{}, nil, err
	}
	return now.link, now.place, err
}

// readOpen reads the link anew. One that was withdrawn is returned beside its error.
func (s *Store) readOpen(ctx context.Context, m *memory, token auth.Hash) (*openNow, error) {
	now := &openNow{read: time.Now()}
	var err error
	if now.link, err = s.OpenLinkByToken(ctx, token); err != nil {
		return now, err
	}
	if now.place, err = s.Place(ctx, now.link.WaveID, now.link.OrganizationID); err == nil {
		s.places.keep(m, &m.open, token, now)
	}
	return now, err
}
