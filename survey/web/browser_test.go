package web

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// officeHost is a name in an office network: plain http and no localhost, where
// browsers tell a server less about where a form comes from.
const officeHost = "survey.test"

func browserPath() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// chromium is the browser of this test process. Starting one costs as much processor
// time as looking at several pages, so that all tests share it.
var chromium struct {
	mu    sync.Mutex
	main  context.Context // its first tab, which stays empty
	close context.CancelFunc
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.close != nil {
		chromium.close()
	}
	os.Exit(code)
}

// running is the browser, started by the first test that asks for it, and anew when it
// has died.
func running(path string) (context.Context, error) {
	chromium.mu.Lock()
	defer chromium.mu.Unlock()
	if chromium.main != nil && chromium.main.Err() == nil {
		return chromium.main, nil
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("host-resolver-rules", "MAP "+officeHost+" 127.0.0.1"))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	tab, end := chromedp.NewContext(allocator)
	if err := chromedp.Do(tab); err != nil {
		end()
		stop()
		return nil, err
	}
	chromium.main, chromium.close = tab, func() { end(); stop() }
	return tab, nil
}

// newResultsBrowser is a browser that has nothing of another test's: no cookie, nothing
// stored, nothing cached. Each view gets a tab of its own.
func newResultsBrowser(t *testing.T) context.Context {
	t.Helper()
	path := browserPath()
	requireTool(t, path != "", "Chromium")
	shared, err := running(path)
	if err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	fresh, cancel := chromedp.NewContext(shared, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(fresh); err != nil {
		t.Fatalf("opening the browser: %v", errors.Join(err, shared.Err()))
	}
	return fresh
}
