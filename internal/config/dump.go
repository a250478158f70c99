package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
)

// keysOf lists the dotted keys of a struct and their types. Nested structs are
// sections, not keys.
func keysOf(target any) map[string]reflect.Type {
	keys := map[string]reflect.Type{}
	walk(reflect.ValueOf(target), "", func(key string, v reflect.Value) { keys[key] = v.Type() })
	return keys
}

// walk calls fn for every field that is a value rather than a section.
func walk(v reflect.Value, prefix string, fn func(key string, v reflect.Value)) {
	v = reflect.Indirect(v)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("koanf"), ",")
		if f.Anonymous && option == "squash" {
			walk(v.Field(i), prefix, fn)
			continue
		}
		if !f.IsExported() || name == "-" || name == "" {
			continue
		}
		if section(f.Type) {
			walk(v.Field(i), prefix+name+".", fn)
			continue
		}
		fn(prefix+name, v.Field(i))
	}
}

// section tells structs that hold keys from structs that are one value.
func section(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// Dump writes a configuration as the YAML file that would give it. Secrets are
// file paths; a value that sits under a key named like a secret is hidden all
// the same.
func Dump(target any) ([]byte, error) {
	root := map[string]any{}
	walk(reflect.ValueOf(target), "", func(key string, v reflect.Value) {
		m := root
		parts := strings.Split(key, ".")
		for _, p := range parts[:len(parts)-1] {
			next, ok := m[p].(map[string]any)
			if !ok {
				next = map[string]any{}
				m[p] = next
			}
			m = next
		}
		m[parts[len(parts)-1]] = printable(parts[len(parts)-1], v)
	})
	b, err := yaml.Parser().Marshal(root)
	if err != nil {
		return nil, fmt.Errorf("dumping configuration: %w", err)
	}
	return b, nil
}

func printable(name string, v reflect.Value) any {
	for _, s := range []string{"password", "secret", "token"} {
		if strings.HasSuffix(name, s) && !v.IsZero() {
			return "[hidden]"
		}
	}
	switch x := v.Interface().(type) {
	case time.Duration:
		return x.String()
	case encoding.TextMarshaler:
		if b, err := x.MarshalText(); err == nil {
			return string(b)
		}
	}
	return v.Interface()
}
