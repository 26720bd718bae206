package intake

import "github.com/salesbench/salesbench/survey"

// fairQueue takes one submission of each waiting organization in turn, so that
// a thousand submissions of one do not stand before the first of another.
type fairQueue struct {
	waiting map[survey.OrganizationID][]*ticket
	turns   []survey.OrganizationID // organizations with something waiting, next first
	length  int
}

// admits says whether there is room. One organization may hold at most half of
// the queue, so that the others are never locked out by it.
func (q *fairQueue) admits(organization survey.OrganizationID, limit int) bool {
	return q.length < limit && len(q.waiting[organization]) < (limit+1)/2
}

func (q *fairQueue) push(t *ticket) {
	if q.waiting == nil {
		q.waiting = map[survey.OrganizationID][]*ticket{}
	}
	organization := t.submission.Response.OrganizationID
	if len(q.waiting[organization]) == 0 {
		q.turns = append(q.turns, organization)
	}
	q.waiting[organization] = append(q.waiting[organization], t)
	q.length++
}

// take removes up to n tickets, one organization after the other.
func (q *fairQueue) take(n int) []*ticket {
	if q.length == 0 {
		return nil
	}
	batch := make([]*ticket, 0, min(n, q.length))
	for len(batch) < n && q.length > 0 {
		organization := q.turns[0]
		q.turns = q.turns[1:]
		line := q.waiting[organization]
		batch = append(batch, line[0])
		q.length--
		if len(line) == 1 {
			delete(q.waiting, organization)
			continue
		}
		q.waiting[organization] = line[1:]
		q.turns = append(q.turns, organization)
	}
	return batch
}
