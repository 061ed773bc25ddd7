// Makes responses.json: the words that the real clients have for each kind of refusal, which users read in conditions and events. README.md says
// how to run it.
package podautoscaler

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	cacheddiscovery "k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	scaleclient "k8s.io/client-go/scale"
	"k8s.io/metrics/pkg/client/custom_metrics"
	"k8s.io/metrics/pkg/client/external_metrics"
)

// "GET /path"; a body with its content type; what came of them.
type refusalFile struct {
	Made     string         `json:"made"`
	Requests []string       `json:"requests"`
	Answers  []refusalBody  `json:"answers"`
	Refusals []refusalWords `json:"refusals"`
}

type refusalBody struct {
	ContentType string `json:"type"`
	Text        string `json:"text"`
}

type refusalWords struct {
	Request int    `json:"request"`
	Code    int    `json:"code"`
	Answer  int    `json:"answer"`
	Error   string `json:"error"`
}

// Discovery is answered as ever; everything else is refused.
type refusingServer struct {
	discovery *scriptedServer
	code      int
	body      refusalBody
	request   string
}

func (s *refusingServer) RoundTrip(request *http.Request) (*http.Response, error) {
	if !strings.Contains(request.URL.Path, "/namespaces/") {
		return s.discovery.RoundTrip(request)
	}
	if request.Body != nil {
		_, _ = io.Copy(io.Discard, request.Body)
	}
	s.request = request.Method + " " + request.URL.EscapedPath()
	header := http.Header{"Content-Type": []string{s.body.ContentType}}
	if s.body.ContentType == "" {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: s.code, Status: fmt.Sprintf("%d %s", s.code, http.StatusText(s.code)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewBufferString(s.body.Text)), ContentLength: int64(len(s.body.Text)), Request: request,
	}, nil
}

type question func() error

func questions(transport http.RoundTripper) ([]question, error) {
	config := &rest.Config{Host: "https://api", QPS: -1, Transport: transport, ContentConfig: rest.ContentConfig{ContentType: "application/json", AcceptContentTypes: "application/json"}}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(cacheddiscovery.NewMemCacheClient(client.Discovery()))
	scales, err := scaleclient.NewForConfig(rest.CopyConfig(config), mapper, dynamic.LegacyAPIPathResolverFunc, scaleclient.NewDiscoveryScaleKindResolver(client.Discovery()))
	if err != nil {
		return nil, err
	}
	external, err := external_metrics.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	custom := custom_metrics.NewForConfig(config, mapper, custom_metrics.NewAvailableAPIsGetter(client.Discovery()))
	ctx, deployments := context.Background(), schema.GroupResource{Group: "apps", Resource: "deployments"}
	scale := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "ns"}}
	return []question{
		func() error {
			_, err := scales.Scales("ns").Get(ctx, deployments, "web", metav1.GetOptions{})
			return err
		},
		func() error {
			_, err := scales.Scales("ns").Update(ctx, deployments, scale, metav1.UpdateOptions{})
			return err
		},
		func() error {
			_, err := custom.NamespacedMetrics("ns").GetForObjects(schema.GroupKind{Kind: "Pod"}, labels.Everything(), "rps", labels.Everything())
			return err
		},
		func() error {
			_, err := custom.NamespacedMetrics("ns").GetForObject(schema.GroupKind{Kind: "Service"}, "front", "rps", labels.Everything())
			return err
		},
		func() error {
			_, err := custom.RootScopedMetrics().GetForObject(schema.GroupKind{Kind: "Namespace"}, "ns", "rps", labels.Everything())
			return err
		},
		func() error {
			_, err := external.NamespacedMetrics("ns").List("queue", labels.Everything())
			return err
		},
		func() error {
			hpa := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "ns"}}
			_, err := client.AutoscalingV2().HorizontalPodAutoscalers("ns").UpdateStatus(ctx, hpa, metav1.UpdateOptions{})
			return err
		},
	}, nil
}

func TestResponses(t *testing.T) {
	server := &refusingServer{discovery: &scriptedServer{answers: talkOf("all is well").Steps[0].Answers, given: map[string]int{}}}
	ask, err := questions(server)
	if err != nil {
		t.Fatal(err)
	}
	status := func(message, reason string) string {
		return fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":%q,"reason":%q}`, message, reason)
	}
	file := refusalFile{
		Made: "test/parity/vectors/generator: client-go and k8s.io/metrics v0.36.3",
		Answers: []refusalBody{
			{"application/json", status("no such luck", "InternalError")}, {"application/json", status("", "")}, {"application/json", `{"message":"not a status"}`},
			{"application/json", ""}, {"text/plain", "no such luck\n"}, {"text/html", "<html>\"no\"\n</html>"}, {"", "no such luck"}, {"text/plain; charset=utf-8", ""},
			// Cut off after 2,048 bytes.
			{"text/plain", strings.Repeat("é", 1100)},
		},
	}
	for request, question := range ask {
		for _, code := range []int{400, 401, 402, 403, 404, 405, 406, 409, 410, 413, 415, 418, 422, 429, 500, 501, 502, 503, 504, 507, 599} {
			for index, body := range file.Answers {
				isLong := len(body.Text) > 1000
				if isLong && (code != 403 && code != 500 || request > 0) {
					continue
				}
				server.code, server.body = code, body
				err := question()
				if err == nil {
					t.Fatalf("%d %+v is no refusal", code, body)
				}
				if len(file.Requests) == request {
					file.Requests = append(file.Requests, server.request)
				}
				file.Refusals = append(file.Refusals, refusalWords{request, code, index, err.Error()})
			}
		}
	}
	text := strings.ReplaceAll(string(raw(file)), "},{", "},\n{") + "\n"
	if err := os.WriteFile(os.Getenv("RESPONSES_FILE"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
