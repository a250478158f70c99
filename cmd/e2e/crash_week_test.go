package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// send sends a week's statements; those that a kill left unanswered are sent
// again.
func (s *victim) send(statements [][]byte, arms []arm) {
	s.t.Helper()
	arms = of(arms, sending)
	sent := make(chan error, 1)
	go func() {
		ctx := s.t.Context()
		err := s.sender.Send(ctx, statements...)
		if err == nil {
			err = s.sender.Flush(ctx)
		}
		sent <- err
	}()
	for {
		if len(arms) > 0 {
			s.arm(arms[0])
			arms = arms[1:]
		}
		select {
		case err := <-sent:
			if err != nil {
				s.t.Fatal(err)
			}
			s.disarm()
			s.acknowledged = s.sender.Counts().Acknowledged
			return
		case <-s.dead:
			s.revive()
		}
	}
}

// close closes a week and returns when its releases are loaded and every kill
// that could be reached was done.
func (s *victim) close(week int, arms []arm) {
	s.t.Helper()
	s.last = arm{}
	for _, a := range of(arms, ordering) {
		s.order(week, &a)
	}
	arms = arms[len(of(arms, sending))+len(of(arms, ordering)):]
	s.next(&arms)
	for starts := s.starts; !s.order(week, nil); starts = s.starts {
		if s.starts > starts {
			s.next(&arms)
		}
	}
	idle := time.Now()
	for deadline := time.Now().Add(2*time.Minute + time.Duration(len(arms))*10*time.Second); ; {
		select {
		case <-s.dead:
			s.revive()
			s.next(&arms)
			idle = time.Now()
		case <-time.After(20 * time.Millisecond):
		}
		if s.loaded() < len(s.year.releases(week)) {
			idle = time.Now()
		} else if time.Since(idle) >= s.patience() { // the step is not reached any more
			s.disarm()
			if len(arms) == 0 && s.last.name == "" {
				return
			}
			s.next(&arms)
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("week %s: %d releases loaded", s.year.weeks[week].Label, s.loaded())
		}
	}
}

// patience is how long a step may take to be reached once everything is out:
// snapshots are written each second.
func (s *victim) patience() time.Duration {
	if s.last.name == "" {
		return 0
	}
	if s.last.when == resting {
		return 1500 * time.Millisecond
	}
	return 100 * time.Millisecond
}

// next arms the process for the next kill, if there is one.
func (s *victim) next(arms *[]arm) {
	s.t.Helper()
	for len(*arms) > 0 && !s.plan.wants((*arms)[0]) {
		*arms = (*arms)[1:]
	}
	if len(*arms) == 0 {
		s.last = arm{}
		return
	}
	s.arm((*arms)[0])
	*arms = (*arms)[1:]
}

// order runs `brume close`, killed at a step if one is given, and says whether
// it did all it had to before the process that it talks to died.
func (s *victim) order(week int, a *arm) bool {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	file := s.armed + ".close"
	c := exec.CommandContext(ctx, s.year.program, "close", "--through", s.year.weeks[week].Label, "--wait", "0", "--data", s.data)
	c.Dir, c.Env = filepath.Dir(s.armed), append(os.Environ(), "BRUME_CRASHPOINTS="+file)
	if a != nil {
		s.write(file, *a, a.nth(arm{}))
	}
	ended := make(chan error, 1)
	go func() { out, err := c.CombinedOutput(); ended <- wrap(err, out) }()
	select {
	case <-s.dead:
		cancel()
		<-ended
		s.revive()
		return false
	case err := <-ended:
		if a == nil {
			return err == nil
		}
	}
	if fired, err := os.ReadFile(file + ".fired"); err == nil {
		s.plan.count(string(fired))
		s.kills++
		_ = os.Remove(file + ".fired")
	}
	_ = os.Remove(file)
	return false
}

func wrap(err error, out []byte) error {
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return err
}

// of lists the kills of a phase.
func of(arms []arm, when phase) (some []arm) {
	for _, a := range arms {
		if a.when == when {
			some = append(some, a)
		}
	}
	return some
}
