package web

import (
	"context"
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
	edition string
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
	steps    *panel.Steps
	position int64
	group    int // the step that it was made with
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

// wavePanelOf returns the panel of the wave, made at its first use.
func (r *resultSource) wavePanelOf(w resultWave) *wavePanel {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.panels[w.ID] == nil {
		r.panels[w.ID] = &wavePanel{}
	}
	return r.panels[w.ID]
}

// snapshot returns the responses of the wave that may be shown, after loading
// what is new. The first reader may leave while it loads; the others still want it.
func (r *resultSource) snapshot(ctx context.Context, w resultWave) (*panel.Snapshot, error) {
	p := r.wavePanelOf(w)
	p.mu.Lock()
	defer p.mu.Unlock()
	alone, cancel := context.WithTimeout(context.WithoutCancel(ctx), computeLimit)
	defer cancel()
	moving := benchmark.Moving(w.study, w.Wave, r.now())
	if p.steps == nil || p.group != w.MinimumGroup || moving && p.steps.Released() {
		steps, err := benchmark.NewSteps(w.instrument, w.Wave)
		if err != nil {
			return nil, err
		}
		p.steps, p.position, p.group = steps, 0, w.MinimumGroup
	}
	if err := r.load(alone, w, p); err != nil {
		return nil, err
	}
	if !moving && !p.steps.Released() {
		if err := p.steps.Release(); err != nil {
			return nil, err
		}
	}
	return p.steps.Snapshot(), nil
}

// load takes the responses that came since the last time.
func (r *resultSource) load(ctx context.Context, w resultWave, p *wavePanel) error {
	e, err := r.store.CountResponses(ctx, w.ID)
	if err != nil || e.Position <= p.position {
		return err
	}
	var batch []survey.Response
	flush := func() error {
		if err := p.steps.Add(batch); err != nil {
			return err
		}
		p.position += int64(len(batch))
		batch = batch[:0]
		return nil
	}
	_, err = r.store.ResponsesAfter(ctx, w.ID, p.position, func(response *survey.Response) error {
		if batch = append(batch, *response); len(batch) == loadBatch {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
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
	wait := r.flight.DoChan(fmt.Sprintf("%s/%s/%s/%s", key.wave, key.organization, state.edition, state.texts), func() (any, error) {
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
func (w resultWave) state(s *panel.Snapshot) keptResult {
	h := fnv.New64a()
	// Writing to a hash does not fail.
	_, _ = fmt.Fprintf(h, "%q %q %d %q %q", w.CriteriaHash, w.Title, w.MinimumGroup, w.study.Title, w.study.Attribution)
	for _, o := range w.organizations {
		_, _ = fmt.Fprintf(h, "%q %q %q %q %q %q", o.ID, o.Key, o.Name, o.Industry, o.Region, o.Size)
	}
	return keptResult{edition: fmt.Sprintf("%s %t", s.Edition(), s.Moving()), texts: fmt.Sprintf("%x", h.Sum64())}
}

// resultOf returns a result of the wave: kept, or made from what may be shown now.
func resultOf[T any](ctx context.Context, r *resultSource, w resultWave, part string, make func(context.Context, *panel.Snapshot, benchmark.Input) (T, error)) (T, error) {
	snapshot, err := r.snapshot(ctx, w)
	if err != nil {
		var none T
		return none, err
	}
	return computed(ctx, r, resultKey{w.ID, part}, w.state(snapshot), func(ctx context.Context) (T, error) {
		in, err := r.input(ctx, w)
		if err != nil {
			var none T
			return none, err
		}
		return make(ctx, snapshot, in)
	})
}

// benchmark returns the result of the wave.
func (r *resultSource) benchmark(ctx context.Context, w resultWave) (*benchmark.Benchmark, error) {
	return resultOf(ctx, r, w, "", benchmark.Compute)
}

// organization returns the report of one organization of the wave. NotFound; that
// is found out before anything is computed.
func (r *resultSource) organization(ctx context.Context, w resultWave, key string) (*benchmark.OrganizationReport, error) {
	if !slices.ContainsFunc(w.organizations, func(o survey.Organization) bool { return o.Key == key }) {
		return nil, survey.Errorf(survey.NotFound, "there is no such organization in this wave")
	}
	return resultOf(ctx, r, w, key, func(ctx context.Context, s *panel.Snapshot, in benchmark.Input) (*benchmark.OrganizationReport, error) {
		return benchmark.ComputeOrganization(ctx, s, in, key)
	})
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
