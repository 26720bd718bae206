package mailtest

import (
	"bufio"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/salesbench/salesbench/survey/mail"
)

// Silences are the steps at which a Silent server stops answering; "end" is after
// the last byte of a message.
var Silences = []string{"greeting", "EHLO", "MAIL", "RCPT", "DATA", "end"}

// Silent starts a server that takes connections, speaks until the step and then
// says nothing more, but keeps the connection.
func Silent(t testing.TB, step string) mail.SMTP {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			go speak(conn, step)
		}
	}()
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	n, _ := strconv.Atoi(port)
	return mail.SMTP{Host: host, Port: n, Security: mail.NoTLS}
}

// speak answers until the step. Whoever does not read an answer has gone.
func speak(conn net.Conn, step string) {
	say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
	lines := bufio.NewScanner(conn)
	if step == "greeting" {
		return
	}
	say("220 silent")
	for body := false; lines.Scan(); {
		line := lines.Text()
		verb := strings.ToUpper(strings.SplitN(strings.SplitN(line, " ", 2)[0], ":", 2)[0])
		switch {
		case body && line != ".":
			continue
		case body:
			verb, body = "end", false
		}
		if verb == step || verb == "HELO" && step == "EHLO" {
			return
		}
		if verb == "DATA" {
			body = true
			say("354 go on")
			continue
		}
		say("250 fine")
	}
}
