package stat

import "math"

// minimizeBrent finds a minimum of f in [a, b] by golden section with parabolic
// steps (Brent 1973). The caller compares with the ends, where a variance of 0
// is a legal answer.
func minimizeBrent(f func(float64) float64, a, b, tolerance float64) float64 {
	golden := (3 - math.Sqrt(5)) / 2
	x := a + float64(golden*(b-a))
	w, v := x, x
	fx := f(x)
	fw, fv := fx, fx
	var step, before float64
	for range 200 {
		middle := (a + b) / 2
		small := float64(tolerance*math.Abs(x)) + 1e-12
		if math.Abs(x-middle) <= small+small-float64((b-a)/2) {
			break
		}
		last := before
		before = step
		step = parabola([3]float64{x, w, v}, [3]float64{fx, fw, fv})
		if next := x + step; math.Abs(step) >= math.Abs(last)/2 || !(next > a && next < b) {
			before = b - x
			if x >= middle {
				before = a - x
			}
			step = float64(golden * before)
		}
		if math.Abs(step) < small {
			step = math.Copysign(small, step)
		}
		u := x + step
		fu := f(u)
		if fu <= fx {
			if u >= x {
				a = x
			} else {
				b = x
			}
			v, fv, w, fw, x, fx = w, fw, x, fx, u, fu
			continue
		}
		if u < x {
			a = u
		} else {
			b = u
		}
		if fu <= fw || w == x {
			v, fv, w, fw = w, fw, u, fu
		} else if fu <= fv || v == x || v == w {
			v, fv = u, fu
		}
	}
	return x
}

// parabola is the step from the first point to the vertex of the parabola through the three
// points, or infinite where they lie on a line.
func parabola(at, value [3]float64) float64 {
	x, w, v := at[0], at[1], at[2]
	fx, fw, fv := value[0], value[1], value[2]
	r, q := float64((x-w)*(fx-fv)), float64((x-v)*(fx-fw))
	p := float64((x-v)*q) - float64((x-w)*r)
	q = 2 * (q - r)
	if q == 0 {
		return math.Inf(1)
	}
	return -p / q
}

// rootBetween finds a zero of a smooth f between two points at which its values
// have different signs, by secants that keep the bracket (the Illinois variant of
// regula falsi) until a step is lost in the last digits.
func rootBetween(f func(float64) float64, at, value [2]float64) float64 {
	x := at[1]
	for range 100 {
		next := at[1] - float64(value[1]*(at[1]-at[0])/(value[1]-value[0]))
		if math.Abs(next-x) <= 1e-13*math.Abs(next) {
			return next
		}
		x = next
		switch y := f(x); {
		case y == 0:
			return x
		case math.Signbit(y) == math.Signbit(value[1]):
			at[1], value[1] = x, y
			value[0] /= 2
		default:
			at, value = [2]float64{at[1], x}, [2]float64{value[1], y}
		}
	}
	return x
}

// findRoot finds a zero of a monotone f between a and b by bisection with
// secant steps; f(a) and f(b) must differ in sign, else the end nearer to zero
// is returned.
func findRoot(f func(float64) float64, a, b, tolerance float64) float64 {
	fa, fb := f(a), f(b)
	if fa == 0 || fb == 0 || math.Signbit(fa) == math.Signbit(fb) {
		if math.Abs(fa) <= math.Abs(fb) {
			return a
		}
		return b
	}
	for i := 0; i < 200 && math.Abs(b-a) > tolerance; i++ {
		c := (a + b) / 2
		if secant := b - float64(fb*(b-a)/(fb-fa)); i%3 != 2 && secant > math.Min(a, b) && secant < math.Max(a, b) {
			c = secant
		}
		fc := f(c)
		if fc == 0 {
			return c
		}
		if math.Signbit(fc) == math.Signbit(fa) {
			a, fa = c, fc
		} else {
			b, fb = c, fc
		}
	}
	return (a + b) / 2
}
