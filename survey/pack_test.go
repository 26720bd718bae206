package survey

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawAnswers draws any answers that fit the instrument, honest or not.
func drawAnswers(t *rapid.T, in *Instrument) Answers {
	answers := in.NewAnswers()
	for i, f := range in.Fields() {
		state := State(rapid.IntRange(0, int(Valid)).Draw(t, "state"))
		answers[i].State = state
		if state != Valid {
			continue
		}
		switch {
		case f.Closed():
			answers[i].Code = rapid.IntRange(1, f.Points).Draw(t, "code")
		case f.Kind == LongText:
			answers[i].Text = rapid.String().Draw(t, "text")
		default:
			answers[i].Number = rapid.Float64().Draw(t, "number")
		}
	}
	return answers
}

func TestPackedAnswersComeBackUnchanged(t *testing.T) {
	for _, in := range []*Instrument{small(t), Builtin(), wide(t)} {
		rapid.Check(t, func(t *rapid.T) {
			want := drawAnswers(t, in)
			packed, err := Pack(in, want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Unpack(in, packed)
			if err != nil {
				t.Fatalf("%+v: %v", packed, err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v came back as %+v", want, got)
			}
		})
	}
}

// wide is an instrument with as many options as an item can have.
func wide(t testing.TB) *Instrument {
	t.Helper()
	in := small(t)
	other := &Instrument{Key: "wide", Version: 1, Languages: []string{"en"}, Title: in.Title}
	item := Item{Key: "many", Kind: SingleChoice, Label: in.Title, Texts: map[string]Text{"*": in.Title}}
	for i := range maxOptions {
		item.Options = append(item.Options, Option{Code: fmt.Sprintf("o%d", i), Label: in.Title})
	}
	other.Sections = []Section{{Key: "s", Title: in.Title, Items: []Item{item}}}
	return other
}

func TestPackedFormIsReadable(t *testing.T) {
	in := small(t)
	answers := in.NewAnswers()
	set := func(key string, a Answer) {
		f, _ := in.FieldByKey(key)
		answers[f.Index] = a
	}
	set("role", Answer{State: Valid, Code: 2})
	set("helps", Answer{State: DontKnow})
	set("hinders", Answer{State: Valid, Code: 5})
	set("minutes", Answer{State: Skipped})
	set("share", Answer{State: Valid, Number: 12.5})
	set("t_coach", Answer{State: Refused})
	set("t_rest", Answer{State: NotApplicable})
	set("why", Answer{State: Valid, Text: "a \"b\"\n</script>"})
	got, err := Pack(in, answers)
	if err != nil {
		t.Fatal(err)
	}
	want := Packed{Closed: "2*5", Numbers: `["-",12.5,"!","/"]`, Texts: `{"why":"a \"b\"\n\u003c/script\u003e"}`}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	back, err := Unpack(in, Packed{Closed: "2*5", Numbers: ` [ "-" , 12.50, "!", "/" ] `, Texts: `{"why": ["-"]}`})
	if err != nil {
		t.Fatal(err)
	}
	if back[4].Number != 12.5 || back[7].State != Skipped {
		t.Errorf("reformatted by a database: %+v", back)
	}
}

// packedBefore writes numbers and texts by encoding/json and strconv alone, as
// rows and digests are there already.
func packedBefore(t *rapid.T, in *Instrument, answers Answers) (numbers, texts string) {
	elements, members := []string{}, map[string]any{}
	for i, f := range in.Fields() {
		a := answers[i]
		switch {
		case f.Kind == LongText && a.State == Valid:
			members[f.Key] = a.Text
		case f.Kind == LongText && a.State > NotShown:
			members[f.Key] = []string{string(a.State.Mark())}
		case f.Closed() || f.Kind == LongText:
		case a.State == Valid:
			elements = append(elements, strconv.FormatFloat(a.Number, 'g', -1, 64))
		default:
			elements = append(elements, strconv.Quote(string(a.State.Mark())))
		}
	}
	document, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return "[" + strings.Join(elements, ",") + "]", string(document)
}

// manyTexts has open questions whose keys are not in the order of the alphabet.
func manyTexts(t testing.TB) *Instrument {
	t.Helper()
	title := small(t).Title
	in := &Instrument{Key: "texts", Version: 1, Languages: []string{"en"}, Title: title}
	section := Section{Key: "s", Title: title}
	for _, key := range []string{"why", "a", "zz", "z", "how", "a_b", "a1", "price"} {
		kind := LongText
		if key == "price" {
			kind = Number
		}
		section.Items = append(section.Items, Item{Key: key, Kind: kind, Label: title, Texts: map[string]Text{"*": title}})
	}
	in.Sections = []Section{section}
	return in
}

func TestThePackedFormIsThatOfEncodingJSONByteForByte(t *testing.T) {
	for _, in := range []*Instrument{small(t), Builtin(), manyTexts(t)} {
		rapid.Check(t, func(t *rapid.T) {
			answers := drawAnswers(t, in)
			for i, f := range in.Fields() {
				switch {
				case answers[i].State != Valid:
				case f.Kind == LongText && rapid.Bool().Draw(t, "odd"):
					answers[i].Text = rapid.StringMatching("[ -~\\x00-\\x1f\\x7f\u2027-\u202a\u2068\u20a8\u3028\u00e9\U0001f600]{0,12}").Draw(t, "text")
				case f.Kind == Number && rapid.Bool().Draw(t, "whole"):
					answers[i].Number = float64(rapid.IntRange(-10, 30_000_000).Draw(t, "number"))
				}
			}
			packed, err := Pack(in, answers)
			numbers, texts := packedBefore(t, in, answers)
			if err != nil || packed.Numbers != numbers || packed.Texts != texts {
				t.Fatalf("%v\n got %s %s\nwant %s %s", err, packed.Numbers, packed.Texts, numbers, texts)
			}
		})
	}
}

func TestNumbersArePackedInTheirShortestForm(t *testing.T) {
	for _, v := range []float64{0, math.Copysign(0, -1), 1, 9, 10, 999_999, 1_000_000, 1_000_001, 20_999_999, 21_000_000, 1e20, 1e21, 1e22, 0.5, -1, -20, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		if got, want := string(appendNumber(nil, v)), strconv.FormatFloat(v, 'g', -1, 64); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}

func TestStatesHaveDistinctMarksBelowTheDigits(t *testing.T) {
	seen := map[byte]bool{}
	for s := NotShown; s < Valid; s++ {
		mark := s.Mark()
		if seen[mark] || mark >= '0' || mark <= ' ' {
			t.Errorf("%s has mark %q", s, mark)
		}
		seen[mark] = true
		if back, ok := stateOfMark(mark); !ok || back != s {
			t.Errorf("%q means %s, want %s", mark, back, s)
		}
	}
}

func TestAnswersThatDoNotFitAreNotPacked(t *testing.T) {
	in := small(t)
	for name, c := range map[string]struct {
		key    string
		answer Answer
	}{
		"code 0":              {"helps", Answer{State: Valid}},
		"a code beyond":       {"helps", Answer{State: Valid, Code: 6}},
		"no number":           {"minutes", Answer{State: Valid, Number: math.NaN()}},
		"infinity":            {"t_rest", Answer{State: Valid, Number: math.Inf(-1)}},
		"broken UTF-8":        {"why", Answer{State: Valid, Text: "\xff"}},
		"no state of answers": {"role", Answer{State: 77, Code: 1}},
		"no state of numbers": {"share", Answer{State: 77}},
		"no state of texts":   {"why", Answer{State: 77}},
	} {
		answers := in.NewAnswers()
		f, _ := in.FieldByKey(c.key)
		answers[f.Index] = c.answer
		if packed, err := Pack(in, answers); KindOf(err) != Invalid {
			t.Errorf("%s was packed as %+v (error %v)", name, packed, err)
		}
	}
	if _, err := Pack(in, in.NewAnswers()[1:]); KindOf(err) != Invalid {
		t.Errorf("answers of another length: %v", err)
	}
}

func TestWhatDoesNotFitTheInstrumentIsNotUnpacked(t *testing.T) {
	in := small(t)
	good := Packed{Closed: "1.5", Numbers: `[1,".",50,50]`, Texts: `{}`}
	if _, err := Unpack(in, good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Packed){
		"too few closed":        func(p *Packed) { p.Closed = "1." },
		"too many closed":       func(p *Packed) { p.Closed = "1.55" },
		"a code beyond":         func(p *Packed) { p.Closed = "1.6" },
		"the digit 0":           func(p *Packed) { p.Closed = "1.0" },
		"an unknown mark":       func(p *Packed) { p.Closed = "1.+" },
		"broken UTF-8":          func(p *Packed) { p.Closed = "1.\xff" },
		"too few numbers":       func(p *Packed) { p.Numbers = `[1,".",50]` },
		"too many numbers":      func(p *Packed) { p.Numbers = `[1,".",50,50,1]` },
		"numbers cut off":       func(p *Packed) { p.Numbers = `[1,".",50,50` },
		"no number":             func(p *Packed) { p.Numbers = `[1,".",NaN,50]` },
		"no list":               func(p *Packed) { p.Numbers = `1,".",50,50` },
		"an unknown state":      func(p *Packed) { p.Numbers = `[1,"?",50,50]` },
		"an unknown text":       func(p *Packed) { p.Texts = `{"what":"x"}` },
		"a number as text":      func(p *Packed) { p.Texts = `{"why":7}` },
		"null as text":          func(p *Packed) { p.Texts = `{"why":null}` },
		"a text for a choice":   func(p *Packed) { p.Texts = `{"role":"boss"}` },
		"texts that are a list": func(p *Packed) { p.Texts = `["x"]` },
	} {
		p := good
		change(&p)
		if answers, err := Unpack(in, p); KindOf(err) != Invalid {
			t.Errorf("%s: unpacked as %+v (error %v)", name, answers, err)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	in := small(f)
	f.Add("1.5", `[1,".",50,50]`, `{"why":"x"}`)
	f.Add("***", `["-","-","-","-"]`, `{"why":["!"]}`)
	f.Fuzz(func(t *testing.T, closed, numbers, texts string) {
		answers, err := Unpack(in, Packed{Closed: closed, Numbers: numbers, Texts: texts})
		if err != nil {
			return
		}
		packed, err := Pack(in, answers)
		if err != nil {
			t.Fatalf("%+v can not be packed again: %v", answers, err)
		}
		back, err := Unpack(in, packed)
		if err != nil || !reflect.DeepEqual(back, answers) {
			t.Fatalf("%+v came back as %+v (%v)", answers, back, err)
		}
	})
}

func BenchmarkUnpackClosedAndNumbers(b *testing.B) {
	in := Builtin()
	answers := in.NewAnswers()
	for i, f := range in.Fields() {
		answers[i] = Answer{State: Valid, Code: min(1, f.Points), Number: 14.25}
	}
	packed, err := Pack(in, answers)
	if err != nil {
		b.Fatal(err)
	}
	codes := make([]int16, len(in.ClosedFields()))
	values := make([]float64, len(in.NumberFields()))
	states := make([]State, len(in.NumberFields()))
	b.ReportAllocs()
	b.SetBytes(int64(len(packed.Closed) + len(packed.Numbers)))
	for b.Loop() {
		if in.UnpackClosed(codes, packed.Closed) != nil || in.UnpackNumbers(values, states, packed.Numbers) != nil {
			b.Fatal(strings.Clone(packed.Closed))
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	in := Builtin()
	answers := in.NewAnswers()
	for i, f := range in.Fields() {
		answers[i] = Answer{State: Valid, Code: min(1, f.Points), Number: 14.25}
		if f.Kind == LongText {
			answers[i] = Answer{State: Skipped}
		}
	}
	packed, err := Pack(in, answers)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Unpack(in, packed); err != nil {
			b.Fatal(err)
		}
	}
}
