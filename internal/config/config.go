// Package config fills a configuration struct from a YAML file, the
// environment and flags, each overriding the one before, and refuses what it
// does not know.
package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// Prefix begins every environment variable that sets a key: "kafka.brokers"
// is BRUME_KAFKA_BROKERS, its values separated by commas.
const Prefix = "BRUME_"

// reserved variables begin with Prefix and set no key.
var reserved = []string{"BRUME_TEST_", "BRUME_CHDB_CHILD", "BRUME_LIBCHDB", "BRUME_CACHE", "BRUME_CONFIG", "BRUME_DATA", "BRUME_CRASHPOINT", "BRUME_SCREENS"}

// Sources are where a configuration comes from. Every part may be empty.
type Sources struct {
	File    string         // path of a YAML file
	Environ []string       // as os.Environ gives it
	Flags   map[string]any // dotted key → value

	// Others are sections of the file that belong to other processes, so that
	// one file serves all. A section in which target has a key is target's own.
	Others []string
}

// Load overrides the defaults that target, a pointer to a struct with koanf
// tags, already holds. It reports every fault of every source at once, and
// those that target's own Validate method finds. A list replaces the default
// list; maps are merged.
func Load(target any, src Sources) error {
	l := &loader{known: keysOf(target), k: koanf.New("."), others: src.Others}
	l.file(src.File)
	l.env(src.Environ)
	l.flags(src.Flags)
	l.unmarshal(target)
	if v, ok := target.(interface{ Validate() error }); ok {
		l.fault(v.Validate())
	}
	if err := errors.Join(l.faults...); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return nil
}

type loader struct {
	known  map[string]reflect.Type
	k      *koanf.Koanf
	faults []error
	others []string
}

// foreign tells whether a key lies in another process's section.
func (l *loader) foreign(key string) bool {
	within := func(key, section string) bool { return key == section || strings.HasPrefix(key, section+".") }
	return slices.ContainsFunc(l.others, func(section string) bool {
		if !within(key, section) {
			return false
		}
		for own := range l.known {
			if within(own, section) {
				return false
			}
		}
		return true
	})
}

func (l *loader) fault(err error) {
	if err != nil {
		l.faults = append(l.faults, err)
	}
}

func (l *loader) file(path string) {
	if path == "" {
		return
	}
	k := koanf.New(".")
	if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
		l.fault(fmt.Errorf("file %s: %w", path, err))
		return
	}
	for _, key := range k.Keys() {
		switch {
		case l.foreign(key):
			k.Delete(key)
		case !l.knows(key):
			l.fault(fmt.Errorf("file %s: unknown key %s", path, key))
			k.Delete(key)
		case k.Get(key) == nil:
			l.fault(fmt.Errorf("file %s: %s has no value", path, key))
			k.Delete(key)
		}
	}
	l.fault(l.k.Merge(k))
}

func (l *loader) env(environ []string) {
	byName := make(map[string]string, len(l.known))
	for key := range l.known {
		byName[EnvName(key)] = key
	}
	provider := env.Provider(".", env.Opt{
		Prefix:      Prefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			key, ok := byName[name]
			if !ok {
				if !slices.ContainsFunc(reserved, func(p string) bool { return strings.HasPrefix(name, p) }) {
					l.fault(fmt.Errorf("environment: %s sets no known key", name))
				}
				return "", nil
			}
			if l.known[key].Kind() == reflect.Slice {
				return key, splitList(value)
			}
			return key, value
		},
	})
	l.fault(l.k.Load(provider, nil))
}

func (l *loader) flags(flags map[string]any) {
	for key, value := range flags {
		if !l.knows(key) {
			l.fault(fmt.Errorf("flags: unknown key %s", key))
			continue
		}
		if s, ok := value.(string); ok && l.known[key] != nil && l.known[key].Kind() == reflect.Slice {
			value = splitList(s)
		}
		l.fault(l.k.Set(key, value))
	}
}

func (l *loader) unmarshal(target any) {
	l.fault(l.k.UnmarshalWithConf("", target, koanf.UnmarshalConf{Tag: "koanf", DecoderConfig: &mapstructure.DecoderConfig{
		Result: target, TagName: "koanf", WeaklyTypedInput: true, ErrorUnused: true,
		DecodeHook: mapstructure.ComposeDecodeHookFunc(
			mapstructure.StringToTimeDurationHookFunc(), mapstructure.TextUnmarshallerHookFunc()),
	}}))
}

// knows tells whether a key is a field, or lies within a map.
func (l *loader) knows(key string) bool {
	if _, ok := l.known[key]; ok {
		return true
	}
	for i := strings.LastIndexByte(key, '.'); i > 0; i = strings.LastIndexByte(key[:i], '.') {
		if t, ok := l.known[key[:i]]; ok && t.Kind() == reflect.Map {
			return true
		}
	}
	return false
}

// EnvName is the environment variable that sets a key.
func EnvName(key string) string {
	return Prefix + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

func splitList(s string) []string {
	list := []string{}
	for _, v := range strings.Split(s, ",") {
		if v = strings.TrimSpace(v); v != "" {
			list = append(list, v)
		}
	}
	return list
}
