package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
)

func TestTheBuiltInQuestionnaireIsDescribed(t *testing.T) {
	var report instrumentReport
	if err := json.Unmarshal([]byte(must(t, "instrument", "show", "builtin", "--json")), &report); err != nil {
		t.Fatal(err)
	}
	if report.Practices != 42 || report.Keys != 12 || len(report.Roles) != 4 || report.Hash != survey.Builtin().Hash() {
		t.Errorf("%+v", report)
	}
	for _, role := range report.Roles {
		if role.Minutes < 5 || role.Minutes > 20 || role.Items < 50 {
			t.Errorf("%+v", role)
		}
	}
	text := must(t, "instrument", "show", "builtin")
	for _, wants := range []string{"42 practices", "Salesperson", "manager_deal_help", "minutes"} {
		if !strings.Contains(text, wants) {
			t.Errorf("the description does not mention %q", wants)
		}
	}
}

func TestThePrintedDocumentIsTheSameInstrument(t *testing.T) {
	path := file(t, "builtin.json", must(t, "instrument", "show", "builtin", "--document"))
	if text := must(t, "instrument", "show", path); !strings.Contains(text, survey.Builtin().Hash()) {
		t.Errorf("%s", text)
	}
	if text := must(t, "instrument", "lint", path, "--criteria", "organizations/1"); !strings.Contains(text, "nothing is wrong") {
		t.Errorf("%s", text)
	}
}

func TestLintNamesLineAndField(t *testing.T) {
	document := must(t, "instrument", "show", "builtin", "--document")
	tests := []struct {
		name   string
		change string
		more   []string
		wants  string
	}{
		{"no JSON", "{", nil, "error"},
		{"an unknown field", strings.Replace(document, `"key":"builtin"`, `"color":1,"key":"builtin"`, 1), nil, "color"},
		{"a key twice", strings.Replace(document, `"key":"deal_plan"`, `"key":"deal_qualification"`, 1), nil, "deal_qualification"},
		{"an unknown scale", strings.Replace(document, `"scale":"agree7"`, `"scale":"agree9"`, 1), nil, "agree9"},
		{"criteria about an item that is gone", strings.Replace(document, `"key":"coaching_time"`, `"key":"coaching_hours"`, 1),
			[]string{"--criteria", "organizations/1"}, "coaching_time"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.change == document {
				t.Fatal("the document was not changed")
			}
			path := file(t, "changed.json", test.change)
			got := command(t, nil, append([]string{"instrument", "lint", path}, test.more...)...)
			if got.code != exitFailure || !strings.Contains(got.out, test.wants) || !strings.Contains(got.out, "changed.json") || strings.Contains(got.out, ": :") {
				t.Errorf("code %d, %s%s", got.code, got.out, got.err)
			}
			var findings []survey.Finding
			twin := command(t, nil, append([]string{"instrument", "lint", path, "--json"}, test.more...)...)
			if err := json.Unmarshal([]byte(twin.out), &findings); err != nil || len(findings) == 0 || twin.code != exitFailure {
				t.Errorf("JSON: code %d, %v, %s", twin.code, err, twin.out)
			}
		})
	}
}

func TestWrongInstrumentArguments(t *testing.T) {
	tests := []struct {
		code int
		args []string
	}{
		{exitUsage, []string{"instrument"}},
		{exitUsage, []string{"instrument", "lint"}},
		{exitUsage, []string{"instrument", "lint", "builtin", "--criteria", "none/1"}},
		{exitFailure, []string{"instrument", "show", "missing.json"}},
		{exitFailure, []string{"instrument", "lint", "missing.json"}},
		{exitFailure, []string{"instrument", "show", "-"}}, // standard input is empty
	}
	for _, test := range tests {
		if got := command(t, nil, test.args...); got.code != test.code || got.err == "" {
			t.Errorf("%v: code %d, %s", test.args, got.code, got.err)
		}
	}
}
