// The conversations: what the API server answers in each. What the real controller makes of it is found out, not written here.
package podautoscaler

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

type object = map[string]any
type answers = map[string][]answer

// ---------------------------------------------------------------- a world in which all is well, and what may be changed in it

// Replicas, status replicas and selector of the target are 3, 3 and app=web; three ready pods with requests of 1 CPU; 0.5 CPU used by each.
type scene struct {
	talk
	replicas, statusReplicas int32
	selector                 string
	pods                     []v1.Pod
	podUsageMilli            int64
	answers                  answers
	periods                  int
	after                    func(*scene, int)
}

type change func(*scene)

const (
	scalePath    = "/apis/apps/v1/namespaces/ns/deployments/web/scale"
	podsPath     = "/apis/metrics.k8s.io/v1beta1/namespaces/ns/pods"
	customPath   = "/apis/custom.metrics.k8s.io/v1beta2/namespaces/ns"
	podsMetric   = customPath + "/pods/*/rps"
	objectMetric = customPath + "/services/front/rps"
	externalPath = "/apis/external.metrics.k8s.io/v1beta1/namespaces/ns/queue"
)

func talkOf(name string, changes ...change) *talk {
	s := &scene{
		talk: talk{Name: name, Gates: map[string]bool{"HPAConfigurableTolerance": true, "HPAScaleToZero": false, "PodLevelResources": true}, Status: json.RawMessage(`{"desiredReplicas":0,"currentMetrics":null}`), Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"},
			MinReplicas:    ptr(int32(1)), MaxReplicas: 10,
			Metrics: []autoscalingv2.MetricSpec{utilization("cpu", 50)},
		}},
		replicas: 3, statusReplicas: 3, selector: "app=web", podUsageMilli: 500, answers: answers{}, periods: 1, after: func(*scene, int) {},
	}
	for _, pod := range []string{"web-a", "web-b", "web-c"} {
		s.pods = append(s.pods, readyPod(pod))
	}
	for _, each := range changes {
		each(s)
	}
	for period := range s.periods {
		s.after(s, period)
		s.Steps = append(s.Steps, s.step())
	}
	return &s.talk
}

func (s *scene) step() talkStep {
	all := answers{
		"GET /api":            {{200, object{"kind": "APIVersions", "versions": []string{"v1"}}}},
		"GET /apis":           {{200, groups("apps/v1", "custom.metrics.k8s.io/v1beta2", "external.metrics.k8s.io/v1beta1", "metrics.k8s.io/v1beta1")}},
		"GET /api/v1":         {{200, resources("v1", "pods Pod", "services Service", "namespaces Namespace", "replicationcontrollers ReplicationController scale=autoscaling/v1")}},
		"GET /apis/apps/v1":   {{200, resources("apps/v1", "deployments Deployment scale=autoscaling/v1", "daemonsets DaemonSet")}},
		"GET " + scalePath:    {{200, scaleBody(s.replicas, s.statusReplicas, s.selector)}},
		"GET " + podsPath:     {{200, podMetrics(s.pods, s.podUsageMilli)}},
		"GET " + podsMetric:   {{200, metricValues(s.pods, "500m")}},
		"GET " + objectMetric: {{200, metricValues([]v1.Pod{{}}, "500m")}},
		"GET " + externalPath: {{200, externalValues("500m")}},
	}
	maps.Copy(all, s.answers)
	for key, list := range all {
		if len(list) == 0 {
			delete(all, key)
		}
	}
	pods := make([]v1.Pod, 0, len(s.pods))
	for _, pod := range s.pods {
		pods = append(pods, *pod.DeepCopy())
	}
	return talkStep{Pods: pods, Answers: all, after: 15 * time.Second}
}

// ---------------------------------------------------------------- answers

func groups(versions ...string) object {
	list := []object{}
	byName := map[string]object{}
	for _, groupVersion := range versions {
		var name, version string
		for i := range groupVersion {
			if groupVersion[i] == '/' {
				name, version = groupVersion[:i], groupVersion[i+1:]
			}
		}
		entry := object{"groupVersion": groupVersion, "version": version}
		if known, ok := byName[name]; ok {
			known["versions"] = append(known["versions"].([]object), entry)
			continue
		}
		group := object{"name": name, "versions": []object{entry}, "preferredVersion": entry}
		byName[name] = group
		list = append(list, group)
	}
	return object{"kind": "APIGroupList", "apiVersion": "v1", "groups": list}
}

// "deployments Deployment scale=autoscaling/v1"
func resources(groupVersion string, lines ...string) object {
	list := []object{}
	for _, line := range lines {
		var name, kind, scale string
		_, _ = fmt.Sscan(line, &name, &kind, &scale)
		list = append(list, object{"name": name, "singularName": "", "namespaced": name != "namespaces", "kind": kind, "verbs": []string{"get", "list", "update"}})
		if scale != "" {
			list = append(list, object{"name": name + "/scale", "singularName": "", "namespaced": true, "group": "autoscaling", "version": "v1", "kind": "Scale", "verbs": []string{"get", "patch", "update"}})
		}
	}
	return object{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": groupVersion, "resources": list}
}

func scaleBody(replicas, statusReplicas int32, selector string) object {
	return object{
		"kind": "Scale", "apiVersion": "autoscaling/v1",
		"metadata": object{"name": "web", "namespace": "ns", "uid": "u2", "resourceVersion": "11", "creationTimestamp": "1999-12-31T00:00:00Z"},
		"spec":     object{"replicas": replicas}, "status": object{"replicas": statusReplicas, "selector": selector},
	}
}

func failure(code int, reason, message string, details object) answer {
	body := object{"kind": "Status", "apiVersion": "v1", "metadata": object{}, "status": "Failure", "message": message, "reason": reason, "code": code}
	if details != nil {
		body["details"] = details
	}
	return answer{code, body}
}

var conflict = failure(409, "Conflict", `Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again`, object{"name": "web", "group": "apps", "kind": "deployments"})

func forbidden(what string) answer {
	return failure(403, "Forbidden", what+` is forbidden: User "system:serviceaccount:kube-system:horizontal-pod-autoscaler" cannot do that`, nil)
}

func podMetrics(pods []v1.Pod, milli int64) object {
	items := []object{}
	for _, pod := range pods {
		items = append(items, object{
			"metadata": object{"name": pod.Name, "namespace": "ns"}, "timestamp": "2000-01-01T00:00:00Z", "window": "15s",
			"containers": []object{{"name": "app", "usage": object{"cpu": fmt.Sprintf("%dm", milli), "memory": "100Mi"}}},
		})
	}
	return object{"kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": object{}, "items": items}
}

func metricValues(pods []v1.Pod, value string) object {
	items := []object{}
	for _, pod := range pods {
		items = append(items, object{
			"describedObject": object{"kind": "Pod", "namespace": "ns", "name": pod.Name, "apiVersion": "/v1"},
			"metric":          object{"name": "rps", "selector": nil}, "timestamp": "2000-01-01T00:00:00Z", "value": value,
		})
	}
	return object{"kind": "MetricValueList", "apiVersion": "custom.metrics.k8s.io/v1beta2", "metadata": object{}, "items": items}
}

func externalValues(values ...string) object {
	items := []object{}
	for _, value := range values {
		items = append(items, object{"metricName": "queue", "metricLabels": object{}, "timestamp": "2000-01-01T00:00:00Z", "value": value})
	}
	return object{"kind": "ExternalMetricValueList", "apiVersion": "external.metrics.k8s.io/v1beta1", "metadata": object{}, "items": items}
}

// ---------------------------------------------------------------- pods and metrics

func readyPod(name string) v1.Pod {
	started := metav1.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC)
	return v1.Pod{
		TypeMeta:   metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "ns", UID: types.UID("u-" + name), Labels: map[string]string{"app": "web"}},
		Spec:       v1.PodSpec{NodeName: "node", Containers: []v1.Container{{Name: "app", Resources: v1.ResourceRequirements{Requests: v1.ResourceList{"cpu": resource.MustParse("1"), "memory": resource.MustParse("200Mi")}}}}},
		Status:     v1.PodStatus{Phase: v1.PodRunning, StartTime: &started, Conditions: []v1.PodCondition{{Type: v1.PodReady, Status: v1.ConditionTrue, LastTransitionTime: started}}},
	}
}

func utilization(name v1.ResourceName, percent int32) autoscalingv2.MetricSpec {
	return autoscalingv2.MetricSpec{Type: "Resource", Resource: &autoscalingv2.ResourceMetricSource{Name: name, Target: autoscalingv2.MetricTarget{Type: "Utilization", AverageUtilization: &percent}}}
}

func average(name v1.ResourceName, value string) autoscalingv2.MetricSpec {
	return autoscalingv2.MetricSpec{Type: "Resource", Resource: &autoscalingv2.ResourceMetricSource{Name: name, Target: averageTarget(value)}}
}

func container(name string, target autoscalingv2.MetricTarget) autoscalingv2.MetricSpec {
	return autoscalingv2.MetricSpec{Type: "ContainerResource", ContainerResource: &autoscalingv2.ContainerResourceMetricSource{Name: "cpu", Container: name, Target: target}}
}

func averageTarget(value string) autoscalingv2.MetricTarget {
	return autoscalingv2.MetricTarget{Type: "AverageValue", AverageValue: ptr(resource.MustParse(value))}
}

func valueTarget(value string) autoscalingv2.MetricTarget {
	return autoscalingv2.MetricTarget{Type: "Value", Value: ptr(resource.MustParse(value))}
}

func percentTarget(percent int32) autoscalingv2.MetricTarget {
	return autoscalingv2.MetricTarget{Type: "Utilization", AverageUtilization: &percent}
}

var noSuchOperator = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "verb", Operator: "Resembles"}}}

func podsOf(value string, selector *metav1.LabelSelector) autoscalingv2.MetricSpec {
	return autoscalingv2.MetricSpec{Type: "Pods", Pods: &autoscalingv2.PodsMetricSource{Metric: autoscalingv2.MetricIdentifier{Name: "rps", Selector: selector}, Target: averageTarget(value)}}
}

func objectOf(kind string, target autoscalingv2.MetricTarget, selector *metav1.LabelSelector) autoscalingv2.MetricSpec {
	reference := autoscalingv2.CrossVersionObjectReference{APIVersion: "v1", Kind: kind, Name: "front"}
	return autoscalingv2.MetricSpec{Type: "Object", Object: &autoscalingv2.ObjectMetricSource{DescribedObject: reference, Metric: autoscalingv2.MetricIdentifier{Name: "rps", Selector: selector}, Target: target}}
}

func externalOf(target autoscalingv2.MetricTarget, selector *metav1.LabelSelector) autoscalingv2.MetricSpec {
	return autoscalingv2.MetricSpec{Type: "External", External: &autoscalingv2.ExternalMetricSource{Metric: autoscalingv2.MetricIdentifier{Name: "queue", Selector: selector}, Target: target}}
}

// ---------------------------------------------------------------- changes

func replicas(spec int32) change {
	return func(s *scene) { s.replicas, s.statusReplicas = spec, spec }
}

func targetRef(apiVersion, kind string) change {
	return func(s *scene) { s.Spec.ScaleTargetRef.APIVersion, s.Spec.ScaleTargetRef.Kind = apiVersion, kind }
}

func selector(text string) change { return func(s *scene) { s.selector = text } }

func uses(milli int64) change { return func(s *scene) { s.podUsageMilli = milli } }

func on(key string, list ...answer) change { return func(s *scene) { s.answers[key] = list } }

func metricsAre(metrics ...autoscalingv2.MetricSpec) change {
	return func(s *scene) { s.Spec.Metrics = metrics }
}

func between(least, most int32) change {
	return func(s *scene) { s.Spec.MinReplicas, s.Spec.MaxReplicas = &least, most }
}

func gate(name string) change { return func(s *scene) { s.Gates[name] = true } }

func storedStatus(text string) change { return func(s *scene) { s.Status = json.RawMessage(text) } }

func behavior(up, down autoscalingv2.HPAScalingRules) change {
	return func(s *scene) {
		s.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleUp: &up, ScaleDown: &down}
	}
}

func rules(window int32, pods int32) autoscalingv2.HPAScalingRules {
	return autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: &window, SelectPolicy: ptr(autoscalingv2.MaxChangePolicySelect), Policies: []autoscalingv2.HPAScalingPolicy{{Type: "Pods", Value: pods, PeriodSeconds: 60}}}
}

func eachPod(edit func(*v1.Pod)) change {
	return func(s *scene) {
		for i := range s.pods {
			edit(&s.pods[i])
		}
	}
}

func noPods(s *scene) { s.pods = nil }

// Several periods; what changes before each.
func periods(count int, after func(*scene, int)) change {
	return func(s *scene) { s.periods, s.after = count, after }
}

func rival(s *scene) { s.Rival = true }

const scaledToZeroStatus = `{"currentReplicas":1,"desiredReplicas":0,"currentMetrics":null,"conditions":[{"type":"ScaledToZero","status":"True","lastTransitionTime":"1999-12-31T00:00:00Z","reason":"ScaledToZero","message":"the HPA controller scaled the workload to zero"}]}`

// ---------------------------------------------------------------- the list

func talks() []*talk {
	list := []*talk{}
	add := func(name string, changes ...change) { list = append(list, talkOf(name, changes...)) }

	// The target.
	add("target: malformed apiVersion", targetRef("a/b/c", "Deployment"))
	add("target: unknown kind", targetRef("apps/v1", "Deploiment"))
	add("target: unknown group", targetRef("example.com/v1", "Widget"))
	add("target: unknown kind of the core group", targetRef("v1", "Widget"))
	add("target: another version of a known group", targetRef("apps/v1beta9", "Deployment"))
	add("target: kind in lower case", targetRef("apps/v1", "deployment"))
	add("target: missing", on("GET "+scalePath, failure(404, "NotFound", `deployments.apps "web" not found`, object{"name": "web", "group": "apps", "kind": "deployments"})))
	add("target: without scale subresource", targetRef("apps/v1", "DaemonSet"))
	add("target: scale forbidden", on("GET "+scalePath, forbidden(`deployments.apps "web"`)))
	add("target: scale fails", on("GET "+scalePath, failure(500, "InternalError", "Internal error occurred: etcd is away", nil)))
	add("target: scale fails without a word", on("GET "+scalePath, answer{503, ""}))
	add("target: scale is a text", on("GET "+scalePath, answer{500, "boom\n"}))
	add("target: selector that no LabelSelector can say", selector("app>3"))
	add("target: selector that does not parse", selector("app in ("))
	add("target: two versions, none with the object",
		on("GET /apis", answer{200, groups("apps/v1", "apps/v1beta1")}),
		on("GET /apis/apps/v1beta1", answer{200, resources("apps/v1beta1", "deployments Deployment scale=autoscaling/v1")}),
		on("GET "+scalePath, failure(404, "NotFound", `deployments.apps "web" not found`, nil)))
	add("target: a group whose server is away is passed over", on("GET /apis", answer{200, groups("down.example.com/v1", "apps/v1")}), on("GET /apis/down.example.com/v1", answer{503, "service unavailable\n"}))
	add("target: discovery fails", on("GET /apis", failure(500, "InternalError", "Internal error occurred: boom", nil)), on("GET /api", failure(500, "InternalError", "Internal error occurred: boom", nil)))
	add("target: at zero", replicas(0))

	// The selector.
	add("selector: missing", selector(""))
	add("selector: shared with another HPA", rival)
	add("selector: shared, without pods", rival, noPods)

	// Writing the scale.
	up := uses(900)
	add("write: up", up)
	add("write: up twice", up, periods(2, func(s *scene, period int) {
		if period == 1 {
			s.replicas, s.statusReplicas = 6, 6
		}
	}))
	add("write: conflict once", up, on("PUT "+scalePath, conflict, answer{200, scaleBody(6, 3, "app=web")}))
	add("write: conflict for ever", up, on("PUT "+scalePath, conflict))
	add("write: conflict, and gone", up, on("PUT "+scalePath, conflict), on("GET "+scalePath, answer{200, scaleBody(3, 3, "app=web")}, failure(404, "NotFound", `deployments.apps "web" not found`, nil)))
	add("write: refused by a webhook", up, on("PUT "+scalePath, failure(403, "Forbidden", `admission webhook "quiet.example.com" denied the request: not tonight`, nil)))
	add("write: forbidden", up, on("PUT "+scalePath, forbidden(`deployments.apps "web"`)))
	add("write: invalid", up, on("PUT "+scalePath, failure(422, "Invalid", `Deployment.apps "web" is invalid: spec.replicas: Invalid value: 6: too many`, nil)))
	add("write: fails", up, on("PUT "+scalePath, failure(500, "InternalError", "Internal error occurred: etcd is away", nil)))
	add("write: discovery does not list the scale", up, on("GET /apis/apps/v1", answer{200, resources("apps/v1", "deployments Deployment")}))
	add("write: fails at a limit", replicas(20), on("PUT "+scalePath, failure(500, "InternalError", "Internal error occurred: etcd is away", nil)))
	add("write: fails twice", up, on("PUT "+scalePath, failure(500, "InternalError", "Internal error occurred: etcd is away", nil)), periods(2, func(*scene, int) {}))

	// Writing the status.
	add("status: forbidden", on("PUT "+statusPath, forbidden(`horizontalpodautoscalers.autoscaling "web"`)))
	add("status: forbidden after a change of replicas", up, on("PUT "+statusPath, forbidden(`horizontalpodautoscalers.autoscaling "web"`)))
	add("status: forbidden when nothing can be decided", metricsAre(podsOf("1", nil)), on("GET "+podsMetric, answer{200, metricValues(nil, "")}), on("PUT "+statusPath, forbidden(`horizontalpodautoscalers.autoscaling "web"`)))
	add("status: forbidden without a target", targetRef("apps/v1", "Deploiment"), on("PUT "+statusPath, forbidden(`horizontalpodautoscalers.autoscaling "web"`)))
	add("status: conflict", on("PUT "+statusPath, failure(409, "Conflict", `Operation cannot be fulfilled on horizontalpodautoscalers.autoscaling "web": the object has been modified; please apply your changes to the latest version and try again`, nil)))
	add("status: unchanged, not written", periods(2, func(*scene, int) {}))

	// Reasons of a rescale and names of metrics.
	add("rescale: above maxReplicas", replicas(20))
	add("rescale: below minReplicas", replicas(1), between(2, 10))
	add("rescale: all metrics below target", uses(10), behavior(rules(0, 4), rules(0, 4)))
	add("rescale: up again after a manual change", uses(500), periods(2, func(s *scene, period int) {
		if period == 1 {
			s.replicas, s.statusReplicas = 2, 2
			s.pods = s.pods[:2]
		}
	}))
	add("rescale: by cpu average", up, metricsAre(average("cpu", "500m")))
	add("rescale: by memory utilization", metricsAre(utilization("memory", 20)))
	add("rescale: by memory average", metricsAre(average("memory", "50Mi")))
	add("rescale: by a container's utilization", up, metricsAre(container("app", percentTarget(50))))
	add("rescale: by a container's average", up, metricsAre(container("app", averageTarget("500m"))))
	add("rescale: by a Pods metric", metricsAre(podsOf("100m", nil)))
	add("rescale: by an Object value", metricsAre(objectOf("Service", valueTarget("100m"), nil)))
	add("rescale: by an Object average", metricsAre(objectOf("Service", averageTarget("100m"), nil)))
	add("rescale: by an Object average of selected series", metricsAre(objectOf("Service", averageTarget("100m"), &metav1.LabelSelector{MatchLabels: map[string]string{"verb": "GET"}})))
	add("rescale: by a metric of the Namespace", metricsAre(objectOf("Namespace", valueTarget("100m"), nil)), on("GET "+customPath+"/metrics/rps", answer{200, metricValues([]v1.Pod{{}}, "500m")}))
	add("rescale: by an External value", metricsAre(externalOf(valueTarget("100m"), nil)))
	add("rescale: by an External average", metricsAre(externalOf(averageTarget("100m"), nil)))
	add("rescale: by an External average of selected series", metricsAre(externalOf(averageTarget("100m"), &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "k", Operator: "In", Values: []string{"b", "a"}}}})))

	// Windows and limits.
	add("limits: within range")
	add("limits: too many", uses(5000), between(1, 5))
	add("limits: too few", uses(10), between(2, 10), behavior(rules(0, 4), rules(0, 4)))
	add("limits: scale-up limit, without behavior", uses(5000), between(1, 50))
	add("limits: scale-up limit, by a policy", uses(5000), behavior(rules(0, 2), rules(0, 2)))
	add("limits: scale-down limit, by a policy", uses(10), behavior(rules(0, 1), rules(0, 1)))
	add("window: scale-down, without behavior", uses(500), periods(2, func(s *scene, period int) {
		if period == 1 {
			s.podUsageMilli = 10
		}
	}))
	add("window: scale-down, by behavior", behavior(rules(0, 4), rules(60, 4)), periods(2, func(s *scene, period int) {
		if period == 1 {
			s.podUsageMilli = 10
		}
	}))
	add("window: scale-up, by behavior", behavior(rules(60, 4), rules(0, 4)), periods(2, func(s *scene, period int) {
		if period == 1 {
			s.podUsageMilli = 900
		}
	}))

	// To zero and back.
	zero := gate("HPAScaleToZero")
	none := metricsAre(externalOf(averageTarget("1"), nil))
	add("zero: scaled to zero", zero, between(0, 10), none, behavior(rules(0, 4), rules(0, 4)), on("GET "+externalPath, answer{200, externalValues("0")}))
	add("zero: not scaled to zero", zero, between(0, 10), none, on("GET "+externalPath, answer{200, externalValues("5")}))
	add("zero: from zero", zero, replicas(0), between(0, 10), none, storedStatus(scaledToZeroStatus), on("GET "+externalPath, answer{200, externalValues("2")}))
	add("zero: from zero to a raised minReplicas", zero, replicas(0), between(2, 10), none, behavior(rules(0, 4), rules(0, 4)), storedStatus(scaledToZeroStatus), on("GET "+externalPath, answer{200, externalValues("0")}))
	add("zero: by hand stays", zero, replicas(0), between(0, 10), none)
	add("zero: the condition goes with the gate", replicas(0), storedStatus(scaledToZeroStatus))

	// Resource metrics.
	add("resource: no usage of any pod", on("GET "+podsPath, answer{200, podMetrics(nil, 0)}))
	add("resource: no usage of any pod, average", metricsAre(average("cpu", "1")), on("GET "+podsPath, answer{200, podMetrics(nil, 0)}))
	add("resource: no usage of any pod, container", metricsAre(container("app", percentTarget(50))), on("GET "+podsPath, answer{200, podMetrics(nil, 0)}))
	add("resource: no usage of any pod, container average", metricsAre(container("app", averageTarget("1"))), on("GET "+podsPath, answer{200, podMetrics(nil, 0)}))
	add("resource: API absent", on("GET "+podsPath))
	add("resource: API down", on("GET "+podsPath, answer{503, "service unavailable\n"}))
	add("resource: forbidden", on("GET "+podsPath, forbidden("pods.metrics.k8s.io")))
	unready := eachPod(func(pod *v1.Pod) { pod.Status.Conditions[0].Status = v1.ConditionFalse })
	add("resource: no pod ever ready", unready)
	add("resource: no pod ever ready, average", metricsAre(average("cpu", "1")), unready)
	add("resource: no pod ever ready, container", metricsAre(container("app", percentTarget(50))), unready)
	add("resource: all pods pending", eachPod(func(pod *v1.Pod) { pod.Status.Phase = v1.PodPending }), on("GET "+podsPath, answer{200, podMetrics(nil, 0)}))
	add("resource: missing request", eachPod(func(pod *v1.Pod) { pod.Spec.Containers[0].Resources.Requests = nil }))
	add("resource: missing request of a sidecar", eachPod(func(pod *v1.Pod) {
		pod.Spec.InitContainers = []v1.Container{{Name: "proxy", RestartPolicy: ptr(v1.ContainerRestartPolicyAlways)}}
	}))
	add("resource: missing pod-level request", eachPod(func(pod *v1.Pod) {
		pod.Spec.Resources = &v1.ResourceRequirements{Requests: v1.ResourceList{"memory": resource.MustParse("1Gi")}}
		pod.Spec.Containers[0].Resources.Requests = nil
	}))
	add("resource: container that no pod has", metricsAre(container("nginx", percentTarget(50))))
	add("resource: container without request", metricsAre(container("app", percentTarget(50))), eachPod(func(pod *v1.Pod) { pod.Spec.Containers[0].Resources.Requests = nil }))
	add("resource: container of some pods only", metricsAre(container("side", percentTarget(50))), on("GET "+podsPath, answer{200, object{"kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": object{}, "items": []object{{"metadata": object{"name": "web-a", "namespace": "ns"}, "timestamp": "2000-01-01T00:00:00Z", "window": "15s", "containers": []object{{"name": "side", "usage": object{"cpu": "1"}}}}}}}))
	add("resource: requests of zero", eachPod(func(pod *v1.Pod) { pod.Spec.Containers[0].Resources.Requests["cpu"] = resource.MustParse("0") }))
	add("resource: target without a number", metricsAre(autoscalingv2.MetricSpec{Type: "Resource", Resource: &autoscalingv2.ResourceMetricSource{Name: "cpu", Target: valueTarget("1")}}))
	add("resource: container target without a number", metricsAre(container("app", valueTarget("1"))))
	// Usage of a pod that is gone, and no pod at all: another HPA's pods, seen before this namespace's cache.
	add("resource: no pods", noPods, on("GET "+podsPath, answer{200, podMetrics([]v1.Pod{readyPod("web-z")}, 500)}))
	add("resource: no pods, average", metricsAre(average("cpu", "1")), noPods, on("GET "+podsPath, answer{200, podMetrics([]v1.Pod{readyPod("web-z")}, 500)}))
	add("resource: usage of strangers only", on("GET "+podsPath, answer{200, podMetrics([]v1.Pod{readyPod("web-z")}, 500)}))

	// Pods metrics.
	pods := metricsAre(podsOf("1", nil))
	withoutCustom := on("GET /apis", answer{200, groups("apps/v1", "metrics.k8s.io/v1beta1")})
	add("pods: no custom metrics API", pods, withoutCustom)
	add("pods: only unknown versions", pods, on("GET /apis", answer{200, groups("apps/v1", "custom.metrics.k8s.io/v9")}))
	add("pods: in v1beta1", metricsAre(podsOf("100m", nil)), on("GET /apis", answer{200, groups("apps/v1", "custom.metrics.k8s.io/v1beta1")}), on("GET /apis/custom.metrics.k8s.io/v1beta1/namespaces/ns/pods/*/rps", answer{200, object{"kind": "MetricValueList", "apiVersion": "custom.metrics.k8s.io/v1beta1", "metadata": object{}, "items": []object{
		{"describedObject": object{"kind": "Pod", "namespace": "ns", "name": "web-a", "apiVersion": "/v1"}, "metricName": "rps", "timestamp": "2000-01-01T00:00:00Z", "value": "200m", "window": 30},
		{"describedObject": object{"kind": "Pod", "namespace": "ns", "name": "web-b", "apiVersion": "/v1"}, "metricName": "rps", "timestamp": "2000-01-01T00:00:00Z", "value": "200m"}}}}))
	add("pods: empty list", pods, on("GET "+podsMetric, answer{200, metricValues(nil, "")}))
	add("pods: metric not found", pods, on("GET "+podsMetric, failure(404, "NotFound", "the server could not find the metric rps for pods", nil)))
	add("pods: API answers 404 without a word", pods, on("GET "+podsMetric))
	add("pods: API fails", pods, on("GET "+podsMetric, failure(500, "InternalError", "Internal error occurred: no Prometheus", nil)))
	add("pods: API down", pods, on("GET "+podsMetric, answer{503, "service unavailable\n"}))
	add("pods: forbidden", pods, on("GET "+podsMetric, forbidden("pods.custom.metrics.k8s.io")))
	add("pods: invalid selector", metricsAre(podsOf("1", noSuchOperator)))
	add("pods: no pods", pods, noPods, on("GET "+podsMetric, answer{200, metricValues([]v1.Pod{readyPod("web-z")}, "1")}))
	add("pods: all pods pending", pods, eachPod(func(pod *v1.Pod) { pod.Status.Phase = v1.PodPending }))
	add("pods: an answer of another kind", pods, on("GET "+podsMetric, answer{200, object{"kind": "Status", "apiVersion": "v1", "status": "Success"}}))
	add("pods: discovery fails", pods, on("GET /apis", answer{200, groups("apps/v1")}, failure(500, "InternalError", "Internal error occurred: boom", nil)))

	// Object metrics.
	value := metricsAre(objectOf("Service", valueTarget("1"), nil))
	perPod := metricsAre(objectOf("Service", averageTarget("1"), nil))
	add("object: no custom metrics API", value, withoutCustom)
	add("object: average, no custom metrics API", perPod, withoutCustom)
	add("object: metric not found", value, on("GET "+objectMetric, failure(404, "NotFound", "the server could not find the metric rps for services front", nil)))
	add("object: average, metric not found", perPod, on("GET "+objectMetric, failure(404, "NotFound", "the server could not find the metric rps for services front", nil)))
	add("object: API fails", value, on("GET "+objectMetric, failure(500, "InternalError", "Internal error occurred: no Prometheus", nil)))
	add("object: unknown kind", metricsAre(objectOf("Widget", valueTarget("1"), nil)))
	add("object: unknown kind of a group", metricsAre(autoscalingv2.MetricSpec{Type: "Object", Object: &autoscalingv2.ObjectMetricSource{DescribedObject: autoscalingv2.CrossVersionObjectReference{APIVersion: "example.com/v1", Kind: "Widget", Name: "front"}, Metric: autoscalingv2.MetricIdentifier{Name: "rps"}, Target: valueTarget("1")}}))
	add("object: no value", value, on("GET "+objectMetric, answer{200, metricValues(nil, "")}))
	add("object: two values", value, on("GET "+objectMetric, answer{200, metricValues([]v1.Pod{{}, {}}, "1")}))
	add("object: invalid selector", metricsAre(objectOf("Service", valueTarget("1"), noSuchOperator)))
	add("object: no pods", value, noPods)
	add("object: target of another type", metricsAre(objectOf("Service", percentTarget(50), nil)))

	// External metrics.
	add("external: API absent", metricsAre(externalOf(valueTarget("1"), nil)), on("GET "+externalPath))
	add("external: average, API absent", metricsAre(externalOf(averageTarget("1"), nil)), on("GET "+externalPath))
	add("external: API fails", metricsAre(externalOf(valueTarget("1"), nil)), on("GET "+externalPath, failure(500, "InternalError", "Internal error occurred: no queue", nil)))
	add("external: API down", metricsAre(externalOf(valueTarget("1"), nil)), on("GET "+externalPath, answer{503, "service unavailable\n"}))
	add("external: forbidden", metricsAre(externalOf(averageTarget("1"), nil)), on("GET "+externalPath, forbidden("queue.external.metrics.k8s.io")))
	add("external: empty list", metricsAre(externalOf(averageTarget("1"), &metav1.LabelSelector{MatchLabels: map[string]string{"verb": "GET"}})), on("GET "+externalPath, answer{200, externalValues()}))
	add("external: invalid selector", metricsAre(externalOf(averageTarget("1"), noSuchOperator)))
	add("external: invalid selector, value", metricsAre(externalOf(valueTarget("1"), noSuchOperator)))
	add("external: no pods", metricsAre(externalOf(valueTarget("1"), nil)), noPods)
	add("external: target of another type", metricsAre(externalOf(percentTarget(50), nil)))

	// Several metrics, and types that no API server admits.
	add("several: one of two fails, up", up, metricsAre(podsOf("1", nil), utilization("cpu", 50)), withoutCustom)
	add("several: one of two fails, down", uses(10), metricsAre(utilization("cpu", 50), podsOf("1", nil)), withoutCustom)
	add("several: all fail", metricsAre(podsOf("1", nil), externalOf(valueTarget("1"), nil), container("nginx", percentTarget(50))), withoutCustom, on("GET "+externalPath))
	add("several: unknown type", metricsAre(autoscalingv2.MetricSpec{Type: "Odd"}))
	return list
}
