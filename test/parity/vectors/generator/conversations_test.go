// Makes conversations.json: runs the HorizontalController of kube-controller-manager v1.36.3 with its real clients (scale, discovery,
// resource, custom and external metrics, status) against scripted answers of an API server, and writes down what it asked and said.
// Each conversation has a name and shows one thing; conversation_cases_test.go lists them. README.md says how to run it.
package podautoscaler

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	cacheddiscovery "k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	scaleclient "k8s.io/client-go/scale"
	metricsclient "k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/monitor"
	"k8s.io/kubernetes/pkg/controller/util/selectors"
	resourceclient "k8s.io/metrics/pkg/client/clientset/versioned/typed/metrics/v1beta1"
	"k8s.io/metrics/pkg/client/custom_metrics"
	"k8s.io/metrics/pkg/client/external_metrics"
)

// ---------------------------------------------------------------- what is written

type answer struct {
	Code int `json:"code"`
	// JSON, or text when it is a string.
	Body any `json:"body"`
}

// One look at the HPA. Answers by "GET /path", without the query; requests to paths without one get 404, and writes succeed.
type talkStep struct {
	At       int64               `json:"at"`
	Pods     []v1.Pod            `json:"pods"`
	Answers  map[string][]answer `json:"answers"`
	Expected talkExpected        `json:"expected"`

	after time.Duration
}

type talkExpected struct {
	// In order, with the query. Discovery is left out: client-go asks for groups in parallel.
	Requests []string        `json:"requests"`
	Status   json.RawMessage `json:"status"`
	Events   []string        `json:"events,omitempty"`
	Error    string          `json:"error,omitempty"`
}

// What is the same in most steps is said once: a step without pods has these, and an answer that a step does not name is this
// one. An empty list takes an answer away.
type talkCommon struct {
	Pods    []v1.Pod            `json:"pods"`
	Answers map[string][]answer `json:"answers"`
}

type talk struct {
	Name   string                                    `json:"name"`
	Gates  map[string]bool                           `json:"gates"`
	Spec   autoscalingv2.HorizontalPodAutoscalerSpec `json:"spec"`
	Status json.RawMessage                           `json:"status"`
	// Whether another HPA of the namespace selects app=web.
	Rival bool       `json:"rival,omitempty"`
	Steps []talkStep `json:"steps"`
}

// ---------------------------------------------------------------- the API server

const statusPath = "/apis/autoscaling/v2/namespaces/ns/horizontalpodautoscalers/web/status"

type scriptedServer struct {
	answers  map[string][]answer
	given    map[string]int
	requests []string
	status   json.RawMessage
}

// Each request gets the next of its answers, and the last one again and again.
func (s *scriptedServer) RoundTrip(request *http.Request) (*http.Response, error) {
	key := request.Method + " " + request.URL.Path
	line := request.Method + " " + request.URL.EscapedPath()
	if request.URL.RawQuery != "" {
		line += "?" + request.URL.RawQuery
	}
	if strings.Contains(request.URL.Path, "/namespaces/") {
		s.requests = append(s.requests, line)
	}
	body := []byte{}
	if request.Body != nil {
		body, _ = io.ReadAll(request.Body)
	}
	answers, known := s.answers[key]
	switch {
	case known:
		index := min(s.given[key], len(answers)-1)
		s.given[key]++
		return respond(request, answers[index]), nil
	case key == "PUT "+statusPath:
		stored := struct {
			Status json.RawMessage `json:"status"`
		}{}
		if err := json.Unmarshal(body, &stored); err != nil {
			panic(err)
		}
		s.status = stored.Status
		return respond(request, answer{200, json.RawMessage(body)}), nil
	case request.Method == "PUT":
		return respond(request, answer{200, json.RawMessage(body)}), nil
	default:
		return respond(request, answer{404, "404 page not found\n"}), nil
	}
}

func respond(request *http.Request, a answer) *http.Response {
	header := http.Header{"Content-Type": []string{"application/json"}}
	body, isText := a.Body.(string)
	if isText {
		header = http.Header{"Content-Type": []string{"text/plain; charset=utf-8"}}
	} else {
		body = string(raw(a.Body))
	}
	return &http.Response{
		StatusCode: a.Code, Status: fmt.Sprintf("%d %s", a.Code, http.StatusText(a.Code)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewBufferString(body)), ContentLength: int64(len(body)), Request: request,
	}
}

type podLister struct{ pods []*v1.Pod }

func (p podLister) List(selector labels.Selector) ([]*v1.Pod, error) {
	out := []*v1.Pod{}
	for _, pod := range p.pods {
		if selector.Matches(labels.Set(pod.Labels)) {
			out = append(out, pod)
		}
	}
	return out, nil
}
func (p *podLister) Pods(string) corelisters.PodNamespaceLister { return p }
func (p *podLister) Get(string) (*v1.Pod, error)                { panic("unused") }

// ---------------------------------------------------------------- one conversation

func (t *talk) run(w *world) error {
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(t.Gates); err != nil {
		return err
	}
	server := &scriptedServer{}
	config := &rest.Config{Host: "https://api", QPS: -1, Transport: server, ContentConfig: rest.ContentConfig{ContentType: "application/json", AcceptContentTypes: "application/json"}}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	cached := cacheddiscovery.NewMemCacheClient(client.Discovery())
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(cached)
	scales, err := scaleclient.NewForConfig(rest.CopyConfig(config), mapper, dynamic.LegacyAPIPathResolverFunc, scaleclient.NewDiscoveryScaleKindResolver(client.Discovery()))
	if err != nil {
		return err
	}
	versions := custom_metrics.NewAvailableAPIsGetter(client.Discovery())
	external, err := external_metrics.NewForConfig(config)
	if err != nil {
		return err
	}
	resources, err := resourceclient.NewForConfig(config)
	if err != nil {
		return err
	}
	lister := &podLister{}
	hpaSelectors := selectors.NewBiMultimap()
	a := &HorizontalController{
		scaleNamespacer: scales, hpaNamespacer: client.AutoscalingV2(), mapper: mapper, eventRecorder: recorder{w},
		tolerance: 0.1, downscaleStabilisationWindow: 5 * time.Minute, monitor: monitor.New(), podLister: lister, hpaSelectors: hpaSelectors,
		recommendations: map[string][]timestampedRecommendation{}, scaleUpEvents: map[string][]timestampedScaleEvent{}, scaleDownEvents: map[string][]timestampedScaleEvent{},
		replicaCalc: NewReplicaCalculator(metricsclient.NewRESTMetricsClient(resources, custom_metrics.NewForConfig(config, mapper, versions), external), lister, 5*time.Minute, 30*time.Second),
	}
	hpa := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "web", UID: "u1", ResourceVersion: "7"}, Spec: t.Spec}
	if err := json.Unmarshal(t.Status, &hpa.Status); err != nil {
		return err
	}
	hpaSelectors.PutSelector(selectors.Key{Namespace: "ns", Name: "web"}, labels.Nothing())
	if t.Rival {
		hpaSelectors.PutSelector(selectors.Key{Namespace: "ns", Name: "other"}, labels.SelectorFromSet(labels.Set{"app": "web"}))
	}
	for index := range t.Steps {
		step := &t.Steps[index]
		time.Sleep(step.after)
		// What kube-controller-manager does every 30 s and every sync period.
		mapper.Reset()
		versions.Invalidate()
		step.At = time.Now().Unix()
		lister.pods = nil
		for i := range step.Pods {
			lister.pods = append(lister.pods, &step.Pods[i])
		}
		server.answers, server.given, server.requests, server.status = step.Answers, map[string]int{}, nil, raw(hpa.Status)
		w.events = nil
		err := a.reconcileAutoscaler(context.Background(), hpa.DeepCopy(), "ns/web")
		if err != nil {
			step.Expected.Error = orderedRivals(err.Error())
		}
		for _, event := range w.events {
			step.Expected.Events = append(step.Expected.Events, orderedRivals(event))
		}
		step.Expected.Requests = server.requests
		step.Expected.Status = json.RawMessage(orderedRivals(string(server.status)))
		hpa.Status = autoscalingv2.HorizontalPodAutoscalerStatus{}
		if err := json.Unmarshal(step.Expected.Status, &hpa.Status); err != nil {
			return err
		}
	}
	return nil
}

// The order of the autoscalers in AmbiguousSelector is that of a Go map; ours is sorted.
func orderedRivals(message string) string {
	return strings.ReplaceAll(message, "[ns/web ns/other]", "[ns/other ns/web]")
}

// Leaves out what is common.
func (s *talkStep) shorten(common talkCommon) {
	if string(raw(s.Pods)) == string(raw(common.Pods)) {
		s.Pods = nil
	}
	different := map[string][]answer{}
	for key, list := range s.Answers {
		if string(raw(list)) != string(raw(common.Answers[key])) {
			different[key] = list
		}
	}
	for key := range common.Answers {
		if _, has := s.Answers[key]; !has {
			different[key] = []answer{}
		}
	}
	s.Answers = different
}

func TestConversations(t *testing.T) {
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(map[string]bool{"InPlacePodLevelResourcesVerticalScaling": false, "PodLevelResourceManagers": false}); err != nil {
		t.Fatal(err)
	}
	// They would sleep until the bubble's clock has caught up with the time at which the program was started.
	utilruntime.ErrorHandlers = nil
	list := talks()
	names := map[string]bool{}
	synctest.Test(t, func(t *testing.T) {
		for _, one := range list {
			if names[one.Name] {
				t.Fatalf("two conversations are named %s", one.Name)
			}
			names[one.Name] = true
			if err := one.run(&world{}); err != nil {
				t.Fatalf("%s: %v", one.Name, err)
			}
		}
	})
	well := talkOf("all is well").Steps[0]
	common := talkCommon{Pods: well.Pods, Answers: well.Answers}
	lines := []string{}
	for _, one := range list {
		for i := range one.Steps {
			one.Steps[i].shorten(common)
		}
		lines = append(lines, string(raw(one)))
	}
	made := "test/parity/vectors/generator: HorizontalController of kube-controller-manager v1.36.3 with its own clients"
	body := fmt.Sprintf("{\"made\":%q,\"common\":%s,\"conversations\":[\n%s\n]}\n", made, raw(common), strings.Join(lines, ",\n"))
	if err := os.WriteFile(os.Getenv("CONVERSATIONS_FILE"), []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}
