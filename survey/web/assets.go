package web

import (
	"bytes"
	"net/http"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/labstack/echo/v4"
	"github.com/salesbench/salesbench/static"
	"github.com/salesbench/salesbench/survey"
)

// smallAsset is the size up to which the best brotli level costs milliseconds;
// above it (the chart library) the best level would take seconds.
const smallAsset = 128 << 10

// packedAssets keeps the brotli form of each asset, made when first asked for.
var packedAssets sync.Map // hashed path -> func() []byte

// serveAsset answers a content-hashed address: it may be kept for ever.
func serveAsset(c echo.Context) error {
	asset, ok := static.Lookup(c.Param("*"))
	if !ok {
		return survey.Errorf(survey.NotFound, "there is no such file; reload the page that asked for it")
	}
	h := c.Response().Header()
	etag := `"` + asset.Hash + `"`
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", etag)
	h.Add("Vary", "Accept-Encoding")
	if c.Request().Header.Get("If-None-Match") == etag {
		return c.NoContent(http.StatusNotModified)
	}
	body := asset.Body
	switch r := c.Request(); {
	case accepts(r, "br"):
		h.Set("Content-Encoding", "br")
		body = brotliForm(asset)
	case accepts(r, "gzip") && asset.Gzip != nil:
		h.Set("Content-Encoding", "gzip")
		body = asset.Gzip
	}
	return c.Blob(http.StatusOK, asset.ContentType, body)
}

func brotliForm(asset *static.Asset) []byte {
	pack := sync.OnceValue(func() []byte {
		level := brotli.BestCompression
		if len(asset.Body) > smallAsset {
			level = 6
		}
		var out bytes.Buffer
		w := brotli.NewWriterLevel(&out, level)
		// Writing to a buffer does not fail.
		_, _ = w.Write(asset.Body)
		_ = w.Close()
		return out.Bytes()
	})
	kept, _ := packedAssets.LoadOrStore(asset.Path, pack)
	if f, ok := kept.(func() []byte); ok {
		return f()
	}
	return pack()
}

func favicon(c echo.Context) error {
	return c.Redirect(http.StatusMovedPermanently, static.URL("mark.svg"))
}

// robots keeps search engines away from respondents' links.
func robots(c echo.Context) error {
	return c.String(http.StatusOK, "User-agent: *\nDisallow: /r/\nDisallow: /o/\nDisallow: /results/\n")
}
