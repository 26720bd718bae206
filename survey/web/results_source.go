package web

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/salesbench/salesbench/benchmark"
	"github.com/salesbench/salesbench/benchmark/chart"
	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
)

const (
	// computeLimit ends a computation that nobody will wait for.
	computeLimit = 50 * time.Second
	// keptResults is how many computed results are held: the wave's own page and
	// the pages of organizations that were looked at last.
	keptResults = 256
	// loadBatch is how many responses become visible in the panel at once.
	loadBatch = 4096
)

// resultSource turns stored responses into results. It keeps panels and results
// only to be quick: whatever it keeps is checked against the store's count of
// responses on each request, so that every replica shows the same edition.
type resultSource struct {
	store   *store.Store
	now     func() time.Time
	version string
	flight  singleflight.Group

	mu     sync.Mutex
	panels map[survey.WaveID]*wavePanel
	kept   map[resultKey]keptResult
	order  []resultKey // oldest first
}

type resultKey struct {
	wave         survey.WaveID
	organization string // empty: the wave
}

type keptResult struct {
	edition int64
	texts   string // whatever else the result was made from
	value   any
}

func newResultSource(s *store.Store, now func() time.Time, version string) *resultSource {
	return &resultSource{store: s, now: now, version: version,
		panels: map[survey.WaveID]*wavePanel{}, kept: map[resultKey]keptResult{}}
}

// wavePanel is the panel of one wave and how far it has come.
type wavePanel struct {
	mu       sync.Mutex
	panel    *panel.Panel
	position int64
}

// wave is what a page of results is about.
type resultWave struct {
	survey.Wave
	study         survey.Study
	instrument    *survey.Instrument
	organizations []survey.Organization // once it is known that the reader may see them
}

// traits are what is known of an organization, in the words of the questionnaire
// where it asks for them.
func (w resultWave) traits(o benchmark.OrganizationRow) string {
	var words []string
	for _, trait := range []struct{ item, code string }{{"industry", o.Industry}, {"region", o.Region}, {"company_size", o.Size}} {
		label := trait.code
		if item := w.instrument.ItemByKey(trait.item); item != nil {
			for _, option := range item.Options {
				if option.Code == trait.code {
					label = option.Label.In("")
				}
			}
		}
		words = append(words, chart.Plain(label))
	}
	return eyebrow(words...)
}

// waveByKey finds the wave with its study. NotFound.
func (r *resultSource) waveByKey(ctx context.Context, key string) (resultWave, error) {
	wave, err := r.store.WaveByKey(ctx, key)
	if err != nil {
		return resultWave{}, err
	}
	study, err := r.store.StudyByID(ctx, wave.StudyID)
	if err != nil {
		return resultWave{}, err
	}
	instrument, err := r.store.Instrument(ctx, wave.InstrumentHash)
	wave.Title, study.Title = chart.Plain(wave.Title), chart.Plain(study.Title)
	return resultWave{Wave: wave, study: study, instrument: instrument}, err
}

// organizations returns the organizations of the wave's study, with names that
// can stand in a sentence.
func (r *resultSource) organizations(ctx context.Context, w resultWave) ([]survey.Organization, error) {
	organizations, err := r.store.Organizations(ctx, w.StudyID)
	for i := range organizations {
		o := &organizations[i]
		o.Name, o.Industry, o.Region, o.Size = chart.Plain(o.Name), chart.Plain(o.Industry), chart.Plain(o.Region), chart.Plain(o.Size)
	}
	return organizations, err
}

// edition is the position up to which responses count. While a wave of real
// people is open, it grows in steps of the minimum group, on all replicas at the
// same responses: the difference between two editions that somebody may have
// seen is never a handful of people.
func (r *resultSource) edition(ctx context.Context, w resultWave) (int64, error) {
	e, err := r.store.CountResponses(ctx, w.ID)
	if err != nil {
		return 0, err
	}
	if step := int64(w.MinimumGroup); step > 0 && w.study.Origin == survey.Fieldwork && w.State(r.now()) == survey.WaveOpen {
		return e.Position / step * step, nil
	}
	return e.Position, nil
}

// wavePanelOf returns the panel of the wave, made at its first use.
func (r *resultSource) wavePanelOf(w resultWave) (*wavePanel, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, ok := r.panels[w.ID]; ok {
		return p, nil
	}
	p, err := panel.New(w.instrument)
	if err != nil {
		return nil, err
	}
	r.panels[w.ID] = &wavePanel{panel: p}
	return r.panels[w.ID], nil
}

var errEnough = errors.New("the edition is complete")

// snapshot returns the panel as of the edition, after loading what is new.
func (r *resultSource) snapshot(ctx context.Context, w resultWave, edition int64) (*panel.Snapshot, error) {
	p, err := r.wavePanelOf(w)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var batch []survey.Response
	flush := func() error {
		if _, err := p.panel.Add(batch); err != nil {
			return err
		}
		p.position += int64(len(batch))
		batch = batch[:0]
		return nil
	}
	if p.position < edition {
		_, err = r.store.ResponsesAfter(ctx, w.ID, p.position, func(response *survey.Response) error {
			batch = append(batch, *response)
			if p.position+int64(len(batch)) >= edition {
				return errEnough
			}
			if len(batch) == loadBatch {
				return flush()
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return nil, err
		}
		if err := flush(); err != nil {
			return nil, err
		}
	}
	return p.panel.Snapshot(), nil
}

// computed returns the kept result for the key, or makes it once for everybody
// who waits for it.
func computed[T any](ctx context.Context, r *resultSource, key resultKey, state keptResult, make func(context.Context) (T, error)) (T, error) {
	var none T
	r.mu.Lock()
	kept, ok := r.kept[key]
	r.mu.Unlock()
	if ok && kept.edition == state.edition && kept.texts == state.texts {
		if value, ok := kept.value.(T); ok {
			return value, nil
		}
	}
	wait := r.flight.DoChan(fmt.Sprintf("%s/%s/%d/%s", key.wave, key.organization, state.edition, state.texts), func() (any, error) {
		// The first reader may leave; the others still want the result.
		alone, cancel := context.WithTimeout(context.WithoutCancel(ctx), computeLimit)
		defer cancel()
		value, err := make(alone)
		if err == nil {
			state.value = value
			r.keep(key, state)
		}
		return value, err
	})
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case done := <-wait:
		if done.Err != nil {
			return none, done.Err
		}
		value, ok := done.Val.(T)
		if !ok {
			return none, fmt.Errorf("results: kept a %T", done.Val)
		}
		return value, nil
	}
}

// keep holds a result in the place of the older one, and lets the oldest go.
func (r *resultSource) keep(key resultKey, result keptResult) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.kept[key]; !ok {
		r.order = append(r.order, key)
	}
	r.kept[key] = result
	if len(r.order) > keptResults {
		delete(r.kept, r.order[0])
		r.order = r.order[1:]
	}
}

// input gathers what the benchmark needs beside the panel.
func (r *resultSource) input(ctx context.Context, w resultWave) (benchmark.Input, error) {
	in := benchmark.Input{Study: w.study, Wave: w.Wave, Organizations: w.organizations, StudyStyle: benchmark.StudyStyleCriteria(),
		Norms: benchmark.PublishedNorms(), Now: r.now(), Version: r.version}
	if w.CriteriaHash == "" {
		return in, nil
	}
	document, err := r.store.Criteria(ctx, w.CriteriaHash)
	if err != nil {
		return in, err
	}
	in.Criteria, err = benchmark.ParseCriteria(document.Document)
	return in, err
}

// state names everything that a result depends on, besides the program: a renamed
// organization makes a new result.
func (w resultWave) state(edition int64) keptResult {
	h := fnv.New64a()
	// Writing to a hash does not fail.
	_, _ = fmt.Fprintf(h, "%q %q %d %q %q", w.CriteriaHash, w.Title, w.MinimumGroup, w.study.Title, w.study.Attribution)
	for _, o := range w.organizations {
		_, _ = fmt.Fprintf(h, "%q %q %q %q %q %q", o.ID, o.Key, o.Name, o.Industry, o.Region, o.Size)
	}
	return keptResult{edition: edition, texts: fmt.Sprintf("%x", h.Sum64())}
}

// benchmark returns the result of the wave.
func (r *resultSource) benchmark(ctx context.Context, w resultWave) (*benchmark.Benchmark, error) {
	edition, err := r.edition(ctx, w)
	if err != nil {
		return nil, err
	}
	return computed(ctx, r, resultKey{wave: w.ID}, w.state(edition), func(ctx context.Context) (*benchmark.Benchmark, error) {
		snapshot, in, err := r.material(ctx, w, edition)
		if err != nil {
			return nil, err
		}
		return benchmark.Compute(ctx, snapshot, in)
	})
}

// organization returns the report of one organization of the wave. NotFound; that
// is found out before anything is computed.
func (r *resultSource) organization(ctx context.Context, w resultWave, key string) (*benchmark.OrganizationReport, error) {
	if !slices.ContainsFunc(w.organizations, func(o survey.Organization) bool { return o.Key == key }) {
		return nil, survey.Errorf(survey.NotFound, "there is no such organization in this wave")
	}
	edition, err := r.edition(ctx, w)
	if err != nil {
		return nil, err
	}
	return computed(ctx, r, resultKey{w.ID, key}, w.state(edition), func(ctx context.Context) (*benchmark.OrganizationReport, error) {
		snapshot, in, err := r.material(ctx, w, edition)
		if err != nil {
			return nil, err
		}
		return benchmark.ComputeOrganization(ctx, snapshot, in, key)
	})
}

func (r *resultSource) material(ctx context.Context, w resultWave, edition int64) (*panel.Snapshot, benchmark.Input, error) {
	in, err := r.input(ctx, w)
	if err != nil {
		return nil, in, err
	}
	snapshot, err := r.snapshot(ctx, w, edition)
	return snapshot, in, err
}

// aggregates returns the benchmark of a wave of published shares, with an
// organization's place where orgKey names one; nil for a wave of responses. The
// shares of a wave are few, so nothing is kept.
func (r *resultSource) aggregates(ctx context.Context, w resultWave, orgKey string) (*benchmark.AggregateBenchmark, error) {
	e, err := r.store.CountResponses(ctx, w.ID)
	if err != nil || e.Responses > 0 {
		return nil, err
	}
	shares, err := r.store.Aggregates(ctx, w.ID)
	if err != nil || len(shares) == 0 {
		return nil, err
	}
	published, err := r.store.PublishedShares(ctx, w.ID)
	if err != nil {
		return nil, err
	}
	return benchmark.ComputeAggregates(benchmark.AggregateInput{Study: w.study, Wave: w.Wave, Organizations: w.organizations,
		Instrument: w.instrument, Aggregates: shares, Published: published, Now: r.now(), Version: r.version}, orgKey)
}
