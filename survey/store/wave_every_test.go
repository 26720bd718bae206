package store_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/salesbench/salesbench/survey"
	"github.com/salesbench/salesbench/survey/store"
	"github.com/salesbench/salesbench/survey/store/storetest"
)

// harmful makes an argument of the type that would change the wave if the method let it.
func harmful(f storetest.Fieldwork, of reflect.Type) reflect.Value {
	wave := f.Wave
	wave.Mode, wave.MinimumGroup, wave.LateHours, wave.OpensAt = survey.Anonymous, 6, 3, wave.OpensAt.Add(time.Minute)
	for _, known := range []any{f.Wave.ID, f.Study.ID, f.Organization.ID, wave, f.Study, f.Organization, f.Submission(1), "spring",
		storetest.Now.Add(30 * time.Hour), []survey.Target{{People: 3}}, []byte("{}"), 7, int64(7)} {
		if reflect.TypeOf(known) == of {
			return reflect.ValueOf(known)
		}
	}
	if of.Kind() == reflect.Slice {
		list := reflect.MakeSlice(of, 1, 1)
		list.Index(0).Set(harmful(f, of.Elem()))
		return list
	}
	value := reflect.New(of).Elem()
	if of.Kind() == reflect.Struct { // whatever names a wave names this one
		for i := range of.NumField() {
			if of.Field(i).IsExported() && value.Field(i).Kind() != reflect.Func {
				value.Field(i).Set(harmful(f, of.Field(i).Type))
			}
		}
	}
	return value
}

func TestNoMethodOfTheStoreChangesWhatIsSealed(t *testing.T) {
	storetest.EachConfig(t, func(t *testing.T, config store.Config) {
		s := storetest.Open(t, config)
		f := storetest.OpenWave(t, s)
		watch := storetest.Open(t, config)
		sealed := must[survey.Seal](t)(watch.WaveSeal(t.Context(), f.Wave.ID))
		methods, called := reflect.TypeOf(s), 0
		for i := range methods.NumMethod() {
			method := methods.Method(i)
			if method.Name == "Close" {
				continue
			}
			call(t, s, f, method, &called)
			seal := must[survey.Seal](t)(watch.WaveSeal(t.Context(), f.Wave.ID))
			if seal.Hash != sealed.Hash || string(seal.Document) != string(sealed.Document) || seal.Broken != "" {
				t.Fatalf("%s changed what is sealed: %+v", method.Name, seal)
			}
		}
		if called < 60 {
			t.Errorf("only %d methods were tried", called)
		}
	})
}

// call tries one method; one that does not bear such arguments has changed nothing.
func call(t *testing.T, s *store.Store, f storetest.Fieldwork, method reflect.Method, called *int) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			t.Logf("%s: %v", method.Name, p)
		}
	}()
	args := []reflect.Value{reflect.ValueOf(s)}
	for i := 1; i < method.Type.NumIn(); i++ {
		if of := method.Type.In(i); of == reflect.TypeFor[context.Context]() {
			args = append(args, reflect.ValueOf(ctx))
		} else {
			args = append(args, harmful(f, of))
		}
	}
	*called++
	if method.Type.IsVariadic() {
		method.Func.CallSlice(args)
		return
	}
	method.Func.Call(args)
}
