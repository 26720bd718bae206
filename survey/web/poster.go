package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/templates"
)

// quietZone is the white frame that readers of QR codes need, in modules.
const quietZone = 4

// poster is a printable sheet with the code of an open link.
func (s *Server) poster(c echo.Context) error {
	token, p, _, err := s.openPlace(c)
	if err != nil {
		return err
	}
	link := s.address(c) + "/o/" + token
	path, size, err := qrPath(link)
	if err != nil {
		return err
	}
	// Whoever prints it may read another language than those who find it on a wall.
	b := s.booklets.of(p.instrument, "", languageOf(p, c.QueryParam(languageQuery)))
	sheet := templates.Poster{Base: b.base(p.study.Title, templates.Tongues{ByLink: true}), Study: p.study.Title, Organization: p.organization.Name,
		Minutes: s.effortOf(p.instrument).minutes.of(b.words, "minutes_span"), Link: link, QRPath: path, QRSize: size, Closes: p.closes(b.words)}
	sheet.Scripts = []string{"time.js"}
	return page(c, http.StatusOK, sheet)
}

// qrPath draws the code as one SVG path of horizontal runs, one unit per module.
func qrPath(text string) (path string, size int, err error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, fmt.Errorf("qr code: %w", err)
	}
	bounds := code.Bounds()
	var b strings.Builder
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		run := 0
		for x := bounds.Min.X; x <= bounds.Max.X; x++ {
			dark := false
			if x < bounds.Max.X {
				r, _, _, _ := code.At(x, y).RGBA()
				dark = r == 0
			}
			if dark {
				run++
				continue
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x-run-bounds.Min.X+quietZone, y-bounds.Min.Y+quietZone, run, run)
			}
			run = 0
		}
	}
	return b.String(), bounds.Dx() + 2*quietZone, nil
}
