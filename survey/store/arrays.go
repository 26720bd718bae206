package store

import (
	"encoding/binary"
	"errors"
	"math"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Many rows reach PostgreSQL as one array a column. pgx writes an array through
// reflection, element by element; what a batch of respondents consists of is written
// here as it travels: https://www.postgresql.org/docs/current/protocol-message-formats.html
// leaves the form of arrays to array_send in src/backend/utils/adt/arrayfuncs.c.

// array is one column in the binary form of a PostgreSQL array of one dimension.
type array struct{ b []byte }

// arrayHead are the dimensions, whether there are NULLs, the type of the elements,
// their number and the first subscript, four bytes each.
const arrayHead = 20

// begin empties the array for n elements of a type.
func (a *array) begin(element uint32, n int) {
	b := binary.BigEndian.AppendUint32(a.b[:0], 1)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, element)
	b = binary.BigEndian.AppendUint32(b, uint32(n))
	a.b = binary.BigEndian.AppendUint32(b, 1)
}

func (a *array) null() {
	a.b[7] = 1
	a.b = append(a.b, 0xff, 0xff, 0xff, 0xff)
}

func (a *array) text(s string) {
	a.b = append(binary.BigEndian.AppendUint32(a.b, uint32(len(s))), s...)
}

func (a *array) optionalText(s string, there bool) {
	if !there {
		a.null()
		return
	}
	a.text(s)
}

// bytes adds a bytea; nil is NULL.
func (a *array) bytes(v []byte) {
	if v == nil {
		a.null()
		return
	}
	a.b = append(binary.BigEndian.AppendUint32(a.b, uint32(len(v))), v...)
}

// id adds a UUID; what is none is NULL, as with argument.
func (a *array) id(id string) {
	u, err := uuid.Parse(id)
	if id == "" || err != nil {
		a.null()
		return
	}
	a.b = append(binary.BigEndian.AppendUint32(a.b, uint32(len(u))), u[:]...)
}

func (a *array) integer(v int32) {
	a.b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(a.b, 4), uint32(v))
}

func (a *array) number(v float64) {
	a.b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(a.b, 8), math.Float64bits(v))
}

// moment adds a time in microseconds, which is what PostgreSQL keeps.
func (a *array) moment(t time.Time) {
	a.b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(a.b, 8), uint64(t.UnixMicro()-rawEpoch.UnixMicro()))
}

// arrays are the columns of a statement; their memory is used again.
type arrays struct {
	columns [24]array
	used    int
	rows    int
}

var spareArrays = sync.Pool{New: func() any { return new(arrays) }}

// newArrays has room for columns of so many rows. It is given back with release.
func newArrays(rows int) *arrays {
	a := spareArrays.Get().(*arrays)
	a.used, a.rows = 0, rows
	return a
}

// roomKept bounds what is kept of a column for the next batch.
const roomKept = 1 << 20

// release gives the arrays back without anything of a person in them.
func (a *arrays) release() {
	for i := range a.columns[:a.used] {
		c := &a.columns[i]
		if cap(c.b) > roomKept {
			c.b = nil
		}
		clear(c.b)
	}
	spareArrays.Put(a)
}

// column is the next column, of elements of the type.
func (a *arrays) column(element uint32) *array {
	c := &a.columns[a.used]
	a.used++
	c.begin(element, a.rows)
	return c
}

func (a *arrays) ids() *array     { return a.column(pgtype.UUIDOID) }
func (a *arrays) texts() *array   { return a.column(pgtype.TextOID) }
func (a *arrays) moments() *array { return a.column(pgtype.TimestamptzOID) }

// sentAsTheyAre lets the connection take arrays that are written already.
func sentAsTheyAre(conn *pgx.Conn) {
	m := conn.TypeMap()
	for _, oid := range []uint32{pgtype.UUIDArrayOID, pgtype.TextArrayOID, pgtype.TimestamptzArrayOID,
		pgtype.ByteaArrayOID, pgtype.Float8ArrayOID, pgtype.Int4ArrayOID} {
		if t, ok := m.TypeForOID(oid); ok {
			m.RegisterType(&pgtype.Type{Name: t.Name, OID: oid, Codec: writtenCodec{t.Codec}})
		}
	}
}

// writtenCodec knows arrays that are written already, beside those of Go.
type writtenCodec struct{ pgtype.Codec }

// PlanEncode implements pgtype.Codec.
func (c writtenCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, written := value.(*array); written && format == pgtype.BinaryFormatCode {
		return writtenPlan{}
	}
	return c.Codec.PlanEncode(m, oid, format, value)
}

type writtenPlan struct{}

var errNotWritten = errors.New("an argument is not the array that it was planned for")

// Encode implements pgtype.EncodePlan.
func (writtenPlan) Encode(value any, buf []byte) ([]byte, error) {
	a, ok := value.(*array)
	if !ok || len(a.b) < arrayHead {
		return nil, errNotWritten
	}
	return append(buf, a.b...), nil
}
