//go:build !race

package panel

const raceDetector = false
