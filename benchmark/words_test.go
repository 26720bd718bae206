package benchmark

import "testing"

func TestPrintWords(t *testing.T) {
	b := ordinary(1).compute(t)
	t.Log(b.Headline)
	for _, s := range b.Story {
		t.Log(s)
	}
	for _, s := range b.Caveats {
		t.Log("  ", s)
	}
	t.Log(b.WCCaption, b.Quality.Sentence, b.Matrix.Reason, b.ExpectedWC.Text(), b.ICC1.Text())
	for _, x := range b.Tiers {
		t.Log(x.Label, x.Value.Text())
	}
	for _, x := range append(b.Roles, b.Industries...) {
		t.Log(x.Label, x.Value.Text())
	}
	for _, x := range b.KPIs {
		t.Log(x.Label, x.WC.Text(), x.Rest.Text(), x.Gap.Text(), x.Gap.P, x.WC.Quartiles)
	}
	r := ordinary(1).report(t, "org-003")
	t.Log(r.Headline)
	for _, s := range r.Story {
		t.Log(s)
	}
	t.Log(r.PeersCaption, r.Quality.Sentence)
}
