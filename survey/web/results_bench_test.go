package web

import (
	"testing"

	"github.com/salesbench/salesbench/survey/store/storetest"
	"github.com/salesbench/salesbench/templates"
)

// BenchmarkOrganizationForm makes the page of an organization of its report, and packs
// it: what a reader costs beside the figures.
func BenchmarkOrganizationForm(b *testing.B) {
	f := newResults(b, true, storetest.SQLite(b))
	w, err := f.server.results.waveByKey(b.Context(), "spring")
	if err != nil {
		b.Fatal(err)
	}
	of, err := f.server.results.organization(b.Context(), w, "org-09")
	if err != nil {
		b.Fatal(err)
	}
	page := func() (templates.OrganizationResults, error) { return organizationPage(of.wave(), of.value, true) }
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			if _, err := page(); err != nil {
				b.Fatal(err)
			}
		}
	})
	made, err := page()
	if err != nil {
		b.Fatal(err)
	}
	html, err := templates.Render(made)
	b.Run("html", func(b *testing.B) {
		for b.Loop() {
			if html, err = templates.Render(made); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("packed", func(b *testing.B) {
		var packed []byte
		for b.Loop() {
			if packed, err = gzipped(html); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(html)), "bytes")
		b.ReportMetric(float64(len(packed)), "packed-bytes")
	})
}
