package survey

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestOneSectionIsDecoded(t *testing.T) {
	in := small(t)
	type form = map[string][]string
	for name, c := range map[string]struct {
		section int
		role    string
		form    form
		field   string
		want    Answer
	}{
		"a scale point":                 {1, "seller", form{"helps": {"4"}}, "helps", Answer{State: Valid, Code: 4}},
		"don't know":                    {1, "seller", form{"helps": {"dk"}}, "helps", Answer{State: DontKnow}},
		"not applicable":                {1, "seller", form{"helps": {"na"}}, "helps", Answer{State: NotApplicable}},
		"an optional item left out":     {1, "seller", form{"helps": {"4"}}, "hinders", Answer{State: Skipped}},
		"a choice":                      {0, "", form{"role": {"boss"}}, "role", Answer{State: Valid, Code: 2}},
		"the same answer twice":         {1, "boss", form{"helps": {"4", "4"}}, "helps", Answer{State: Valid, Code: 4}},
		"a decimal point":               {2, "seller", form{"minutes": {"12.5"}}, "minutes", Answer{State: Valid, Number: 12.5}},
		"a decimal comma":               {2, "seller", form{"minutes": {" 12,5 "}}, "minutes", Answer{State: Valid, Number: 12.5}},
		"a percent sign":                {2, "boss", form{"share": {"12,5 %"}, "t_coach": {"100"}}, "share", Answer{State: Valid, Number: 12.5}},
		"an unticked box beside":        {2, "seller", form{"minutes": {"", "dk"}}, "minutes", Answer{State: DontKnow}},
		"a number confirmed as typed":   {2, "seller", form{"minutes": {"1.200,5"}, "confirm_minutes": {"1.200,5"}}, "minutes", Answer{State: Valid, Number: 1200.5}},
		"a confirmed number":            {2, "seller", form{"minutes": {"1 200"}, "confirm_minutes": {"1200"}}, "minutes", Answer{State: Valid, Number: 1200}},
		"an allocation":                 {2, "boss", form{"share": {"0"}, "t_coach": {"33,3"}, "t_rest": {"66,7"}}, "t_rest", Answer{State: Valid, Number: 66.7}},
		"an empty part counts as 0":     {2, "boss", form{"share": {"0"}, "t_coach": {"100"}}, "t_rest", Answer{State: Valid}},
		"don't know about a whole time": {2, "boss", form{"share": {"0"}, "time": {"dk"}}, "t_rest", Answer{State: DontKnow}},
		"a text":                        {3, "seller", form{"why": {" a\r\nb\x00\u0007 "}}, "why", Answer{State: Valid, Text: "a\nb"}},
	} {
		previous := in.NewAnswers()
		previous[1] = Answer{State: Valid, Code: 1} // opens the last section
		answers, problems := in.CheckSection(c.section, c.role, c.form, previous)
		if len(problems) > 0 {
			t.Errorf("%s: problems %+v", name, problems)
		}
		f, _ := in.FieldByKey(c.field)
		if answers[f.Index] != c.want {
			t.Errorf("%s: %+v, want %+v", name, answers[f.Index], c.want)
		}
	}
}

func TestMistakesAreSaidBesideTheField(t *testing.T) {
	in := small(t)
	type form = map[string][]string
	long := strings.Repeat("ü", 21)
	for name, c := range map[string]struct {
		section int
		form    form
		want    Problem
	}{
		"nothing chosen":          {1, form{}, Problem{Field: "helps", Code: ProblemRequired, Message: "Please choose one of the answers; “Don’t know” is an answer too."}},
		"a point off the scale":   {1, form{"helps": {"6"}}, Problem{Field: "helps", Code: ProblemUnknownOption, Message: `“6” is not one of the answers: please choose one of those shown.`}},
		"a point with a zero":     {1, form{"helps": {"05"}}, Problem{Field: "helps", Code: ProblemUnknownOption, Message: `“05” is not one of the answers: please choose one of those shown.`}},
		"two points":              {1, form{"helps": {"1", "2"}}, Problem{Field: "helps", Code: ProblemTwoAnswers, Message: "Two different answers were given: please keep one of them."}},
		"a state not offered":     {1, form{"helps": {"refused"}}, Problem{Field: "helps", Code: ProblemUnknownOption, Message: `“refused” is not one of the answers: please choose one of those shown.`}},
		"a number and a box":      {2, form{"minutes": {"5", "dk"}}, Problem{Field: "minutes", Code: ProblemTwoAnswers, Message: "Two different answers were given: please keep one of them."}},
		"letters":                 {2, form{"minutes": {"five"}}, Problem{Field: "minutes", Code: ProblemNotANumber, Message: `“five” is not a number: please use digits only, for example 12.5.`}},
		"an unusual number":       {2, form{"minutes": {"601"}}, Problem{Field: "minutes", Code: ProblemConfirm, Message: "601 is unusual; most answers are from 0 to 600. Please correct it, or confirm it."}},
		"another one confirmed":   {2, form{"minutes": {"602"}, "confirm_minutes": {"601"}}, Problem{Field: "minutes", Code: ProblemConfirm, Message: "602 is unusual; most answers are from 0 to 600. Please correct it, or confirm it."}},
		"an impossible number":    {2, form{"minutes": {"-1"}, "confirm_minutes": {"-1"}}, Problem{Field: "minutes", Code: ProblemOutOfRange, Message: "-1 is not possible here: please enter a number of 0 or more."}},
		"a share above 100":       {2, form{"share": {"101"}, "confirm_share": {"101"}}, Problem{Field: "share", Code: ProblemOutOfRange, Message: "101 is not possible here: please enter a number from 0 to 100."}},
		"thousands or thousandth": {2, form{"minutes": {"1,000"}}, Problem{Field: "minutes", Code: ProblemAmbiguous, Message: `“1,000” can be read in two ways: please write it without a separator between thousands, or with other decimals.`}},
		"parts below the sum":     {2, form{"t_coach": {"45"}, "t_rest": {"50"}}, Problem{Field: "time", Code: ProblemSum, Message: "This adds up to 95; it must be 100: 5 are missing."}},
		"parts above the sum":     {2, form{"t_coach": {"45.5"}, "t_rest": {"57"}}, Problem{Field: "time", Code: ProblemSum, Message: "This adds up to 102.5; it must be 100: 2.5 are too many."}},
		"a negative part":         {2, form{"t_coach": {"-5"}, "t_rest": {"105"}}, Problem{Field: "t_coach", Code: ProblemOutOfRange, Message: "-5 is not possible here: please enter a number from 0 to 100."}},
		"a part in letters":       {2, form{"t_coach": {"x"}, "t_rest": {"100"}}, Problem{Field: "t_coach", Code: ProblemNotANumber, Message: `“x” is not a number: please use digits only, for example 12.5.`}},
		"a long text":             {3, form{"why": {long}}, Problem{Field: "why", Code: ProblemTooLong, Message: "The answer has 21 characters; at most 20 can be kept: please shorten it by 1."}},
		"an empty text":           {3, form{"why": {" \r\n\x00 "}}, Problem{Field: "why", Code: ProblemRequired, Message: "Please write an answer."}},
	} {
		previous := in.NewAnswers()
		previous[1] = Answer{State: Valid, Code: 1}
		form := map[string][]string{"share": {"50"}}
		for k, v := range c.form {
			form[k] = v
		}
		_, problems := in.CheckSection(c.section, "boss", form, previous)
		if len(problems) == 0 {
			t.Errorf("%s: no problem", name)
			continue
		}
		if got := problems[0]; got.Field != c.want.Field || got.Code != c.want.Code || got.Message != c.want.Message || got.Sentence == "" {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, problems, c.want)
		}
	}
}

func TestNumbersAreReadAsPeopleTypeThem(t *testing.T) {
	zero, hundred := 0.0, 100.0
	for typed, want := range map[string]float64{
		"0": 0, "-0": 0, "007": 7, "+5": 5, "12.": 12, ".5": .5, ",5": .5, "-3,25": -3.25, "\u22123": -3, "\u20133": -3,
		"1 234,5": 1234.5, "1\u202f234,5": 1234.5, "1\u00a0234": 1234, "1'234.50": 1234.5, "1.234,5": 1234.5, "1,234.5": 1234.5,
		"1,234,567": 1234567, "1.234.567": 1234567, "33.333": 33.333, "33,333": 33.333, "0,125": .125, "1234.567": 1234.567,
		"٣٤٫٥": 34.5, "５０": 50, "12 %": 12, "12%": 12,
	} {
		if v, fault := readNumber(typed, &zero, &hundred); fault != numberFine || v != want {
			t.Errorf("%q: %v (fault %d), want %v", typed, v, fault, want)
		}
	}
	for _, typed := range []string{"", "-", "%", ".", "1e5", "0x10", "NaN", "Inf", "1..2", "1.2.3", "1,2.3,4", "12,34,567", "1_000", "--1", "½", "1-2",
		strings.Repeat("9", 40), strings.Repeat("9", 70), "12 percent", "1.23,4.5"} {
		if v, fault := readNumber(typed, &zero, &hundred); fault != numberBad {
			t.Errorf("%q was read as %v (fault %d)", typed, v, fault)
		}
	}
	for _, typed := range []string{"1,000", "1.000", "-2,500"} {
		if v, fault := readNumber(typed, nil, nil); fault != numberAmbiguous {
			t.Errorf("%q was read as %v (fault %d)", typed, v, fault)
		}
	}
}

func TestPathFollowsRoleAndAnswers(t *testing.T) {
	in := small(t)
	keys := func(path []Shown) string {
		var parts []string
		for _, s := range path {
			for _, it := range s.Items {
				parts = append(parts, it.Key)
			}
		}
		return strings.Join(parts, " ")
	}
	low := in.NewAnswers()
	low[1] = Answer{State: Valid, Code: 2}
	unsure := in.NewAnswers()
	unsure[1] = Answer{State: DontKnow}
	for _, c := range []struct {
		role    string
		answers Answers
		want    string
	}{
		{"", nil, "role"},
		{"nobody", low, "role"},
		{"seller", nil, "role helps hinders minutes"},
		{"boss", nil, "role helps hinders minutes share time"},
		{"guest", low, "role helps hinders minutes share time why"},
		{"seller", low, "role helps hinders minutes why"},
		{"seller", unsure, "role helps hinders minutes"},
	} {
		if got := keys(in.Path(c.role, c.answers)); got != c.want {
			t.Errorf("%s: %s, want %s", c.role, got, c.want)
		}
	}
	helps := in.ItemByKey("helps")
	if text, ok := in.ItemText(helps, "guest"); !ok || text["en"] != "I help." {
		t.Errorf("a guest reads %v", text)
	}
}

func TestConditionsAreEvaluated(t *testing.T) {
	in := small(t)
	answers := in.Normalize("boss", in.NewAnswers())
	for key, a := range map[string]Answer{
		"helps": {State: Valid, Code: 4}, "hinders": {State: Skipped}, "minutes": {State: DontKnow},
		"share": {State: Valid, Number: 12.5}, "t_coach": {State: Valid, Number: 30}, "t_rest": {State: Valid, Number: 70},
	} {
		f, _ := in.FieldByKey(key)
		answers[f.Index] = a
	}
	for condition, want := range map[string]bool{
		`{"item": "helps", "in": ["3", "4"]}`:                                                                  true,
		`{"item": "helps", "in": ["3"]}`:                                                                       false,
		`{"item": "helps", "at_least": 4}`:                                                                     true,
		`{"item": "helps", "at_least": 4.5}`:                                                                   false,
		`{"item": "helps", "at_least": 2, "at_most": 3}`:                                                       false,
		`{"item": "role", "in": ["boss"]}`:                                                                     true,
		`{"item": "role", "in": ["seller"]}`:                                                                   false,
		`{"item": "minutes", "in": ["dk"]}`:                                                                    true,
		`{"item": "minutes", "at_most": 600}`:                                                                  false,
		`{"item": "minutes", "answered": true}`:                                                                false,
		`{"item": "minutes", "answered": false}`:                                                               true,
		`{"item": "hinders", "at_least": 1}`:                                                                   false,
		`{"item": "hinders", "in": ["1", "2", "3", "4", "5"]}`:                                                 false,
		`{"item": "hinders", "answered": false}`:                                                               true,
		`{"item": "share", "at_least": 12.5}`:                                                                  true,
		`{"item": "t_coach", "at_most": 29.9}`:                                                                 false,
		`{"item": "why", "answered": true}`:                                                                    false,
		`{"item": "nothing", "answered": false}`:                                                               false,
		`{"not": {"item": "helps", "in": ["4"]}}`:                                                              false,
		`{"not": {"item": "hinders", "at_least": 1}}`:                                                          true,
		`{"all": [{"item": "helps", "in": ["4"]}, {"item": "share", "at_most": 13}]}`:                          true,
		`{"all": [{"item": "helps", "in": ["4"]}, {"item": "share", "at_most": 12}]}`:                          false,
		`{"any": [{"item": "helps", "in": ["5"]}, {"item": "share", "at_most": 13}]}`:                          true,
		`{"any": [{"item": "helps", "in": ["5"]}, {"item": "share", "at_most": 12}]}`:                          false,
		`{"any": [{"all": [{"not": {"item": "role", "in": ["seller"]}}]}, {"item": "why", "answered": true}]}`: true,
	} {
		var c Condition
		if err := DecodeDocument([]byte(condition), &c); err != nil {
			t.Fatal(err)
		}
		if got := c.holds(in.compiled(), answers); got != want {
			t.Errorf("%s is %v, want %v", condition, got, want)
		}
	}
}

func TestAnAnswerHiddenEarlierCountsAsNotGiven(t *testing.T) {
	chain := strings.Replace(smallInstrument, `"hard_min": 0, "ask_again": true,`, `"show_if": {"item": "helps", "in": ["1"]},`, 1)
	chain = strings.Replace(chain, `"show_if": {"item": "helps", "at_most": 2}`, `"show_if": {"item": "minutes", "at_least": 10}`, 1)
	in, err := ParseInstrument([]byte(chain))
	if err != nil {
		t.Fatal(err)
	}
	answers := in.NewAnswers()
	for key, a := range map[string]Answer{"helps": {State: Valid, Code: 1}, "minutes": {State: Valid, Number: 20}, "why": {State: Valid, Text: "x"}} {
		f, _ := in.FieldByKey(key)
		answers[f.Index] = a
	}
	why, _ := in.FieldByKey("why")
	if got := in.Normalize("seller", answers)[why.Index]; got.Text != "x" {
		t.Errorf("with the first answer: %+v", got)
	}
	helps, _ := in.FieldByKey("helps")
	answers[helps.Index].Code = 5
	if got := in.Normalize("seller", answers); got[why.Index] != (Answer{}) || len(in.Path("seller", answers)) != 2 {
		t.Errorf("the chain does not fall: %+v, %+v", got[why.Index], in.Path("seller", answers))
	}
}

func TestHiddenAnswersStayInTheDraftButAreNotSubmitted(t *testing.T) {
	in := small(t)
	form := func(helps string) map[string][]string { return map[string][]string{"helps": {helps}} }
	answers, _ := in.CheckSection(1, "seller", form("1"), in.NewAnswers())
	answers, problems := in.CheckSection(3, "seller", map[string][]string{"why": {"because"}}, answers)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	answers, _ = in.CheckSection(1, "seller", form("5"), answers)
	why, _ := in.FieldByKey("why")
	if answers[why.Index].Text != "because" {
		t.Error("the draft lost the answer")
	}
	final := in.Normalize("seller", answers)
	if final[why.Index] != (Answer{}) {
		t.Errorf("submitted: %+v, want not shown", final[why.Index])
	}
	for i, a := range in.Normalize("", answers)[1:] {
		if a != (Answer{}) {
			t.Errorf("without a role %s is submitted as %+v", in.Fields()[i+1].Key, a)
		}
	}
	if minutes, _ := in.FieldByKey("minutes"); final[minutes.Index].State != Skipped {
		t.Errorf("an optional item that nobody answered is %s, want skipped", final[minutes.Index].State)
	}
	if role := final[0]; role != (Answer{State: Valid, Code: 1}) {
		t.Errorf("the role is %+v", role)
	}
	answers, _ = in.CheckSection(1, "seller", form("1"), answers)
	if in.Normalize("seller", answers)[why.Index].Text != "because" {
		t.Error("going back does not bring the answer back")
	}
}

func TestCheckAllFindsWhatIsMissingOrImpossible(t *testing.T) {
	in := small(t)
	complete := in.Normalize("boss", in.NewAnswers())
	set := func(key string, a Answer) {
		f, _ := in.FieldByKey(key)
		complete[f.Index] = a
	}
	set("helps", Answer{State: Valid, Code: 5})
	set("share", Answer{State: Valid, Number: 10})
	if problems := in.CheckAll("boss", complete); len(problems) > 0 {
		t.Fatalf("complete answers: %+v", problems)
	}
	for name, c := range map[string]struct {
		key    string
		answer Answer
		code   string
	}{
		"required and skipped":    {"helps", Answer{State: Skipped}, ProblemRequired},
		"required and not shown":  {"helps", Answer{}, ProblemRequired},
		"a state not offered":     {"helps", Answer{State: Refused}, ProblemUnknownOption},
		"a code beyond":           {"helps", Answer{State: Valid, Code: 6}, ProblemUnknownOption},
		"code 0":                  {"hinders", Answer{State: Valid}, ProblemUnknownOption},
		"a share above 100":       {"share", Answer{State: Valid, Number: 101}, ProblemOutOfRange},
		"no number":               {"minutes", Answer{State: Valid, Number: math.NaN()}, ProblemOutOfRange},
		"half a missing time":     {"t_coach", Answer{State: NotApplicable}, ProblemSum},
		"half an allocation":      {"t_coach", Answer{State: Valid, Number: 100}, ProblemSum},
		"another role":            {"role", Answer{State: Valid, Code: 1}, ProblemRole},
		"a text that is required": {"helps", Answer{State: Valid, Code: 1}, ProblemRequired},
	} {
		broken := append(Answers(nil), complete...)
		f, _ := in.FieldByKey(c.key)
		broken[f.Index] = c.answer
		problems := in.CheckAll("boss", broken)
		if len(problems) != 1 || problems[0].Code != c.code {
			t.Errorf("%s: %+v, want %s", name, problems, c.code)
		}
	}
	for sum, want := range map[float64]int{100: 0, 60: 1, 140: 1} {
		shares := append(Answers(nil), complete...)
		shares[5], shares[6] = Answer{State: Valid, Number: 40}, Answer{State: Valid, Number: sum - 40}
		if problems := in.CheckAll("boss", shares); len(problems) != want {
			t.Errorf("shares of %v: %+v", sum, problems)
		}
	}
	negative := append(Answers(nil), complete...)
	negative[5], negative[6] = Answer{State: Valid, Number: -10}, Answer{State: Valid, Number: 110}
	if problems := in.CheckAll("boss", negative); len(problems) != 1 || problems[0].Code != ProblemOutOfRange || problems[0].Field != "t_coach" {
		t.Errorf("a negative share: %+v", problems)
	}
	if problems := in.CheckAll("boss", complete[:3]); len(problems) != 1 || problems[0].Code != ProblemLength {
		t.Errorf("answers of another length: %+v", problems)
	}
	if problems := in.CheckAll("", complete); len(problems) != 1 || problems[0].Field != "role" {
		t.Errorf("no role: %+v", problems)
	}
}

func TestNoPageIsCheckedBeforeTheRoleIsKnown(t *testing.T) {
	in := small(t)
	answers, problems := in.CheckSection(1, "", map[string][]string{"helps": {"4"}}, in.NewAnswers())
	if len(problems) != 1 || problems[0].Field != "role" || !reflect.DeepEqual(answers, in.NewAnswers()) {
		t.Errorf("%+v, %+v", problems, answers)
	}
	if answers, problems := in.CheckSection(7, "seller", nil, nil); len(problems) != 0 || len(answers) != len(in.Fields()) {
		t.Errorf("a page that does not exist: %+v, %+v", problems, answers)
	}
}

func TestQuestionOpenedOnTheSamePageIsAskedBeforeGoingOn(t *testing.T) {
	document := strings.Replace(smallInstrument, `"reverse": true,`, `"reverse": true, "show_if": {"item": "helps", "in": ["1"]},`, 1)
	in, err := ParseInstrument([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	form := map[string][]string{"helps": {"1"}}
	answers, problems := in.CheckSection(1, "seller", form, in.NewAnswers())
	if len(problems) != 1 || problems[0].Code != ProblemNewQuestion || problems[0].Field != "hinders" {
		t.Fatalf("first time: %+v", problems)
	}
	if _, problems = in.CheckSection(1, "seller", form, answers); len(problems) != 0 {
		t.Errorf("second time, looked at and left out: %+v", problems)
	}
}

func TestFormValuesFillInWhatWasAnswered(t *testing.T) {
	for _, in := range []*Instrument{small(t), Builtin()} {
		rapid.Check(t, func(t *rapid.T) {
			role := in.Roles[rapid.IntRange(0, len(in.Roles)-1).Draw(t, "role")].Key
			answers := in.Normalize(role, drawHonest(t, in))
			if problems := in.CheckAll(role, answers); len(problems) > 0 {
				t.Fatalf("not honest: %+v", problems)
			}
			again := in.NewAnswers()
			for s := range in.Sections {
				var problems []Problem
				if again, problems = in.CheckSection(s, role, in.FormValues(s, role, answers), again); len(problems) > 0 {
					t.Fatalf("section %d: %+v", s, problems)
				}
			}
			if again = in.Normalize(role, again); !reflect.DeepEqual(again, answers) {
				t.Fatalf("%+v\ncame back as\n%+v", answers, again)
			}
		})
	}
}

// drawHonest draws complete answers that a form could give.
func drawHonest(t *rapid.T, in *Instrument) Answers {
	answers := in.NewAnswers()
	for _, s := range in.Sections {
		for i := range s.Items {
			item := &s.Items[i]
			fields := in.ItemFields(item)
			a := &answers[fields[0].Index]
			*a = Answer{State: Valid}
			switch {
			case len(item.Missing) > 0 && rapid.Bool().Draw(t, "missing"):
				for _, f := range fields {
					answers[f.Index] = Answer{State: item.Missing[0]}
				}
			case item.Kind == Allocation:
				for _, f := range fields {
					answers[f.Index] = Answer{State: Valid}
				}
				first := rapid.IntRange(0, 100).Draw(t, "share")
				answers[fields[0].Index].Number = float64(first)
				answers[fields[1].Index].Number = float64(100 - first)
			case item.Kind == Number:
				a.Number = float64(rapid.IntRange(0, 20000).Draw(t, "number")) / 100
				if !item.accepts(a.Number) {
					a.Number = *item.Max
				}
			case item.Kind == LongText:
				a.Text = cleanText(rapid.StringN(0, 19, -1).Draw(t, "text"))
				if a.Text == "" || stateCodes[a.Text] != 0 {
					a.Text = "x"
				}
			default:
				a.Code = rapid.IntRange(1, fields[0].Points).Draw(t, "code")
			}
		}
	}
	if in.RoleItem != "" {
		f, _ := in.FieldByKey(in.RoleItem)
		answers[f.Index] = Answer{}
	}
	return answers
}

func FuzzCheckSection(f *testing.F) {
	in := small(f)
	f.Add(1, "seller", "helps", "4", "1200")
	f.Add(2, "boss", "minutes", "1,5 %", "dk")
	f.Add(2, "boss", "t_coach", "\u0661", "-1")
	f.Add(3, "guest", "why", "\x00\r\n\xff", "x")
	f.Fuzz(func(t *testing.T, section int, role, key, first, second string) {
		form := map[string][]string{key: {first, second}, "confirm_" + key: {first}, "helps": {second}}
		answers, problems := in.CheckSection(section, role, form, in.NewAnswers())
		if len(answers) != len(in.Fields()) {
			t.Fatal("answers of another length")
		}
		for _, p := range problems {
			if p.Field == "" || p.Code == "" || !utf8.ValidString(p.Message) || len(p.Message) > 400 {
				t.Fatalf("problem %+v", p)
			}
		}
		if _, err := Pack(in, answers); err != nil {
			t.Fatalf("checked answers can not be kept: %v", err)
		}
		again, _ := in.CheckSection(section, role, in.FormValues(section, role, answers), answers)
		if !reflect.DeepEqual(in.Normalize(role, again), in.Normalize(role, answers)) {
			t.Fatalf("%+v came back as %+v", answers, again)
		}
	})
}
