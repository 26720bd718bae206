package main

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// lineHandler writes the lines that slog's own handler for text would write, those
// of plain words and numbers for a fraction of its price: each request of a
// respondent has one. Any other line is left to slog.
type lineHandler struct {
	slog.Handler           // for all other lines
	out          io.Writer // takes whole lines, from many at once
	second       atomic.Pointer[lineSecond]
}

// lineSecond is how the lines of one second begin, and what follows their milliseconds.
type lineSecond struct {
	second int64
	zone   *time.Location
	from   string
	to     string
}

func newLineHandler(out io.Writer, options *slog.HandlerOptions) *lineHandler {
	return &lineHandler{Handler: slog.NewTextHandler(out, options), out: out}
}

var lines = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}

// Handle implements slog.Handler.
func (h *lineHandler) Handle(ctx context.Context, r slog.Record) error {
	line, ok := lines.Get().(*[]byte)
	if !ok {
		line = new([]byte)
	}
	defer lines.Put(line)
	b, fine := h.appendLine((*line)[:0], &r)
	if *line = b; !fine {
		return h.Handler.Handle(ctx, r)
	}
	_, err := h.out.Write(b)
	return err
}

// appendLine writes the record, or says that slog has to.
func (h *lineHandler) appendLine(b []byte, r *slog.Record) ([]byte, bool) {
	if r.Level != slog.LevelInfo || r.Time.IsZero() || !isWord(r.Message) {
		return b, false
	}
	b = append(h.appendTime(b, r.Time), " level=INFO msg="...)
	b = append(b, r.Message...)
	fine := true
	r.Attrs(func(a slog.Attr) bool {
		if fine = isWord(a.Key); !fine {
			return false
		}
		b = append(append(append(b, ' '), a.Key...), '=')
		switch a.Value.Kind() {
		case slog.KindString:
			text := a.Value.String()
			fine = isWord(text)
			b = append(b, text...)
		case slog.KindInt64:
			b = strconv.AppendInt(b, a.Value.Int64(), 10)
		case slog.KindFloat64:
			b = appendThousandths(b, a.Value.Float64())
		default:
			fine = false
		}
		return fine
	})
	return append(b, '\n'), fine
}

// appendTime writes the key and the time with milliseconds.
func (h *lineHandler) appendTime(b []byte, t time.Time) []byte {
	s := h.second.Load()
	if second := t.Unix(); s == nil || s.second != second || s.zone != t.Location() {
		whole := t.Truncate(time.Second)
		s = &lineSecond{second, t.Location(), whole.Format("time=2006-01-02T15:04:05."), whole.Format("Z07:00")}
		h.second.Store(s)
	}
	ms := t.Nanosecond() / int(time.Millisecond)
	b = append(append(b, s.from...), byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	return append(b, s.to...)
}

// isWord says whether slog writes the text without quotes. It may be wrong about
// unusual ones, which slog then writes itself.
func isWord(text string) bool {
	for i := range len(text) {
		if !inWords[text[i]] {
			return false
		}
	}
	return text != ""
}

var inWords = func() (in [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/*") {
		in[c] = true
	}
	return in
}()

// appendThousandths writes a number; one with up to three digits behind the point,
// as times in milliseconds are, in few steps.
func appendThousandths(b []byte, v float64) []byte {
	const most = 1e6 // from there on there are exponents
	whole := int64(v * 1000)
	if v < 0.001 || v >= most || float64(whole)/1000 != v {
		return strconv.AppendFloat(b, v, 'g', -1, 64)
	}
	b = strconv.AppendInt(b, whole/1000, 10)
	rest := whole % 1000
	if rest == 0 {
		return b
	}
	b = append(b, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}
