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

// keptResults is how many computed results are held: the wave's own page and
// the pages of organizations that were looked at last.
const keptResults = 512

// resultSource turns stored responses into results. It keeps panels and results
// only to be quick; what it shows is named by an edition, and another replica
// shows the same under the same name.
type resultSource struct {
	store   *store.Store
	version string
	live    *live
	observe func(part string, took time.Duration) // counts what was computed
	flight  singleflight.Group

	mu     sync.Mutex
	kept   map[resultKey]*keptResult
	order  []resultKey            // oldest first
	making map[string]*time.Timer // each ends a computation that nobody waits for any more

	criteria sync.Map // hash -> *benchmark.Criteria
	studies  sync.Map // key of a wave -> survey.StudyID, as it was last
}

type resultKey struct {
	wave survey.WaveID
	part string // empty: the wave; an organization's key, or / and the name of a page
}

// keptResult is a result with all that its page needs. It does not hold on to the
// panel that it was made from.
type keptResult struct {
	wave     resultWave
	rule     stepRule
	state    string
	terms    uint32
	sequence int64
	value    any
	made     time.Time
	resting  time.Time // not made anew before, while many responses arrive

	mu       sync.Mutex
	forms    map[string]*rendition
	standing []*benchmark.OrganizationRow // organizations of a wave in the order of their list, once that was asked for
}

func newResultSource(o Options) *resultSource {
	r := &resultSource{store: o.Store, version: o.Version, kept: map[resultKey]*keptResult{}, making: map[string]*time.Timer{}}
	r.live = newLive(o, r)
	return r
}

// wave is what a page of results is about.
type resultWave struct {
	survey.Wave
	study         survey.Study
	instrument    *survey.Instrument
	organizations []survey.Organization // of the state of the wave that is shown
}

// traits are what is known of an organization, in the words of the questionnaire
// where it asks for them.
func (w resultWave) traits(o benchmark.OrganizationRow) string {
	var words []string
	for _, trait := range []struct{ item, code string }{{"industry", o.Industry}, {"region", o.Region}, {"company_size", o.Size}} {
		words = append(words, w.traitWord(trait.item, trait.code))
	}
	return eyebrow(words...)
}

// traitWord is the label of a code among the options of an item; without one the
// code stands for itself.
func (w resultWave) traitWord(item, code string) string {
	label := code
	if item := w.instrument.ItemByKey(item); item != nil {
		for _, option := range item.Options {
			if option.Code == code {
				label = option.Label.In("")
			}
		}
	}
	return chart.Plain(label)
}

// waveByKey finds the wave with its study. NotFound. Both are read at the same time where
// the study is known from before: on a busy machine a reader waits longer for a turn of
// the database than for what it does.
func (r *resultSource) waveByKey(ctx context.Context, key string) (resultWave, error) {
	var study survey.Study
	var failed error
	var beside sync.WaitGroup
	known, _ := r.studies.Load(key)
	id, guessed := known.(survey.StudyID)
	if guessed {
		beside.Go(func() { study, failed = r.store.StudyByID(ctx, id) })
	}
	wave, err := r.store.WaveByKey(ctx, key)
	beside.Wait()
	if err != nil {
		return resultWave{}, err
	}
	if !guessed || id != wave.StudyID {
		r.studies.Store(key, wave.StudyID)
		return r.withStudy(ctx, wave)
	}
	if failed != nil {
		return resultWave{}, failed
	}
	return r.withInstrument(ctx, wave, study)
}

// withStudy adds what belongs to the wave.
func (r *resultSource) withStudy(ctx context.Context, wave survey.Wave) (resultWave, error) {
	study, err := r.store.StudyByID(ctx, wave.StudyID)
	if err != nil {
		return resultWave{}, err
	}
	return r.withInstrument(ctx, wave, study)
}

func (r *resultSource) withInstrument(ctx context.Context, wave survey.Wave, study survey.Study) (resultWave, error) {
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

// computed returns the kept result for the key, or makes it once for everybody
// who waits for it. Where one is there that is a little older, nobody waits long.
func (r *resultSource) computed(ctx context.Context, key resultKey, view *liveView, make func(context.Context) (any, error)) (*keptResult, error) {
	r.mu.Lock()
	kept := r.kept[key]
	r.mu.Unlock()
	older := kept != nil && kept.rule == view.rule
	if older && (kept.state == view.state || kept.sequence > view.sequence || view.busy && time.Now().Before(kept.resting)) {
		return kept, nil
	}
	wait := r.begin(ctx, key, view, make)
	patience := r.live.pace.First
	if older && time.Since(view.published) < lateAfter && time.Since(kept.made) < littleOlder {
		patience = r.live.pace.Newer
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case done := <-wait:
		if done.Err != nil {
			return nil, done.Err
		}
		fresh, ok := done.Val.(*keptResult)
		if !ok {
			return nil, fmt.Errorf("results: kept a %T", done.Val)
		}
		return fresh, nil
	case <-timer.C:
		if older {
			return kept, nil
		}
		return nil, loading{percent: 100}
	}
}

// begin makes a result in the background, once for everybody who waits for it. It
// goes on as long as somebody asks from time to time, as pages that wait do: a
// large wave on a busy machine may take minutes.
func (r *resultSource) begin(ctx context.Context, key resultKey, view *liveView, make func(context.Context) (any, error)) <-chan singleflight.Result {
	name := fmt.Sprintf("%s/%s/%s", key.wave, key.part, view.state)
	r.mu.Lock()
	if under := r.making[name]; under != nil {
		under.Reset(r.live.pace.Wanted)
	}
	r.mu.Unlock()
	return r.flight.DoChan(name, func() (any, error) {
		// The first reader may leave; the others still want the result.
		alone, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		defer r.wanted(name, cancel)()
		begun := time.Now()
		value, err := make(alone)
		if err != nil {
			return nil, err
		}
		took := time.Since(begun)
		r.observe(key.part, took)
		fresh := &keptResult{wave: view.wave, rule: view.rule, state: view.state, terms: view.terms, sequence: view.sequence, value: value,
			made: begun, resting: time.Now().Add(pause(took, r.live.arrivals.cores(begun), usualPart)), forms: map[string]*rendition{}}
		r.keep(key, fresh)
		return fresh, nil
	})
}

// wanted ends a computation when nobody has asked for it for a while, until what it
// returns is called.
func (r *resultSource) wanted(name string, end context.CancelFunc) func() {
	r.mu.Lock()
	defer r.mu.Unlock()
	timer := time.AfterFunc(r.live.pace.Wanted, end)
	r.making[name] = timer
	return func() {
		timer.Stop()
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.making, name)
	}
}

// keep holds a result in the place of the older one, and lets the oldest go.
func (r *resultSource) keep(key resultKey, result *keptResult) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last, ok := r.kept[key]; ok {
		if last.sequence > result.sequence {
			return
		}
		r.order = slices.DeleteFunc(r.order, func(other resultKey) bool { return other == key })
	}
	r.kept[key], r.order = result, append(r.order, key)
	r.order = slices.DeleteFunc(r.order, func(other resultKey) bool {
		gone := r.outdated(other, result)
		if gone {
			delete(r.kept, other)
		}
		return gone
	})
	if len(r.order) > keptResults {
		delete(r.kept, r.order[0])
		r.order = r.order[1:]
	}
}

// outdatedFor is how long a page of an organization is held after a state that a newer
// one of the wave has followed. So old a page is shown to nobody for whom the new one is
// made in time; hundreds of them, each of thousands of figures, are what collecting
// garbage would spend most of its time on.
const outdatedFor = 2 * littleOlder

// outdated says whether a page of an organization is too old to be held beside a newer
// result of its wave.
func (r *resultSource) outdated(key resultKey, newer *keptResult) bool {
	kept := r.kept[key]
	if key.part == "" || key.part[0] == '/' || key.wave != newer.wave.ID || kept.sequence >= newer.sequence {
		return false
	}
	return newer.made.Sub(kept.made) > outdatedFor && newer.made.After(kept.resting)
}

// drop lets go of everything about a wave.
func (r *resultSource) drop(wave survey.WaveID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.order = slices.DeleteFunc(r.order, func(key resultKey) bool {
		if key.wave == wave {
			delete(r.kept, key)
		}
		return key.wave == wave
	})
}

// input gathers what the benchmark needs beside the panel. Its moment is that of
// the edition, not of the clock: another replica that computes the same edition
// later gives the same bytes.
func (r *resultSource) input(ctx context.Context, w resultWave, snapshot *panel.Snapshot) (benchmark.Input, error) {
	in := benchmark.Input{Study: w.study, Wave: w.Wave, Organizations: w.organizations, StudyStyle: benchmark.StudyStyleCriteria(),
		Norms: benchmark.PublishedNorms(), Now: benchmark.ShownEdition(snapshot, w.Wave).Watermark, Version: r.version}
	if in.Now.IsZero() {
		in.Now = w.CreatedAt
	}
	if w.CriteriaHash == "" {
		return in, nil
	}
	if parsed, ok := r.criteria.Load(w.CriteriaHash); ok {
		in.Criteria, _ = parsed.(*benchmark.Criteria)
		return in, nil
	}
	document, err := r.store.Criteria(ctx, w.CriteriaHash)
	if err != nil {
		return in, err
	}
	if in.Criteria, err = benchmark.ParseCriteria(document.Document); err == nil {
		r.criteria.Store(w.CriteriaHash, in.Criteria)
	}
	return in, err
}

// state names everything that a result depends on, besides the program: a renamed
// organization makes a new result. It counts what is withheld too, so it never
// leaves the server.
func (w resultWave) state(s *panel.Snapshot, names uint64) string {
	return fmt.Sprintf("%s.%08x", s.Edition(), w.terms(s.Moving(), names))
}

// terms tell two results apart that were made of the same responses.
func (w resultWave) terms(moving bool, names uint64) uint32 {
	h := fnv.New32a()
	// Writing to a hash does not fail.
	_, _ = fmt.Fprintf(h, "%q %q %d %q %q %t %x", w.CriteriaHash, w.Title, w.MinimumGroup, w.study.Title, w.study.Attribution, moving, names)
	return h.Sum32()
}

// result is what was computed of a wave, with the state of the wave it was made from.
type result[T any] struct {
	value T
	kept  *keptResult
}

// wave is what the result is about.
func (r result[T]) wave() resultWave { return r.kept.wave }

// computation makes a result from a state of a wave.
type computation[T any] = func(context.Context, *panel.Snapshot, benchmark.Input) (T, error)

// resultOf returns a result of the wave: kept, or made from what may be shown now.
func resultOf[T any](ctx context.Context, r *resultSource, w resultWave, part string, make computation[T]) (result[T], error) {
	view, err := r.live.read(ctx, w)
	if err != nil {
		return result[T]{}, err
	}
	return resultOfView(ctx, r, view, part, make)
}

func resultOfView[T any](ctx context.Context, r *resultSource, view *liveView, part string, make computation[T]) (result[T], error) {
	if p := r.live.panelOf(view.wave.ID); p != nil {
		p.read.note(part, time.Now())
	}
	kept, err := r.computed(ctx, resultKey{view.wave.ID, part}, view, func(ctx context.Context) (any, error) {
		return make(ctx, view.snapshot, view.input)
	})
	if err != nil {
		return result[T]{}, err
	}
	value, ok := kept.value.(T)
	if !ok {
		return result[T]{}, fmt.Errorf("results: kept a %T", kept.value)
	}
	return result[T]{value, kept}, nil
}

// benchmark returns the result of the wave.
func (r *resultSource) benchmark(ctx context.Context, w resultWave) (result[*benchmark.Benchmark], error) {
	return resultOf(ctx, r, w, "", benchmark.Compute)
}

// prepare computes parts of a state before it is shown, and with them what the pages
// of all organizations are made from.
func (r *resultSource) prepare(ctx context.Context, view *liveView, parts []string) error {
	for _, part := range parts {
		_, err := r.computed(ctx, resultKey{view.wave.ID, part}, view, func(ctx context.Context) (any, error) {
			if part == "" {
				return benchmark.Compute(ctx, view.snapshot, view.input)
			}
			return benchmark.ComputeOrganization(ctx, view.snapshot, view.input, part)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// first computes the result of a wave that nobody has read yet, however long
// that takes.
func (r *resultSource) first(ctx context.Context, view *liveView) error {
	again := time.NewTicker(r.live.pace.Wanted / 2)
	defer again.Stop()
	for {
		wait := r.begin(ctx, resultKey{view.wave.ID, ""}, view, func(ctx context.Context) (any, error) {
			return benchmark.Compute(ctx, view.snapshot, view.input)
		})
		select {
		case <-ctx.Done():
			return ctx.Err()
		case done := <-wait:
			return done.Err
		case <-again.C:
		}
	}
}

// organization returns the report of one organization of the wave. NotFound; that
// is found out before anything is computed.
func (r *resultSource) organization(ctx context.Context, w resultWave, key string) (result[*benchmark.OrganizationReport], error) {
	var none result[*benchmark.OrganizationReport]
	view, err := r.live.read(ctx, w)
	if err != nil {
		return none, err
	}
	if !view.wave.has(key) {
		// It may be a new one.
		if _, err := r.store.OrganizationByKey(ctx, w.StudyID, key); err != nil {
			return none, err
		}
		if view, err = r.live.readAnew(ctx, w); err != nil {
			return none, err
		}
	}
	return resultOfView(ctx, r, view, key, func(ctx context.Context, s *panel.Snapshot, in benchmark.Input) (*benchmark.OrganizationReport, error) {
		return benchmark.ComputeOrganization(ctx, s, in, key)
	})
}

func (w resultWave) has(organization string) bool {
	return slices.ContainsFunc(w.organizations, func(o survey.Organization) bool { return o.Key == organization })
}

// aggregates returns the benchmark of a wave of published shares, with an
// organization's place where orgKey names one; nil for a wave of responses. The
// shares of a wave are few, so nothing is kept.
func (r *resultSource) aggregates(ctx context.Context, w resultWave, orgKey string) (*benchmark.AggregateBenchmark, error) {
	if r.live.has(w.ID) {
		return nil, nil
	}
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
	organizations, err := r.organizations(ctx, w)
	if err != nil {
		return nil, err
	}
	return benchmark.ComputeAggregates(benchmark.AggregateInput{Study: w.study, Wave: w.Wave, Organizations: organizations,
		Instrument: w.instrument, Aggregates: shares, Published: published, Now: r.live.now(), Version: r.version}, orgKey)
}
