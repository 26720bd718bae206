package static_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheChartLibraryIsTheOneThatWasBuilt keeps anybody from editing the vendored
// bundle by hand: `make assets` writes it together with its checksums.
func TestTheChartLibraryIsTheOneThatWasBuilt(t *testing.T) {
	sums, err := os.ReadFile("vendor/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for line := range strings.Lines(string(sums)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("SHA256SUMS has the line %q, want a checksum, two spaces and a name", line)
		}
		listed[name] = sum
	}
	files, err := os.ReadDir("vendor")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if file.Name() == "SHA256SUMS" || filepath.Ext(file.Name()) == ".md" {
			continue
		}
		content, err := os.ReadFile(filepath.Join("vendor", file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if got := hex.EncodeToString(sum[:]); got != listed[file.Name()] {
			t.Errorf("vendor/%s has the checksum %s, SHA256SUMS says %q: run make assets", file.Name(), got, listed[file.Name()])
		}
		delete(listed, file.Name())
	}
	for name := range listed {
		t.Errorf("SHA256SUMS lists %s, which is not there", name)
	}
}

func TestTheChartLibraryCarriesTheLicencesOfItsParts(t *testing.T) {
	licence, err := os.ReadFile("vendor/echarts.LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Apache License", "The Apache Software Foundation", "Mike Bostock", "Baidu Inc", "Microsoft Corporation"} {
		if !strings.Contains(string(licence), part) {
			t.Errorf("echarts.LICENSE does not mention %q, whose code is in the bundle", part)
		}
	}
}

func TestTheChartLibraryNeedsNoEvalAndNoOtherHost(t *testing.T) {
	bundles, err := filepath.Glob("vendor/*.min.js")
	if err != nil || len(bundles) != 1 {
		t.Fatalf("found the bundles %v (%v), want exactly one", bundles, err)
	}
	code, err := os.ReadFile(bundles[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, forbidden := range []string{"new Function(", "eval(", "https://cdn", "sourceMappingURL"} {
		if strings.Contains(string(code), forbidden) {
			t.Errorf("%s contains %q, which the content security policy forbids or a third party would see", bundles[0], forbidden)
		}
	}
}
