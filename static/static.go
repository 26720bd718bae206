// Package static holds the stylesheets, scripts and pictures that pages load,
// embedded in the binary. Each is served under a name that contains the hash of
// its content, so that a browser may keep it for ever and never sees an old one.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// Prefix is the path below which assets are served.
const Prefix = "/static/"

//go:embed *.css *.js *.svg vendor
var files embed.FS

// contentTypes says which files are assets; others (licences, notes) are kept
// beside what they belong to and not served.
var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// Asset is one file as it is served.
type Asset struct {
	Name        string // as in this folder: app.css, vendor/x.js
	Path        string // hashed, below Prefix
	ContentType string
	Hash        string
	Body        []byte
	Gzip        []byte // empty where compression does not help
}

// URL is the address of the asset.
func (a *Asset) URL() string { return Prefix + a.Path }

type index struct {
	byName, byPath map[string]*Asset
}

// Only the server needs the assets; other commands do not pay for reading them.
var assets = sync.OnceValue(load)

// URL returns the address of the named asset. An unknown name is a programmer's
// mistake and panics.
func URL(name string) string {
	asset, ok := assets().byName[name]
	if !ok {
		panic("static: no asset " + name)
	}
	return asset.URL()
}

// Lookup finds an asset by its hashed path below Prefix.
func Lookup(hashed string) (*Asset, bool) {
	asset, ok := assets().byPath[hashed]
	return asset, ok
}

// ByName finds an asset by its name in this folder.
func ByName(name string) (*Asset, bool) {
	asset, ok := assets().byName[name]
	return asset, ok
}

// Names lists the assets.
func Names() []string {
	names := make([]string, 0, len(assets().byName))
	for name := range assets().byName {
		names = append(names, name)
	}
	return names
}

func load() index {
	all := index{byName: make(map[string]*Asset), byPath: make(map[string]*Asset)}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || contentTypes[path.Ext(name)] == "" {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		asset := newAsset(name, body)
		all.byName[name], all.byPath[asset.Path] = asset, asset
		return nil
	})
	if err != nil {
		panic("static: embedded files can not be read: " + err.Error())
	}
	style := newAsset(respondStyle, []byte(respondCSS(string(all.byName["app.css"].Body))))
	all.byName[style.Name], all.byPath[style.Path] = style, style
	return all
}

func newAsset(name string, body []byte) *Asset {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:8])
	ext := path.Ext(name)
	asset := &Asset{
		Name:        name,
		Path:        strings.TrimSuffix(name, ext) + "." + hash + ext,
		ContentType: contentTypes[ext],
		Hash:        hash,
		Body:        body,
	}
	if ext != ".woff2" {
		asset.Gzip = compress(body)
	}
	return asset
}

// compress returns nil where the result would not be smaller.
func compress(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	// Writing to a buffer does not fail.
	_, _ = w.Write(body)
	_ = w.Close()
	if out.Len() >= len(body) {
		return nil
	}
	return out.Bytes()
}
