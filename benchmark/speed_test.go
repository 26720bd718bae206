package benchmark

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/salesbench/salesbench/benchmark/panel"
	"github.com/salesbench/salesbench/survey"
)

// shape is a generated study for measurements: its responses go straight into
// the panel and are not kept.
type shape struct {
	organizations int
	size          func(j int) int
	inst          *survey.Instrument
}

// study is a panel of a shape that can grow by one response at a time.
type study struct {
	panel    *panel.Panel
	input    Input
	maker    *answerMaker
	effects  []float64
	answered int
}

func (s shape) build(t testing.TB) *study {
	t.Helper()
	p, err := panel.New(s.inst)
	if err != nil {
		t.Fatal(err)
	}
	made := &study{panel: p, maker: newAnswerMaker(s.inst)}
	made.input = Input{
		Study:    survey.Study{Key: "speed", Title: "Speed", Origin: survey.Generated},
		Wave:     survey.Wave{Key: "2026.1", Title: "Spring", MinimumGroup: 5},
		Criteria: OrganizationCriteria(), StudyStyle: StudyStyleCriteria(), Norms: PublishedNorms(), Now: testNow, Version: "test",
	}
	if len(made.input.Criteria.Lint(s.inst)) > 0 {
		made.input.Criteria, made.input.StudyStyle = nil, nil
	}
	random := rand.New(rand.NewPCG(7, 7))
	var batch []survey.Response
	for j := range s.organizations {
		made.input.Organizations = append(made.input.Organizations, survey.Organization{
			ID: survey.OrganizationID(fmt.Sprintf("id-%06d", (j*7919)%1000003)), Key: fmt.Sprintf("org-%06d", j), Name: fmt.Sprintf("Organization %d", j),
			Industry: []string{"isic_c", "isic_j", "isic_k", "isic_g"}[j%4], Region: []string{"europe", "northern_america", "east_asia"}[j%3], Size: "250_999",
		})
		made.effects = append(made.effects, 0.45*random.NormFloat64())
		for range s.size(j) {
			batch = append(batch, made.response(j))
			if len(batch) == 4096 {
				made.add(t, batch)
				batch = batch[:0]
			}
		}
	}
	made.add(t, batch)
	return made
}

func (s *study) add(t testing.TB, batch []survey.Response) {
	t.Helper()
	if _, err := s.panel.Add(batch); err != nil {
		t.Fatal(err)
	}
}

// more adds one response of an organization.
func (s *study) more(t testing.TB, j int) {
	t.Helper()
	s.add(t, []survey.Response{s.response(j)})
}

func (s *study) response(j int) survey.Response {
	id := s.answered
	s.answered++
	role, answers := s.maker.answer(s.effects[j])
	return survey.Response{
		ID:             survey.ResponseID(fmt.Sprintf("%08x-0000-7000-8000-%012x", uint32(id)*2654435761, id)),
		OrganizationID: s.input.Organizations[j].ID, Role: role, Answers: answers, Weight: 1,
		SubmittedAt: testNow.Add(time.Duration(id) * time.Second), Seconds: s.maker.seconds,
	}
}

// answerMaker makes answers quickly; what it returns is valid for 4,096 calls.
type answerMaker struct {
	inst    *survey.Instrument
	random  *rand.Rand
	ring    []survey.Answers
	at      int
	seconds []float32
}

func newAnswerMaker(inst *survey.Instrument) *answerMaker {
	m := &answerMaker{inst: inst, random: rand.New(rand.NewPCG(3, 5)), ring: make([]survey.Answers, 4096)}
	for i := range m.ring {
		m.ring[i] = inst.NewAnswers()
	}
	for range inst.Sections {
		m.seconds = append(m.seconds, 60)
	}
	return m
}

func (m *answerMaker) answer(effect float64) (string, survey.Answers) {
	m.at = (m.at + 1) % len(m.ring)
	answers, role := m.ring[m.at], testRoles[m.random.IntN(len(testRoles))]
	person := effect + 0.8*m.random.NormFloat64()
	for _, f := range m.inst.Fields() {
		a := survey.Answer{State: survey.Valid}
		switch f.Kind {
		case survey.Likert:
			a.Code = min(f.Points, max(1, int(math.Round(0.63*float64(f.Points)+person+2.2*(m.random.Float64()+m.random.Float64()-1)))))
			if f.Item.Reverse {
				a.Code = f.Points + 1 - a.Code
			}
		case survey.Number:
			a.Number = math.Round(60 + 8*person + 10*m.random.NormFloat64())
		case survey.Allocation:
			a = timePart(f.Key, role)
		case survey.LongText:
			a = survey.Answer{State: survey.Skipped}
		default:
			a.Code = 1 + m.random.IntN(max(f.Points, 1))
			if f.Key == "role" {
				a.Code = 1 + slices.Index([]string{"salesperson", "manager", "executive", "other"}, role)
			}
		}
		if f.Kind != survey.Allocation && f.Key != "role" && m.random.IntN(50) == 0 {
			a = survey.Answer{State: survey.DontKnow}
		}
		answers[f.Index] = a
	}
	return role, answers
}

func equalSize(n int) func(int) int { return func(int) int { return n } }

// shapes are the studies that are measured. Those of a million responses need
// SALESBENCH_LONG=1; else a tenth of the organizations is taken.
func shapes() map[string]shape {
	tenth := 10
	if os.Getenv("SALESBENCH_LONG") != "" {
		tenth = 1
	}
	return map[string]shape{
		"league": {10000 / tenth, equalSize(100), survey.Builtin()},
		"giant": {100, func(j int) int {
			if j == 0 {
				return 1000000 / tenth
			}
			return 60
		}, survey.Builtin()},
		"small": {50000 / tenth, equalSize(5), survey.Builtin()},
	}
}

var built sync.Map

// builtStudy returns the study of a shape, built once for all benchmarks.
func builtStudy(b *testing.B, name string) *study {
	b.Helper()
	if s, ok := built.Load(name); ok {
		return s.(*study)
	}
	s := shapes()[name].build(b)
	built.Store(name, s)
	return s
}

// BenchmarkDraw makes the figures that take long.
func BenchmarkDraw(b *testing.B) {
	eachShape(b, func(b *testing.B, s *study) {
		in := s.input
		in.Kept = &Kept{}
		for i := 0; b.Loop(); i++ {
			s.more(b, i%len(s.effects))
			if _, err := Draw(context.Background(), s.panel.Snapshot(), in); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkFirstEdition makes the whole result with nothing kept, but what is
// drawn.
func BenchmarkFirstEdition(b *testing.B) {
	eachShape(b, func(b *testing.B, s *study) {
		in := s.input
		in.Drawn = NothingDrawn()
		for i := 0; b.Loop(); i++ {
			s.more(b, i%len(s.effects))
			if _, err := Compute(context.Background(), s.panel.Snapshot(), in); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkNextEdition makes the whole result after one more response.
func BenchmarkNextEdition(b *testing.B) {
	eachShape(b, func(b *testing.B, s *study) {
		in := s.input
		in.Drawn, in.Kept = NothingDrawn(), &Kept{}
		s.more(b, 0) // or the snapshot would still hold what an earlier run made of it, and nothing would be kept
		if _, err := Compute(context.Background(), s.panel.Snapshot(), in); err != nil {
			b.Fatal(err)
		}
		from := cpuTime()
		defer func() { b.ReportMetric(float64((cpuTime()-from).Milliseconds())/float64(b.N), "cpu-ms/op") }()
		for i := 1; b.Loop(); i++ {
			b.StopTimer()
			s.more(b, i%len(s.effects))
			b.StartTimer()
			if _, err := Compute(context.Background(), s.panel.Snapshot(), in); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOrganizationPage makes the reports of one organization after the other,
// and tells what the first one costs beside, for which is made what all have in common.
func BenchmarkOrganizationPage(b *testing.B) {
	eachShape(b, func(b *testing.B, s *study) {
		in, snapshot := s.input, s.panel.Snapshot()
		in.Drawn, in.Kept = NothingDrawn(), &Kept{}
		if _, err := Compute(context.Background(), snapshot, in); err != nil {
			b.Fatal(err)
		}
		report := func(i int) {
			if _, err := ComputeOrganization(context.Background(), snapshot, in, in.Organizations[i%len(s.effects)].Key); err != nil {
				b.Fatal(err)
			}
		}
		from := cpuTime()
		report(0)
		first := cpuTime() - from
		from = cpuTime()
		for i := 1; b.Loop(); i++ {
			report(i)
		}
		b.ReportMetric(float64((cpuTime()-from).Microseconds())/float64(b.N), "cpu-µs/op")
		b.ReportMetric(float64(first.Milliseconds()), "first-cpu-ms")
	})
}

func eachShape(b *testing.B, run func(b *testing.B, s *study)) {
	for _, name := range []string{"league", "giant", "small"} {
		b.Run(name, func(b *testing.B) { run(b, builtStudy(b, name)) })
	}
}

// cpuTime is what all cores have spent on this process.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLeagueAfterOneSubmission classifies everybody after one more response.
func BenchmarkLeagueAfterOneSubmission(b *testing.B) {
	for _, name := range []string{"league", "small"} {
		b.Run(name, func(b *testing.B) {
			s := builtStudy(b, name)
			in, made := s.input, 0
			in.Kept = &Kept{}
			if _, err := ComputeLeague(context.Background(), s.panel.Snapshot(), in); err != nil {
				b.Fatal(err)
			}
			var spent time.Duration
			for i := 1; b.Loop(); i++ {
				b.StopTimer()
				s.more(b, i%len(s.effects))
				from := cpuTime()
				b.StartTimer()
				l, err := ComputeLeague(context.Background(), s.panel.Snapshot(), in)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				spent, made = spent+cpuTime()-from, l.Len()
				b.StartTimer()
			}
			b.ReportMetric(float64(spent.Microseconds())/float64(b.N), "cpu-µs/op")
			b.ReportMetric(float64(made), "organizations")
		})
	}
}
