package store_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

func TestASecondServiceOnOneFileIsRefusedAndCommandsAreNot(t *testing.T) {
	config := storetest.SQLite(t)
	serving := config
	serving.Serves = true
	first := must[*store.Store](t)(store.Open(t.Context(), serving))
	_, err := store.Open(t.Context(), serving)
	wantKind(t, err, survey.Conflict)
	if err == nil || !strings.Contains(err.Error(), "another salesbench serves the database file") {
		t.Errorf("the refusal is %v", err)
	}
	command := storetest.Open(t, config)
	must[survey.Study](t)(command.PutStudy(t.Context(), survey.Study{Key: "k", Title: "T"}))
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.Open(t, serving)
}

// lockOf names the variable with which the test program holds a file for another test.
const lockOf = "SALESBENCH_KEEP_LOCK_OF"

func TestTheLockOfAKilledServiceIsGone(t *testing.T) {
	if path := os.Getenv(lockOf); path != "" {
		must[*store.Store](t)(store.Open(t.Context(), store.Config{Path: path, Serves: true, Migrate: true, Logger: quiet}))
		os.Stdout.WriteString("holding\n")
		select {} // until killed
	}
	config := storetest.SQLite(t)
	config.Serves = true
	program := exec.Command(must[string](t)(os.Executable()), "-test.run", "^TestTheLockOfAKilledServiceIsGone$")
	program.Env = append(os.Environ(), lockOf+"="+config.Path)
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	var line [8]byte
	if _, err := out.Read(line[:]); err != nil || string(line[:7]) != "holding" {
		t.Errorf("the other program says %q, %v", line, err)
	}
	_, err = store.Open(t.Context(), config)
	wantKind(t, err, survey.Conflict)
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait() // it was killed, which is an error
	storetest.Open(t, config)
}
