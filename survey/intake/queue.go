package intake

import "github.com/salesbench/salesbench/survey"

// fairQueue takes one request of each waiting organization in turn, so that a
// thousand of one do not stand before the first of another.
type fairQueue[T any] struct {
	waiting map[survey.OrganizationID]*line[T]
	turns   line[*line[T]] // organizations with something waiting, next first
	length  int
	spare   []*line[T] // emptied ones, to be used again
}

// admits says whether there is room. One organization may hold at most half of
// the queue, so that the others are never locked out by it.
func (q *fairQueue[T]) admits(organization survey.OrganizationID, limit int) bool {
	if q.length >= limit {
		return false
	}
	own := q.waiting[organization]
	return own == nil || own.length() < (limit+1)/2
}

func (q *fairQueue[T]) push(organization survey.OrganizationID, t T) {
	if q.waiting == nil {
		q.waiting = map[survey.OrganizationID]*line[T]{}
	}
	own := q.waiting[organization]
	if own == nil {
		own = q.empty()
		own.organization = organization
		q.waiting[organization] = own
		q.turns.push(own)
	}
	own.push(t)
	q.length++
}

// empty is a line that nobody stands in.
func (q *fairQueue[T]) empty() *line[T] {
	if n := len(q.spare); n > 0 {
		own := q.spare[n-1]
		q.spare = q.spare[:n-1]
		return own
	}
	return &line[T]{}
}

// sparesKept bounds what is kept of a rush of many organizations.
const sparesKept = 64

// take removes up to n, one organization after the other.
func (q *fairQueue[T]) take(n int) []T {
	if q.length == 0 {
		return nil
	}
	batch := make([]T, 0, min(n, q.length))
	for len(batch) < n && q.length > 0 {
		own := q.turns.pop()
		batch = append(batch, own.pop())
		q.length--
		if own.length() > 0 {
			q.turns.push(own)
			continue
		}
		delete(q.waiting, own.organization)
		if len(q.spare) < sparesKept {
			q.spare = append(q.spare, own)
		}
	}
	return batch
}

// line is first in, first out; its memory is used again.
type line[T any] struct {
	organization survey.OrganizationID
	items        []T
	first        int
}

func (l *line[T]) length() int { return len(l.items) - l.first }

func (l *line[T]) push(t T) {
	if l.first > 32 && l.first > len(l.items)/2 {
		n := copy(l.items, l.items[l.first:])
		clear(l.items[n:])
		l.items, l.first = l.items[:n], 0
	}
	l.items = append(l.items, t)
}

func (l *line[T]) pop() T {
	var none T
	t := l.items[l.first]
	l.items[l.first] = none
	if l.first++; l.first == len(l.items) {
		l.items, l.first = l.items[:0], 0
	}
	return t
}
