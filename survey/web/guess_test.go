package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey/auth"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// from asks for a page as somebody with the address.
func (f *field) from(address, path string) *http.Response {
	f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.RemoteAddr = address
	return send(f.server, r)
}

func TestGuessingLinksIsStoppedAndKnownLinksStayOpenBesideIt(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	invited, open := f.invited(), "/o/"+f.openToken()
	const office, elsewhere = "192.0.2.7:4711", "192.0.2.8:4711"
	for _, kind := range []string{"/o/", "/r/", "/results/"} {
		for n := range guessBurst {
			if got := f.from(office, kind+auth.NewToken()).StatusCode; got != 404 && got != 403 {
				t.Fatalf("%s guess %d: %d", kind, n, got)
			}
		}
		for range 3 {
			res := f.from(office, kind+auth.NewToken())
			if res.StatusCode != 429 || res.Header.Get("Retry-After") == "" {
				t.Fatalf("%s over the limit: %d, retry after %q", kind, res.StatusCode, res.Header.Get("Retry-After"))
			}
		}
		for _, link := range []string{invited, open} {
			if got := f.from(office, link).StatusCode; got != 200 {
				t.Errorf("a known link beside somebody who guesses: %d", got)
			}
		}
		if got := f.from(elsewhere, kind+auth.NewToken()).StatusCode; got == 429 {
			t.Error("another address is held up")
		}
		f.now = f.now.Add(guessRefill + time.Second)
		if got := f.from(office, kind+auth.NewToken()).StatusCode; got == 429 {
			t.Error("nothing is forgiven with time")
		}
		f.server.guesses = newGuesses(f.server.Now)
	}
}

func TestWhatIsNoGuessIsNotCounted(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	link := f.invited()
	f.begin(link, "manager")
	for range 2 * guessBurst {
		f.from("192.0.2.7:1", "/r/cut-off")
		f.from("192.0.2.7:1", link+"/s/99")
		f.from("192.0.2.7:1", "/nowhere/"+auth.NewToken())
	}
	if n := f.server.guesses.active.Load(); n != 0 {
		t.Errorf("%d addresses are counted as guessing", n)
	}
}

func TestAnIPv6NetworkIsOneClient(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	for n := range guessBurst {
		f.from(fmt.Sprintf("[2001:db8:1:2::%x]:1", n), "/o/"+auth.NewToken())
	}
	if got := f.from("[2001:db8:1:2:ffff::]:1", "/o/"+auth.NewToken()).StatusCode; got != 429 {
		t.Errorf("the same network: %d", got)
	}
	if got := f.from("[2001:db8:1:3::1]:1", "/o/"+auth.NewToken()).StatusCode; got != 404 {
		t.Errorf("another network: %d", got)
	}
}

func TestAForwardedAddressCountsOnlyBehindATrustedProxy(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	for n := range 2 * guessBurst {
		r := httptest.NewRequest(http.MethodGet, "/o/"+auth.NewToken(), nil)
		r.RemoteAddr = "192.0.2.7:1"
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", n))
		if got := send(f.server, r).StatusCode; n > guessBurst && got != 429 {
			t.Fatalf("guess %d with an invented address: %d", n, got)
		}
	}
}

func TestTheMemoryForGuessersIsBounded(t *testing.T) {
	g := newGuesses(nil)
	first := netip.MustParsePrefix("10.0.0.0/32")
	for range guessBurst + 1 {
		g.count(first)
	}
	if g.over(first) == 0 {
		t.Fatal("not over its limit")
	}
	address := first.Addr()
	for range guessTable {
		address = address.Next()
		g.count(netip.PrefixFrom(address, 32))
	}
	if len(g.byAddr) != guessTable || g.order.Len() != guessTable {
		t.Errorf("%d and %d addresses", len(g.byAddr), g.order.Len())
	}
	if g.over(first) != 0 {
		t.Error("the one that has not guessed for longest is still there")
	}
}

func TestAGuessedLinkSaysWhatToDo(t *testing.T) {
	f := newField(t, storetest.SQLite(t))
	for range guessBurst {
		f.from("192.0.2.7:1", "/o/"+auth.NewToken())
	}
	if page := body(t, f.from("192.0.2.7:1", "/o/"+auth.NewToken())); !strings.Contains(page, "a link that exists always works") {
		t.Error(page)
	}
}
