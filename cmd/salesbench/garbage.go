package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/salesbench/salesbench/survey/web"
)

// Go collects when as much garbage has come together as there is living memory.
// A service that holds little lives on 20 MB and would collect many times a second
// under load, which took an eighth of its processor time. So garbage has some room
// whatever the rest needs, and more only as the rest grows.
const (
	garbageRoom  = 96 << 20
	garbageShare = 8   // of the memory that is free there is never taken more than this part
	usualPercent = 100 // Go's own
)

// paceGarbage has garbage collected after garbageRoom, or as much of it as the
// memory allows. Whoever sets GOGC decides; GOMEMLIMIT holds in any case.
func paceGarbage() {
	if os.Getenv("GOGC") != "" {
		return
	}
	room := int64(garbageRoom)
	if free, known := web.MemoryAvailable(); known {
		room = min(room, free/garbageShare)
	}
	afterEachCollection(&pace{room: uint64(max(room, 0)), percent: usualPercent})
}

// pace is the present one.
type pace struct {
	room    uint64
	percent int
}

// afterEachCollection adapts the pace to what was found to live. A finalizer runs once
// after a collection, so it is set again each time.
func afterEachCollection(p *pace) {
	type sign struct{ _ [16]byte } // of a size that shares its place with nothing
	runtime.SetFinalizer(&sign{}, func(*sign) {
		if next := percentFor(p.room, living()); next != p.percent {
			p.percent = next
			debug.SetGCPercent(next)
		}
		afterEachCollection(p)
	})
}

// percentFor is the room in percent of what lives, in steps, so that it seldom changes.
func percentFor(room, living uint64) int {
	const step, most = 25, 2000
	percent := usualPercent
	if living > 0 {
		percent = int(min(room*100/living, most))
	}
	return max(usualPercent, percent/step*step)
}

func living() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
