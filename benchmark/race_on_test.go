//go:build race

package benchmark

// attacks is the number of random waves that are attacked; watched by the race
// detector few, since the test command runs the attacks once more without it.
const attacks = 3
