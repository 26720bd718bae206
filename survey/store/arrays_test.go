package store

import (
	"bytes"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"pgregory.net/rapid"
)

func TestAnArrayIsWrittenAsPgxWritesIt(t *testing.T) {
	m := pgtype.NewMap()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "rows")
		a := newArrays(n)
		defer a.release()
		must := func(oid uint32, want any, got *array) {
			b, err := m.Encode(oid, pgtype.BinaryFormatCode, want, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b, got.b) {
				t.Fatalf("type %d of %v:\n%x\nwant\n%x", oid, want, got.b, b)
			}
		}
		ids, texts, blobs, moments := a.ids(), a.texts(), a.column(pgtype.ByteaOID), a.moments()
		numbers, integers := a.column(pgtype.Float8OID), a.column(pgtype.Int4OID)
		var uuids []pgtype.UUID
		var words []pgtype.Text
		var blob [][]byte
		var times []time.Time
		var floats []float64
		var whole []pgtype.Int4
		for range n {
			id := rapid.SampledFrom([]string{"", "no id", newID(), "01890a5d-ac96-774b-bcce-b302099a8057"}).Draw(t, "id")
			ids.id(id)
			uuids = append(uuids, argument(id))
			word := pgtype.Text{String: rapid.String().Draw(t, "text"), Valid: rapid.Bool().Draw(t, "there")}
			texts.optionalText(word.String, word.Valid)
			words = append(words, word)
			v := rapid.SampledFrom([][]byte{nil, {}, {0}, {1, 2, 255}}).Draw(t, "bytes")
			blobs.bytes(v)
			blob = append(blob, v)
			at := time.Unix(rapid.Int64Range(-1e10, 1e10).Draw(t, "seconds"), rapid.Int64Range(0, 999_999).Draw(t, "microseconds")*1000)
			moments.moment(at)
			times = append(times, at)
			f := rapid.Float64().Draw(t, "number")
			numbers.number(f)
			floats = append(floats, f)
			i := pgtype.Int4{Int32: rapid.Int32().Draw(t, "integer"), Valid: rapid.Bool().Draw(t, "counted")}
			if i.Valid {
				integers.integer(i.Int32)
			} else {
				integers.null()
			}
			whole = append(whole, i)
		}
		must(pgtype.UUIDArrayOID, uuids, ids)
		must(pgtype.TextArrayOID, words, texts)
		must(pgtype.ByteaArrayOID, blob, blobs)
		must(pgtype.TimestamptzArrayOID, times, moments)
		must(pgtype.Float8ArrayOID, floats, numbers)
		must(pgtype.Int4ArrayOID, whole, integers)
	})
}

func TestArraysKeepNothingOfWhoAnswered(t *testing.T) {
	a := newArrays(1)
	text := a.texts()
	text.text("a remark of somebody")
	full := text.b
	a.release()
	if bytes.Contains(full[:cap(full)], []byte("somebody")) {
		t.Error("the memory that is used again has an answer in it")
	}
}
