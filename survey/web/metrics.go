package web

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/salesbench/salesbench/survey/intake"
)

// measures count what the service does, for its operator. No label names an
// organization, a person or a link: routes are patterns, waves are ids.
type measures struct {
	registry *prometheus.Registry
	pages    *prometheus.HistogramVec
	results  *prometheus.HistogramVec

	mu    sync.Mutex
	timer atomic.Pointer[map[pageKind]prometheus.Observer]
}

// pageKind is what page times are told apart by.
type pageKind struct {
	route  string
	status int
}

var pageBounds = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

func newMeasures(s *Server) *measures {
	m := &measures{
		registry: prometheus.NewRegistry(),
		pages: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "salesbench_page_seconds",
			Help: "Time to answer a request, by the pattern of its route and by status.", Buckets: pageBounds}, []string{"route", "status"}),
		results: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "salesbench_result_seconds",
			Help: "Time to compute a result of a wave, by what it is about.", Buckets: pageBounds}, []string{"part"}),
	}
	m.timer.Store(&map[pageKind]prometheus.Observer{})
	version := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "salesbench_build_info", Help: "Always 1; the label is the version."}, []string{"version"})
	version.WithLabelValues(s.Version).Set(1)
	m.registry.MustRegister(m.pages, m.results, version, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		panelCollector{s.results.live})
	if s.Store != nil {
		m.registry.MustRegister(workCollector{s.Store})
	}
	if s.Intake != nil {
		m.registry.MustRegister(intakeCollector{s.Intake.Stats})
	}
	return m
}

// Metrics answers with the counters in the text form of Prometheus. They are for
// the operator: serve them on a listener that only the operator reaches.
func (s *Server) Metrics() http.Handler {
	return promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{})
}

// answered counts a request. The map of kinds is copied for each new one, which
// soon ends, so that counting takes no lock.
func (m *measures) answered(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	kind := pageKind{route, status}
	timer, ok := (*m.timer.Load())[kind]
	if !ok {
		timer = m.newKind(kind)
	}
	timer.Observe(took.Seconds())
}

func (m *measures) newKind(kind pageKind) prometheus.Observer {
	m.mu.Lock()
	defer m.mu.Unlock()
	timer := m.pages.WithLabelValues(kind.route, strconv.Itoa(kind.status))
	kinds := maps.Clone(*m.timer.Load())
	kinds[kind] = timer
	m.timer.Store(&kinds)
	return timer
}

// computed counts a result that was made.
func (m *measures) computed(part string, took time.Duration) {
	part, _, _ = strings.Cut(part, "?")
	switch part {
	case "":
		part = "wave"
	case "/" + drawnPart, "/" + groupPart, "/" + leaguePart, "/" + trustPart, "/" + driversPart:
		part = part[1:]
	default:
		part = "organization"
	}
	m.results.WithLabelValues(part).Observe(took.Seconds())
}

// intakeCollector reads the counters that the intake keeps.
type intakeCollector struct{ stats func() intake.Stats }

func intakeMetric(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("salesbench_intake_"+name, help, []string{"kind"}, nil)
}

var (
	intakeWaiting  = intakeMetric("waiting", "Requests in the queue.")
	intakeAccepted = intakeMetric("accepted_total", "Requests that ended well.")
	intakeRefused  = intakeMetric("refused_total", "Requests that ended with an error.")
	intakeRetried  = intakeMetric("retried_total", "Requests tried again because the database was not available.")
	intakeRows     = intakeMetric("batch_rows", "Requests in one transaction.")
	intakeSeconds  = intakeMetric("commit_seconds", "Time of one transaction.")
)

// Describe implements prometheus.Collector.
func (c intakeCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{intakeWaiting, intakeAccepted, intakeRefused, intakeRetried, intakeRows, intakeSeconds} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c intakeCollector) Collect(ch chan<- prometheus.Metric) {
	stats := c.stats()
	for kind, w := range map[string]intake.Work{"submission": stats.Submissions, "draft": stats.Drafts, "entrance": stats.Entrances} {
		ch <- prometheus.MustNewConstMetric(intakeWaiting, prometheus.GaugeValue, float64(w.Waiting), kind)
		for desc, n := range map[*prometheus.Desc]int64{intakeAccepted: w.Accepted, intakeRefused: w.Refused, intakeRetried: w.Retried} {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), kind)
		}
		ch <- histogram(intakeRows, w.Size, kind)
		ch <- histogram(intakeSeconds, w.Duration, kind)
	}
}

// histogram turns counts of each slot into counts up to each bound.
func histogram(desc *prometheus.Desc, h intake.Histogram, kind string) prometheus.Metric {
	upTo := make(map[float64]uint64, len(h.Bounds))
	total := uint64(0)
	for i, n := range h.Counts {
		total += uint64(n)
		if i < len(h.Bounds) {
			upTo[h.Bounds[i]] = total
		}
	}
	return prometheus.MustNewConstHistogram(desc, total, h.Sum, upTo, kind)
}
