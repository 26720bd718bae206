package benchmark

import (
	"reflect"
	"sync"

	"github.com/salesbench/salesbench/benchmark/stat"
)

// noColumn is why a figure is missing where no organization stands in World-Class
// or in Rest: not that nobody answered, nor that somebody has to be protected.
const noColumn stat.Reason = "no_world_class_column"

// contrasts are the figures that compare World-Class with Rest or with one
// organization.
var contrasts = map[string]bool{
	"gap_points": true, "cohen_h": true, "leave_item_out_points": true, "split_half_points": true, "kpi_defined_points": true, "median_gap": true,
}

// explainColumns gives all figures about a column that does not exist the one true
// reason. Where the tiers are of respondents, the columns hold people.
func (e *engine) explainColumns(parts ...any) {
	if c := e.in.Criteria; c != nil && c.Unit == UnitRespondent {
		return
	}
	missing := map[Column]bool{WorldClass: len(e.columns.wc) == 0, Rest: len(e.columns.rest) == 0}
	missing[""] = missing[WorldClass] || missing[Rest]
	for _, part := range parts {
		eachEstimate(reflect.ValueOf(part), func(est *Estimate) {
			if est.Value.Valid || est.base.hidden || est.base.kind == baseGroup || est.Stat == "" {
				return
			}
			if missing[est.Column] && (est.Column != "" || contrasts[est.Stat]) {
				est.Status, est.Reasons, est.N, est.Organizations = NotComputed, []stat.Reason{noColumn}, nil, nil
			}
		})
	}
}

// eachEstimate visits all figures of a result.
func eachEstimate(v reflect.Value, visit func(*Estimate)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachEstimate(v.Elem(), visit)
		}
	case reflect.Slice:
		if !figuresIn(v.Type().Elem()).any {
			return
		}
		_ = eachOf((v.Len()+rowBlock-1)/rowBlock, func(block int) error { // which does not fail
			for i := block * rowBlock; i < min(v.Len(), (block+1)*rowBlock); i++ {
				eachEstimate(v.Index(i), visit)
			}
			return nil
		})
	case reflect.Struct:
		if v.Type() == estimateType {
			if e, ok := v.Addr().Interface().(*Estimate); ok {
				visit(e)
			}
			return
		}
		for _, i := range figuresIn(v.Type()).fields {
			eachEstimate(v.Field(i), visit)
		}
	}
}

// figures says whether a type can hold figures, and a struct in which of its
// exported fields.
type figures struct {
	any    bool
	fields []int
}

var figuresByType sync.Map // reflect.Type to figures

func figuresIn(t reflect.Type) figures {
	if known, ok := figuresByType.Load(t); ok {
		return known.(figures)
	}
	var f figures
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		f.any = figuresIn(t.Elem()).any
	case reflect.Struct:
		f.any = t == estimateType
		for i := range t.NumField() {
			if t != estimateType && t.Field(i).IsExported() && figuresIn(t.Field(i).Type).any {
				f.any, f.fields = true, append(f.fields, i)
			}
		}
	}
	figuresByType.Store(t, f)
	return f
}
