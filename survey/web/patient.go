package web

import (
	"errors"
	"net/http"
	"time"
)

// patientWriter lets a download go on as long as somebody takes it: the time limit
// of a page begins anew with each part.
type patientWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (p patientWriter) Write(b []byte) (int, error) {
	err := p.control.SetWriteDeadline(time.Now().Add(WriteTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.w.Write(b)
}
