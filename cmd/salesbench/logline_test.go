package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// bothLines writes a record by slog and by the quick handler.
func bothLines(t *testing.T, r slog.Record) (byslog, quick string) {
	t.Helper()
	var a, b bytes.Buffer
	options := &slog.HandlerOptions{Level: slog.LevelDebug}
	for _, err := range []error{slog.NewTextHandler(&a, options).Handle(t.Context(), r), newLineHandler(&b, options).Handle(t.Context(), r)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return a.String(), b.String()
}

func record(at time.Time, level slog.Level, message string, attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(at, level, message, 0)
	r.AddAttrs(attrs...)
	return r
}

func TestQuickLinesAreThoseOfSlogByteForByte(t *testing.T) {
	at := time.Date(2026, 11, 30, 12, 5, 9, 7_999_999, time.UTC)
	east := time.FixedZone("", 5*3600+45*60)
	for name, r := range map[string]slog.Record{
		"a request": record(at, slog.LevelInfo, "request", slog.String("id", "9f86d081884c7d65"), slog.String("method", "GET"), slog.String("route", "/r/:token/s/:n"),
			slog.Int("status", 200), slog.Int64("bytes", 4123), slog.Float64("took_ms", 0.734)),
		"without a route":     record(at, slog.LevelInfo, "request", slog.String("route", ""), slog.Int("status", 404)),
		"a route with a star": record(at, slog.LevelInfo, "request", slog.String("route", "/static/*")),
		"another zone":        record(at.In(east), slog.LevelInfo, "request", slog.Int("n", -5)),
		"no time":             record(time.Time{}, slog.LevelInfo, "request"),
		"the first moment":    record(time.Unix(0, 0), slog.LevelInfo, "request"),
		"before that":         record(time.Date(1969, 1, 1, 0, 0, 0, 1, time.UTC), slog.LevelInfo, "request"),
		"several words":       record(at, slog.LevelInfo, "the service is ready", slog.String("address", "127.0.0.1:80")),
		"quotes and breaks":   record(at, slog.LevelInfo, "request", slog.String("a", "say \"so\""), slog.String("b", "a\nlevel=ERROR"), slog.String("c", "x=y")),
		"other letters":       record(at, slog.LevelInfo, "request", slog.String("name", "Größe"), slog.String("bad", "\xff")),
		"a key with a blank":  record(at, slog.LevelInfo, "request", slog.String("a key", "v"), slog.String("", "v")),
		"a warning":           record(at, slog.LevelWarn, "request", slog.Int("n", 1)),
		"below info":          record(at, slog.LevelDebug, "request", slog.Int("n", 1)),
		"between levels":      record(at, slog.LevelInfo+1, "request", slog.Int("n", 1)),
		"other kinds":         record(at, slog.LevelInfo, "request", slog.Bool("b", true), slog.Duration("d", time.Second), slog.Any("e", io.EOF), slog.Time("t", at)),
		"a group":             record(at, slog.LevelInfo, "request", slog.Group("g", slog.Int("n", 1))),
		"an empty attribute":  record(at, slog.LevelInfo, "request", slog.Attr{}, slog.Int("n", 1)),
		"numbers":             record(at, slog.LevelInfo, "request", slog.Float64("a", math.NaN()), slog.Float64("b", math.Inf(-1)), slog.Float64("c", math.Copysign(0, -1)), slog.Float64("d", 0)),
	} {
		if byslog, quick := bothLines(t, r); byslog != quick {
			t.Errorf("%s:\nslog:  %squick: %s", name, byslog, quick)
		}
	}
}

func TestQuickNumbersAreThoseOfSlog(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 200000 {
		v := float64(i) / 1000
		switch i % 4 {
		case 1:
			v = random.Float64() * 1e7
		case 2:
			v = math.Float64frombits(random.Uint64())
		case 3:
			v = float64(random.Int64N(2e9)) / 1000
		}
		if byslog, quick := string(slog.Float64Value(v).String()), string(appendThousandths(nil, v)); byslog != quick {
			t.Fatalf("slog writes %s, quick %s", byslog, quick)
		}
	}
}

func TestLinesOfManySecondsAndZonesKeepTheirTimes(t *testing.T) {
	var a, b bytes.Buffer
	slow, quick := slog.NewTextHandler(&a, nil), newLineHandler(&b, nil)
	at := time.Date(2026, 10, 25, 0, 59, 58, 0, time.UTC)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4000 {
		r := record(at.Add(time.Duration(i)*time.Millisecond).In([]*time.Location{time.UTC, berlin}[i/3%2]), slog.LevelInfo, "request")
		if err := slow.Handle(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if err := quick.Handle(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if a.String() != b.String() {
		t.Error("the lines differ")
	}
}

func TestGroupsAndCommonAttributesAreLeftToSlog(t *testing.T) {
	var out bytes.Buffer
	slog.New(newLineHandler(&out, nil)).With("a", 1).WithGroup("g").Info("request", "n", 2)
	if !strings.HasSuffix(out.String(), " level=INFO msg=request a=1 g.n=2\n") {
		t.Errorf("the line is %q", out.String())
	}
}

func BenchmarkLineOfARequest(b *testing.B) {
	for name, h := range map[string]slog.Handler{"slog": slog.NewTextHandler(io.Discard, nil), "quick": newLineHandler(io.Discard, nil)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := record(time.Now(), slog.LevelInfo, "request", slog.String("id", "9f86d081884c7d65"), slog.String("method", "GET"), slog.String("route", "/r/:token/s/:n"),
					slog.Int("status", 200), slog.Int64("bytes", 4123), slog.Float64("took_ms", 0.734))
				if err := h.Handle(context.Background(), r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
