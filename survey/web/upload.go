package web

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/survey"
)

// formMemory is how much of an upload is held in memory; the rest goes to a file
// that is removed with the request.
const formMemory = 4 << 20

// readUpload reads a form with files.
func readUpload(c echo.Context) (map[string][]string, error) {
	if !strings.HasPrefix(c.Request().Header.Get("Content-Type"), "multipart/form-data") {
		form, err := readForm(c)
		return form, err
	}
	if err := c.Request().ParseMultipartForm(formMemory); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, survey.Errorf(survey.TooLarge, "the file is larger than %d megabytes: send it in parts", large.Limit>>20)
		}
		return nil, survey.Errorf(survey.Invalid, "what was sent is damaged and can not be read: %w", err)
	}
	return c.Request().MultipartForm.Value, nil
}

// uploaded is the content of a file that was sent; nil where none was chosen.
func uploaded(c echo.Context, name string, limit int64) (content []byte, filename string, err error) {
	file, head, err := c.Request().FormFile(name)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", survey.Errorf(survey.Invalid, "the file could not be read: send it again")
	}
	defer file.Close()
	if head.Size > limit {
		return nil, "", survey.Errorf(survey.TooLarge, "the file is larger than %d kilobytes", limit>>10)
	}
	content, err = io.ReadAll(file)
	return content, head.Filename, err
}
