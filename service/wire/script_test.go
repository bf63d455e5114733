package wire_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// script is what a Socket.IO client does. Its steps, of which one opens the connection
// before the first:
//
//	connect            enters the default namespace and takes the answer
//	session            requests a new session and takes its confirmation: $SESSION
//	send PACKET        sends a packet of Socket.IO
//	raw PACKET         sends a packet of Engine.IO
//	binary BASE64      sends bytes
//	say JSON           sends user_uttered with an object, to which session_id is added
//	get N              takes N packets
//	until TEXT         takes packets to one that holds the text
//	sync               says the barrier and takes what comes before its answer
//	upgrade            goes from polling to a WebSocket
//	drop               ends the connection without a word
//	leave              says that it ends the connection, and waits until Manyvox has understood
//	open               opens another one
//	hold, release      makes the actions of the session wait, and lets them go on
//	settle             waits until Rasa has answered the session
//
// A script that does not drop its connection ends with sync. Each waiting ends also when
// the server ends the connection.
type script struct {
	Name string `yaml:"name"`
	// Transport is polling, websocket, or both, the default, which makes two cases of it.
	Transport string   `yaml:"transport"`
	Steps     []string `yaml:"steps"`
}

const (
	polling   = "polling"
	webSocket = "websocket"
)

// bothTransports makes the cases of a file, whose names say how they connect.
func bothTransports(list []script) (all []script) {
	for _, s := range list {
		for _, transport := range []string{polling, webSocket} {
			if s.Transport == "" || s.Transport == transport {
				all = append(all, script{Name: s.Name + ", " + transport, Transport: transport, Steps: s.Steps})
			}
		}
	}
	return all
}

// atOnce is how many scripts run at once. Rasa looks once a second whether a message that
// waits for its turn may go on, so that most of a script is waiting.
const atOnce = 16

// compareScripts compares what the servers send in each script.
func (p *pair) compareScripts(t *testing.T, r *results, list []script) {
	var all sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for _, s := range list {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			r.add(p, "socketio/"+s.Name, func(server *server, sender string) answer {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				run := &scriptRun{t: t, ctx: ctx, pair: p, name: server.name + ": " + s.Name, transport: s.Transport, server: server, sender: sender}
				return run.play(s.Steps)
			})
		})
	}
	all.Wait()
}

// scriptRun is a script while it runs on a server.
type scriptRun struct {
	t         *testing.T
	ctx       context.Context
	pair      *pair
	name      string
	transport string
	server    *server
	sender    string   // of no other case
	session   string   // the id that was confirmed last
	sessions  []string // all that were
	release   func()   // lets the actions of the session go on
	socket    *socket
	packets   []string // that came
}

// play runs the steps and returns what came.
func (s *scriptRun) play(steps []string) answer {
	s.open()
	dropped := false
	for _, step := range steps {
		verb, argument, _ := strings.Cut(step, " ")
		s.step(verb, s.fill(argument))
		dropped = verb == "drop" || verb == "leave"
	}
	a := answer{}
	if !dropped {
		s.sync()
		a[end] = "it stays open"
		if s.socket.isClosed() {
			a[end] = "it ends"
		}
	}
	s.socket.close()
	for _, packet := range s.packets {
		if strings.HasPrefix(packet, "0") {
			a[opening] = s.normal(packet)
			continue
		}
		a[packets] += s.normal(packet) + "\n"
	}
	if s.session != "" {
		recorded, _ := s.pair.tracked(s.ctx, s.t, s.conversation(), 0)
		a[tracker] = s.normal(strings.Join(recorded, "\n"))
	}
	return a
}

func (s *scriptRun) step(verb, argument string) {
	switch verb {
	case "connect":
		s.socket.send("40")
		s.get(1)
	case "session":
		s.socket.send(`42["session_request",{}]`)
		s.get(1)
	case "send":
		s.socket.send("4" + argument)
	case "raw":
		s.socket.send(argument)
	case "binary":
		s.socket.sendBinary(argument)
	case "say":
		s.say(argument)
	case "get":
		n, err := strconv.Atoi(argument)
		if err != nil {
			s.t.Errorf("%s: get %q", s.name, argument)
		}
		s.get(n)
	case "until":
		s.until(argument)
	case "sync":
		s.sync()
	case "upgrade":
		s.socket.upgrade()
	case "drop":
		s.socket.close()
	case "leave":
		s.leave()
	case "hold":
		s.release = s.pair.actions.Hold(s.conversation())
	case "release":
		s.release()
	case "settle":
		s.pair.pass(s.ctx, s.t, &s.pair.rasa, "rest", s.conversation())
	case "open":
		s.open()
	default:
		s.t.Errorf("%s: there is no step %q", s.name, verb)
	}
}

func (s *scriptRun) open() {
	s.socket = openSocket(s.ctx, s.t, s.name, s.server.url, s.transport)
	s.get(1)
}

// say sends a user's message of the session.
func (s *scriptRun) say(object string) {
	object = strings.TrimSuffix(strings.TrimSpace(object), "}")
	s.socket.send(`42["user_uttered",` + object + `,"session_id":` + marshal(s.session) + `}]`)
}

// get takes n packets.
func (s *scriptRun) get(n int) {
	for range n {
		packet, ok := s.socket.next()
		if !ok {
			return
		}
		s.take(packet)
	}
}

var confirmed = regexp.MustCompile(`^42\["session_confirm","([^"]*)"\]$`)

// take keeps a packet. A session that it confirms is the one in use.
func (s *scriptRun) take(packet string) {
	s.packets = append(s.packets, packet)
	if m := confirmed.FindStringSubmatch(packet); m != nil {
		s.session = m[1]
		if !slices.Contains(s.sessions, m[1]) {
			s.sessions = append(s.sessions, m[1])
		}
	}
}

// conversation returns the sender that Rasa knows the session by.
func (s *scriptRun) conversation() string {
	if s.server == &s.pair.rasa {
		return s.session
	}
	id, _, _ := strings.Cut(s.session, ".") // the rest is the signature
	return id
}

// leave ends the connection. Rasa may leave a WebSocket open, which nobody reads then.
func (s *scriptRun) leave() {
	s.socket.send("1")
	for ok := s.server != &s.pair.rasa; ok; {
		_, ok = s.socket.next()
	}
	s.socket.close()
}

// sync says the barrier, in a session, and takes what comes before its answer.
func (s *scriptRun) sync() {
	if s.session == "" {
		s.step("session", "")
	}
	s.say(`{"message":"` + barrier + `"}`)
	if s.until(barrierAnswer) {
		s.packets = s.packets[:len(s.packets)-1]
	}
}

// until takes packets to one that holds a text. It reports false when none came.
func (s *scriptRun) until(text string) bool {
	for {
		packet, ok := s.socket.next()
		if !ok {
			return false
		}
		s.take(packet)
		if strings.Contains(packet, text) {
			return true
		}
	}
}

// fill puts the sender and the session into what is sent.
func (s *scriptRun) fill(text string) string {
	return strings.NewReplacer("$SENDER", s.sender, "$SESSION", s.session).Replace(text)
}

var socketID = regexp.MustCompile(`"sid":"[^"]*"`)

// normal takes out of what came what is never the same.
func (s *scriptRun) normal(text string) string {
	text = strings.ReplaceAll(text, s.sender, "$SENDER")
	for i, id := range s.sessions {
		if id != "" && id != s.sender {
			text = strings.ReplaceAll(text, id, fmt.Sprintf("$SESSION%d", i+1))
		}
	}
	lines := strings.Split(socketID.ReplaceAllString(text, `"sid":"$$SID"`), "\n")
	for i, line := range lines {
		if at := strings.IndexAny(line, "{["); at >= 0 {
			lines[i] = line[:at] + canonical(line[at:])
		}
	}
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
}
