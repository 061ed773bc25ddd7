// Makes selectors.json: what client-go's scale client v0.36.3 makes of the selector of a scale, and apimachinery of the selector of a metric.
// Both are seen by users: in requests when they are understood, in conditions and events when they are not. README.md says how to run it.
package podautoscaler

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	cacheddiscovery "k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	scaleclient "k8s.io/client-go/scale"
)

type scaleSelector struct {
	Text string `json:"text"`
	// One of them: the selector that the controller gets to see, or why it gets no scale.
	Selector *string `json:"selector,omitempty"`
	Error    string  `json:"error,omitempty"`
}

type metricSelector struct {
	Spec     *metav1.LabelSelector `json:"spec"`
	Selector *string               `json:"selector,omitempty"`
	Error    string                `json:"error,omitempty"`
}

func (m maker) word() string {
	return pick(m, "a", "app", "a-b", "a.b/c", "example.com/name", "x_1", "A", "1", "-a", "a-", "", "a/b/c", "é", strings.Repeat("n", 64), "in", "notin", "exists", "a b", "!", "0x", "null")
}

func (m maker) selectorText() string {
	parts := []string{}
	for range 1 + m.Intn(3) {
		key := m.word()
		if m.chance(60) {
			key = pick(m, "app", "tier", "example.com/name")
		}
		values := []string{}
		for range m.Intn(4) {
			values = append(values, m.word())
		}
		list := strings.Join(values, pick(m, ",", ", ", " ,"))
		switch m.Intn(12) {
		case 0, 1, 2:
			parts = append(parts, key+pick(m, "=", "==", " = ", "!=")+m.word())
		case 3, 4:
			parts = append(parts, key+" "+pick(m, "in", "notin", "IN")+pick(m, " (", "(")+list+")")
		case 5:
			parts = append(parts, key)
		case 6:
			parts = append(parts, "!"+key)
		case 7:
			parts = append(parts, key+pick(m, ">", "<", " gt ")+pick(m, "3", "-1", "x", ""))
		case 8:
			parts = append(parts, key+" in ("+list)
		case 9:
			parts = append(parts, key+pick(m, "=", " in ", ",,", " notin", "=a=b", "(", ")", "!="))
		case 10:
			parts = append(parts, pick(m, "", ",", "=", "()", "!!a", "a b", "  "))
		default:
			parts = append(parts, key+"="+pick(m, "web", "api", "db"))
		}
	}
	return strings.Join(parts, pick(m, ",", ",", ", ", ",,"))
}

func (m maker) selectorSpec() *metav1.LabelSelector {
	spec := &metav1.LabelSelector{}
	for range m.Intn(3) {
		if spec.MatchLabels == nil {
			spec.MatchLabels = map[string]string{}
		}
		spec.MatchLabels[pick(m, "app", "tier", m.word())] = pick(m, "web", "api", m.word())
		// Of several mistakes in a map, the random order would decide.
		if _, err := labels.ValidatedSelectorFromSet(spec.MatchLabels); err != nil {
			break
		}
	}
	for range m.Intn(3) {
		requirement := metav1.LabelSelectorRequirement{Key: pick(m, "app", "tier", m.word()), Operator: metav1.LabelSelectorOperator(pick(m, "In", "NotIn", "Exists", "DoesNotExist", "In", "Gt", "in", ""))}
		for range m.Intn(3) {
			requirement.Values = append(requirement.Values, pick(m, "web", "api", m.word()))
		}
		spec.MatchExpressions = append(spec.MatchExpressions, requirement)
	}
	return spec
}

func newScales(server *scriptedServer) (scaleclient.ScalesGetter, error) {
	config := &rest.Config{Host: "https://api", QPS: -1, Transport: server, ContentConfig: rest.ContentConfig{ContentType: "application/json", AcceptContentTypes: "application/json"}}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(cacheddiscovery.NewMemCacheClient(client.Discovery()))
	return scaleclient.NewForConfig(config, mapper, dynamic.LegacyAPIPathResolverFunc, scaleclient.NewDiscoveryScaleKindResolver(client.Discovery()))
}

func TestSelectors(t *testing.T) {
	server := &scriptedServer{answers: talkOf("all is well").Steps[0].Answers, given: map[string]int{}}
	scales, err := newScales(server)
	if err != nil {
		t.Fatal(err)
	}
	m := maker{rand.New(rand.NewSource(20))}
	lines := []string{}
	seen := map[string]bool{}
	// Of two operators that no LabelSelector has, the one with the first key is told.
	directed := []string{"tier!=x,app<3", "app!=x,tier<3", "app>3", "app in (", "app=web,app=api", "app==web", "app in ()", "app,!tier"}
	for len(seen) < 500 {
		text := m.selectorText()
		if len(seen) < len(directed) {
			text = directed[len(seen)]
		}
		if seen[text] {
			continue
		}
		seen[text] = true
		server.answers["GET "+scalePath] = []answer{{200, scaleBody(3, 3, text)}}
		one := scaleSelector{Text: text}
		scale, err := scales.Scales("ns").Get(context.Background(), schema.GroupResource{Group: "apps", Resource: "deployments"}, "web", metav1.GetOptions{})
		if err != nil {
			one.Error = err.Error()
		} else {
			one.Selector = &scale.Status.Selector
			// Why InvalidSelector is never seen on a cluster.
			if _, err := labels.Parse(scale.Status.Selector); err != nil {
				t.Fatalf("the controller would say InvalidSelector of %q: %v", text, err)
			}
		}
		lines = append(lines, string(raw(one)))
	}
	specs := []string{}
	for range 300 {
		one := metricSelector{Spec: m.selectorSpec()}
		selector, err := metav1.LabelSelectorAsSelector(one.Spec)
		if err != nil {
			one.Error = err.Error()
		} else {
			one.Selector = ptr(selector.String())
		}
		specs = append(specs, string(raw(one)))
	}
	made := "test/parity/vectors/generator: client-go and apimachinery v0.36.3, seed 20"
	body := fmt.Sprintf("{\"made\":%q,\"scales\":[\n%s\n],\"metrics\":[\n%s\n]}\n", made, strings.Join(lines, ",\n"), strings.Join(specs, ",\n"))
	if err := os.WriteFile(os.Getenv("SELECTORS_FILE"), []byte(body), 0o644); err != nil {
		t.Fatal(err)
	}
}
