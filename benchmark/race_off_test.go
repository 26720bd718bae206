//go:build !race

package benchmark

// attacks is the number of random waves that are attacked; hundreds were tried
// when the rules were made.
const attacks = 30
