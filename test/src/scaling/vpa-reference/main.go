// Prints what the Vertical Pod Autoscaler's own recommender says of the loads of vertical-loads.ts, in JSON:
//
//	go run . > ../vertical-reference.json
//
// It is not part of the tests, which read the file: it would take minutes to build.
package main

import (
	"encoding/json"
	"math"
	"os"
	"time"

	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/logic"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/model"
)

const day = 24 * 60

type load struct {
	name    string
	minutes int
	cpu     func(minute int, noise float64) float64
	memory  func(minute int, noise float64) float64
	oomAt   int
	oomWith float64
}

type amounts struct {
	Cpu    float64 `json:"cpu"`
	Memory float64 `json:"memory"`
}

type answer struct {
	Load   string  `json:"load"`
	Minute int     `json:"minute"`
	Target amounts `json:"target"`
	Lower  amounts `json:"lower"`
	Upper  amounts `json:"upper"`
}

const mib = 1024 * 1024

var loads = []load{
	{"steady", 3 * day,
		func(_ int, _ float64) float64 { return 0.2 },
		func(_ int, _ float64) float64 { return 200 * mib }, 0, 0},
	{"noisy", 5 * day,
		func(_ int, noise float64) float64 { return 0.05 + 1.5*noise*noise },
		func(_ int, noise float64) float64 { return (150 + 300*noise) * mib }, 0, 0},
	{"daily", 10 * day,
		func(minute int, noise float64) float64 { return float64(minute%day)/day*2 + 0.1*noise },
		func(minute int, noise float64) float64 {
			return (300 + float64(minute/day*40) + 50*noise) * mib
		}, 0, 0},
	{"step", 8 * day,
		func(minute int, noise float64) float64 {
			if minute < 3*day {
				return 2 + noise
			}
			return 0.1 + 0.05*noise
		},
		func(minute int, noise float64) float64 {
			if minute < 3*day {
				return (2000 + 100*noise) * mib
			}
			return (200 + 10*noise) * mib
		}, 0, 0},
	{"oom", 3 * day,
		func(_ int, noise float64) float64 { return 0.3 + 0.1*noise },
		func(_ int, noise float64) float64 { return (100 + 20*noise) * mib }, day + 600, 256 * mib},
}

func of(r model.Resources) amounts {
	return amounts{model.CoresFromCPUAmount(r[model.ResourceCPU]), model.BytesFromMemoryAmount(r[model.ResourceMemory])}
}

func main() {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	recommender := logic.CreatePodResourceRecommender(logic.RecommendationConfig{
		SafetyMarginFraction: 0.15,
		TargetCPUPercentile:  0.9, LowerBoundCPUPercentile: 0.5, UpperBoundCPUPercentile: 0.95,
		TargetMemoryPercentile: 0.9, LowerBoundMemoryPercentile: 0.5, UpperBoundMemoryPercentile: 0.95,
		ConfidenceIntervalCPU: 24 * time.Hour, ConfidenceIntervalMemory: 24 * time.Hour,
	})
	answers := []answer{}
	for _, one := range loads {
		state := model.NewAggregateContainerState()
		container := model.NewContainerState(nil, state)
		random := 1
		for minute := 0; minute < one.minutes; minute++ {
			random = random * 75 % 65537
			noise := float64(random) / 65537
			at := start.Add(time.Duration(minute) * time.Minute)
			container.AddSample(&model.ContainerUsageSample{MeasureStart: at, Resource: model.ResourceCPU,
				Usage: model.CPUAmountFromCores(one.cpu(minute, noise))})
			container.AddSample(&model.ContainerUsageSample{MeasureStart: at, Resource: model.ResourceMemory,
				Usage: model.MemoryAmountFromBytes(math.Round(one.memory(minute, noise)))})
			if one.oomAt > 0 && minute == one.oomAt {
				if err := container.RecordOOM(at, model.MemoryAmountFromBytes(one.oomWith)); err != nil {
					panic(err)
				}
			}
			if minute == 30 || minute == 600 || minute > 0 && minute%(day/2) == 0 || minute == one.minutes-1 {
				said := recommender.GetRecommendedPodResources(model.ContainerNameToAggregateStateMap{"c": state})["c"]
				answers = append(answers, answer{one.name, minute, of(said.Target), of(said.LowerBound), of(said.UpperBound)})
			}
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(answers); err != nil {
		panic(err)
	}
}
