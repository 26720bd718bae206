package stat

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// TestSharesThatComeAndGoLeaveTheBitsOfThoseThatStay adds organizations in any
// order and takes some out again.
func TestSharesThatComeAndGoLeaveTheBitsOfThoseThatStay(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	for range 200 {
		var mended, want EqualShares
		var passing [][2]int
		for range random.IntN(60) {
			valid := random.IntN(40)
			agree := random.IntN(valid + 1)
			mended.Add(valid, agree)
			if random.IntN(2) == 0 {
				passing = append(passing, [2]int{valid, agree})
			} else {
				want.Add(valid, agree)
			}
		}
		for _, p := range passing {
			mended.Remove(p[0], p[1])
		}
		if mended != want {
			t.Fatalf("mended %v, from the start %v", mended, want)
		}
	}
}

// TestTheShareOfSumsIsThatOfTheOrganizationsOneByOne compares two routes: exact
// sums, and ClusteredShare in two passes.
func TestTheShareOfSumsIsThatOfTheOrganizationsOneByOne(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 3))
	for n := range 300 {
		var e EqualShares
		var one []Contribution
		for range n {
			valid := random.IntN(30)
			agree := 0
			switch random.IntN(8) {
			case 0:
				agree = valid
			case 1:
			default:
				agree = random.IntN(valid + 1)
			}
			if n%17 == 3 {
				agree = valid // everybody, everywhere
			}
			e.Add(valid, agree)
			if valid > 0 {
				one = append(one, Contribution{valid, 1, float64(agree) / float64(valid), 1 / float64(valid)})
			}
		}
		got, err := ShareOfEqual(e, ShareOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := ClusteredShare(one, ShareOptions{})
		if err != nil {
			t.Fatal(err)
		}
		sameShare(t, got, want)
	}
}

func sameShare(t *testing.T, got, want ShareResult) {
	t.Helper()
	for name, pair := range map[string][2]Number{
		"share": {got.Share, want.Share}, "se": {got.SE, want.SE}, "n_eff": {got.NEff, want.NEff}, "n_star": {got.NStar, want.NStar},
		"deff": {got.DeffN, want.DeffN}, "df": {got.DF, want.DF}, "squares": {Some(got.alike.squares), Some(want.alike.squares)},
	} {
		if pair[0].Valid != pair[1].Valid || pair[0].Valid && math.Abs(pair[0].Value-pair[1].Value) > 1e-10*max(1, math.Abs(pair[1].Value)) {
			t.Errorf("%s of %d organizations is %v, want %v", name, want.Organizations, pair[0], pair[1])
		}
	}
	if got.N != want.N || got.Organizations != want.Organizations || !reflect.DeepEqual(got.Reasons, want.Reasons) || !reflect.DeepEqual(got.Notes, want.Notes) || (got.CI == nil) != (want.CI == nil) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestSumsOfOrganizationsGiveNoOtherInterval(t *testing.T) {
	for _, opt := range []ShareOptions{{PlainN: true}, {Method: LogitTMethod}, {Strata: []int32{0}}, {Conf: 2}} {
		if r, err := ShareOfEqual(EqualShares{}, opt); err == nil {
			t.Errorf("%+v gives %+v, want an error", opt, r)
		}
	}
}
