package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAWaveIsExportedToANewFile(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	folder := t.TempDir()
	for _, format := range []string{"csv", "xlsx"} {
		name := filepath.Join(folder, "autumn."+format)
		args := append([]string{"export", "--wave", "autumn", "--format", format, "--out", name}, place...)
		if got := command(t, nil, args...); got.code != exitOK || !strings.Contains(got.err, "0 responses written to") || got.out != "" {
			t.Fatalf("%s: code %d, %q", format, got.code, got.err)
		}
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", format, info, err)
		}
		if got := command(t, nil, args...); got.code != exitFailure || !strings.Contains(got.err, "is not overwritten") {
			t.Errorf("%s again: code %d, %q", format, got.code, got.err)
		}
	}
	got := must(t, append([]string{"export", "--wave", "autumn", "--values", "codes", "--out", "-"}, place...)...)
	if lines, err := csv.NewReader(strings.NewReader(got)).ReadAll(); err != nil || len(lines) != 1 || lines[0][0] != "response.id" {
		t.Errorf("%v, %v", lines, err)
	}
}

func TestAnExportThatFailsLeavesNoFile(t *testing.T) {
	place := []string{"--data", t.TempDir()}
	prepare(t, place)
	name := filepath.Join(t.TempDir(), "autumn.csv")
	for wants, args := range map[string][]string{
		"no texts in \"tlh\"": {"--wave", "autumn", "--language", "tlh", "--out", name},
		"there is no wave":    {"--wave", "never", "--out", name},
	} {
		got := command(t, nil, append(append([]string{"export"}, args...), place...)...)
		if _, err := os.Stat(name); got.code != exitFailure || !strings.Contains(got.err, wants) || err == nil {
			t.Errorf("code %d, %q, file: %v", got.code, got.err, err)
		}
	}
	if got := command(t, nil, "export", "--wave", "autumn", "--format", "ods", "--out", name); got.code != exitUsage {
		t.Errorf("code %d, %q", got.code, got.err)
	}
}
