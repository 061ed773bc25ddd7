// Makes events.json: gives courses of events to the real recorder of client-go v0.36.3, as kube-controller-manager uses it, and writes down
// what it creates and patches. README.md says how to run it.
package podautoscaler

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/record"
)

type eventCourse struct {
	Name string `json:"name"`
	// Seconds since the epoch.
	Start int64       `json:"start"`
	Steps []eventStep `json:"steps"`
}

// One event, said so many seconds after the one before.
type eventStep struct {
	After   int64  `json:"after"`
	Object  string `json:"object"`
	Type    string `json:"type"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
	// The event that a patch would count on has expired.
	Expired bool         `json:"expired,omitempty"`
	Writes  []eventWrite `json:"writes"`
}

type eventWrite struct {
	Method string `json:"method"`
	// Index of the name among those created so far: a patch says which event it counts on.
	Event int    `json:"event"`
	Body  object `json:"body"`
}

type eventSink struct {
	names   map[string]int
	writes  []eventWrite
	expired bool
}

func (s *eventSink) note(method, name string, body object) {
	if _, known := s.names[name]; !known {
		s.names[name] = len(s.names)
	}
	s.writes = append(s.writes, eventWrite{method, s.names[name], body})
}

// Times and names differ from run to run; the index of the name is what matters.
func bodyOf(event *v1.Event) object {
	body := object{}
	if err := json.Unmarshal(raw(event), &body); err != nil {
		panic(err)
	}
	metadata := body["metadata"].(map[string]any)
	delete(metadata, "name")
	delete(metadata, "creationTimestamp")
	for key, value := range body {
		if value == nil {
			delete(body, key)
		}
	}
	return body
}

func (s *eventSink) CreateWithEventNamespaceWithContext(_ context.Context, event *v1.Event) (*v1.Event, error) {
	s.note("POST", event.Name, bodyOf(event))
	return event, nil
}
func (s *eventSink) UpdateWithEventNamespaceWithContext(context.Context, *v1.Event) (*v1.Event, error) {
	panic("unused")
}
func (s *eventSink) PatchWithEventNamespaceWithContext(_ context.Context, event *v1.Event, data []byte) (*v1.Event, error) {
	body := object{}
	if err := json.Unmarshal(data, &body); err != nil {
		panic(err)
	}
	s.note("PATCH", event.Name, body)
	if s.expired {
		return nil, apierrors.NewNotFound(schema.GroupResource{Resource: "events"}, event.Name)
	}
	return event, nil
}
func (s *eventSink) Create(event *v1.Event) (*v1.Event, error) {
	return s.CreateWithEventNamespaceWithContext(context.Background(), event)
}
func (s *eventSink) Update(event *v1.Event) (*v1.Event, error) {
	return s.UpdateWithEventNamespaceWithContext(context.Background(), event)
}
func (s *eventSink) Patch(event *v1.Event, data []byte) (*v1.Event, error) {
	return s.PatchWithEventNamespaceWithContext(context.Background(), event, data)
}

func (c *eventCourse) run() {
	c.Start = time.Now().Unix()
	sink := &eventSink{names: map[string]int{}}
	broadcaster := record.NewBroadcaster()
	watcher := broadcaster.StartRecordingToSink(sink)
	recorder := broadcaster.NewRecorder(scheme.Scheme, v1.EventSource{Component: "horizontal-pod-autoscaler"})
	for index := range c.Steps {
		step := &c.Steps[index]
		time.Sleep(time.Duration(step.After) * time.Second)
		sink.writes, sink.expired = nil, step.Expired
		// The resourceVersion is another one each time, as that of an HPA whose status is written.
		about := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: step.Object, UID: types.UID("uid-" + step.Object), ResourceVersion: fmt.Sprint(index)}}
		recorder.Event(about, step.Type, step.Reason, step.Message)
		synctest.Wait()
		step.Writes = sink.writes
		if step.Writes == nil {
			step.Writes = []eventWrite{}
		}
	}
	watcher.Stop()
	broadcaster.Shutdown()
}

func said(after int64, message string) eventStep {
	return eventStep{After: after, Object: "web", Type: "Warning", Reason: "FailedGetPodsMetric", Message: message}
}

func courseOf(name string, count int, make func(index int) eventStep) *eventCourse {
	course := &eventCourse{Name: name}
	for index := range count {
		course.Steps = append(course.Steps, make(index))
	}
	return course
}

func eventCourses(seed int64) []*eventCourse {
	list := []*eventCourse{
		courseOf("one message at every sync: counted, then dropped, then let through every five minutes", 80, func(int) eventStep { return said(15, "boom") }),
		courseOf("another message at every sync: combined from the tenth on", 40, func(index int) eventStep { return said(15, fmt.Sprintf("boom %d", index)) }),
		courseOf("messages more than ten minutes apart are not combined", 24, func(index int) eventStep { return said(601, fmt.Sprintf("boom %d", index)) }),
		courseOf("messages ten minutes apart are combined", 24, func(index int) eventStep { return said(600, fmt.Sprintf("boom %d", index)) }),
		courseOf("nine messages, a pause, nine others", 18, func(index int) eventStep {
			if index == 9 {
				return said(700, "boom 9")
			}
			return said(1, fmt.Sprintf("boom %d", index))
		}),
		courseOf("rescales of one autoscaler", 30, func(index int) eventStep {
			return eventStep{After: 15, Object: "web", Type: "Normal", Reason: "SuccessfulRescale", Message: fmt.Sprintf("New size: %d; reason: cpu resource utilization (percentage of request) above target", index+1)}
		}),
		courseOf("each reason is combined by itself", 36, func(index int) eventStep {
			step := said(15, fmt.Sprintf("boom %d", index))
			step.Reason = []string{"FailedGetPodsMetric", "FailedComputeMetricsReplicas"}[index%2]
			return step
		}),
		courseOf("each type has its own budget", 80, func(index int) eventStep {
			step := said(5, "boom")
			if index%3 == 0 {
				step.Type, step.Reason = "Normal", "SuccessfulRescale"
			}
			return step
		}),
		courseOf("each object has its own budget and its own combining", 90, func(index int) eventStep {
			step := said(5, fmt.Sprintf("boom %d", index/2))
			step.Object = []string{"web", "api"}[index%2]
			return step
		}),
		courseOf("an event that has expired is written anew, with its count", 6, func(index int) eventStep {
			step := said(1800, "boom")
			step.Expired = index == 3
			return step
		}),
		courseOf("a combined event that has expired is written anew", 14, func(index int) eventStep {
			step := said(15, fmt.Sprintf("boom %d", index))
			step.Expired = index == 12
			return step
		}),
		courseOf("a long quiet time fills the budget again", 60, func(index int) eventStep {
			if index == 40 {
				return said(7500, "boom")
			}
			return said(10, "boom")
		}),
	}
	// Up to nine messages of a reason at a time: of what is repeated after the tenth, chance decides whether it is combined.
	m := maker{rand.New(rand.NewSource(seed))}
	for course := range 12 {
		list = append(list, courseOf(fmt.Sprintf("at random %d", course), 40, func(int) eventStep {
			return eventStep{
				After: int64(pick(m, 1, 1, 15, 15, 15, 60, 300, 601)), Object: pick(m, "web", "api"), Type: pick(m, "Normal", "Warning", "Warning"),
				Reason: pick(m, "FailedGetScale", "FailedGetPodsMetric", "SuccessfulRescale"), Message: fmt.Sprintf("boom %d", m.Intn(9)), Expired: m.chance(5),
			}
		}))
	}
	return list
}

func TestEvents(t *testing.T) {
	courses := eventCourses(20)
	synctest.Test(t, func(t *testing.T) {
		for _, course := range courses {
			course.run()
		}
	})
	lines := []string{}
	for _, course := range courses {
		lines = append(lines, string(raw(course)))
	}
	body := fmt.Sprintf("{\"made\":%q,\"courses\":[\n%s\n]}\n", "test/parity/vectors/generator: the event recorder of client-go v0.36.3, seed 20", strings.Join(lines, ",\n"))
	if err := os.WriteFile(os.Getenv("EVENTS_FILE"), []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}
