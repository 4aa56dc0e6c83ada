package typecheck

import (
	"fmt"
	"sort"
	"strings"

	"github.com/gotrace/gotrace/lang/ast"
	"github.com/gotrace/gotrace/lang/source"
	"github.com/gotrace/gotrace/lang/suggest"
	"github.com/gotrace/gotrace/lang/typed"
	"github.com/gotrace/gotrace/lang/types"
)

// setting is one configuration variable: how its text is checked and where the
// value goes. A nil set is a variable that is known and has nothing to govern
// here.
type setting struct {
	name string
	// values lists the words that are allowed; nil is anything that set takes.
	values []string
	set    func(cfg *typed.Config, text string) string // returns what is wrong, or ""
}

// defaultConfig is the configuration of a script that sets nothing.
func defaultConfig() typed.Config {
	return typed.Config{
		MaxMapKeys: 4096, MaxStrlen: 1024, MaxProbes: 1024, MaxPrograms: 1024, MaxCatBytes: 10240,
		StackMode: types.StackBpftrace, StrTruncTrailer: "..", PrintMapsOnExit: true, License: "GPL",
		MissingProbes: "error", CppDemangle: true, UnstableTSeries: "warn",
	}
}

// settings are all configuration variables of the language.
func settings() []setting {
	unstable := []string{"error", "warn", "enable"}
	return []setting{
		number32("max_map_keys", 1, 1<<30, func(c *typed.Config) *int { return &c.MaxMapKeys }),
		number32("max_strlen", 2, 1<<16, func(c *typed.Config) *int { return &c.MaxStrlen }),
		number32("max_probes", 1, 1<<30, func(c *typed.Config) *int { return &c.MaxProbes }),
		number32("max_bpf_progs", 1, 1<<30, func(c *typed.Config) *int { return &c.MaxPrograms }),
		number32("max_cat_bytes", 1, 1<<30, func(c *typed.Config) *int { return &c.MaxCatBytes }),
		number32("perf_rb_pages", 1, 1<<24, func(c *typed.Config) *int { return &c.RingBufferPages }),
		number32("log_size", 1, 1<<30, nil),
		number32("on_stack_limit", 0, 1<<20, nil),
		word("stack_mode", stackModes(), func(c *typed.Config, v string) { c.StackMode = types.StackMode(v) }),
		word("missing_probes", []string{"error", "warn", "ignore"}, func(c *typed.Config, v string) { c.MissingProbes = v }),
		word("license", []string{
			"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
		}, func(c *typed.Config, v string) { c.License = v }),
		word("cache_user_symbols", []string{"per_pid", "per_program", "none", "0", "1"}, nil),
		boolean("print_maps_on_exit", func(c *typed.Config) *bool { return &c.PrintMapsOnExit }),
		boolean("cpp_demangle", func(c *typed.Config) *bool { return &c.CppDemangle }),
		boolean("lazy_symbolication", func(c *typed.Config) *bool { return &c.LazySymbols }),
		boolean("show_debug_info", nil),
		{name: "str_trunc_trailer", set: func(c *typed.Config, v string) string { c.StrTruncTrailer = v; return "" }},
		word("unstable_tseries", unstable, func(c *typed.Config, v string) { c.UnstableTSeries = v }),
		word("unstable_dw_ustack", unstable, nil),
		word("unstable_map_decl", unstable, nil),
		word("unstable_typeinfo", unstable, nil),
		word("unstable_import", unstable, nil),
		word("unstable_macro", unstable, nil),
	}
}

// environmentOnly are variables of the reference's environment that configure
// its own machinery and mean nothing here; they are not worth a warning.
func environmentOnly() []string {
	return []string{"btf", "kernel_source", "kernel_build", "vmlinux", "color", "info", "debug_output", "max_ast_nodes",
		"verify_llvm_ir", "use_blazesym", "no_user_symbols", "max_type_res_iterations", "debug", "test"}
}

func number32(name string, least, most int64, field func(*typed.Config) *int) setting {
	return setting{name: name, set: func(cfg *typed.Config, text string) string {
		v, ok := parseInt(text)
		switch {
		case !ok:
			return "want a number"
		case v < least || v > most:
			return fmt.Sprintf("want a number from %d to %d", least, most)
		case field != nil:
			*field(cfg) = int(v)
		}
		return ""
	}}
}

func boolean(name string, field func(*typed.Config) *bool) setting {
	return setting{name: name, set: func(cfg *typed.Config, text string) string {
		v := false
		switch strings.ToLower(text) {
		case "true", "1":
			v = true
		case "false", "0":
		default:
			return "want true or false"
		}
		if field != nil {
			*field(cfg) = v
		}
		return ""
	}}
}

func word(name string, values []string, set func(*typed.Config, string)) setting {
	return setting{name: name, values: values, set: func(cfg *typed.Config, text string) string {
		for _, v := range values {
			if strings.EqualFold(v, text) {
				if set != nil {
					set(cfg, v)
				}
				return ""
			}
		}
		return "want one of " + strings.Join(values, ", ")
	}}
}

// readConfig reads the config blocks and then the environment, which wins.
func (c *checker) readConfig() typed.Config {
	cfg := defaultConfig()
	if w, ok := c.world.(StringLimited); ok {
		cfg.MaxStrlen = min(cfg.MaxStrlen, w.StringLimit())
	}
	var first *ast.Config
	seen := map[string]source.Span{}
	for _, it := range c.file.Items {
		block, ok := it.(*ast.Config)
		if !ok {
			continue
		}
		if first != nil {
			c.errorf(block.Span, "duplicate", "there are two config blocks").
				WithRelated(first.Span, "the first is here").WithHint("join them into one")
			continue
		}
		first = block
		for _, entry := range block.Entries {
			c.readEntry(&cfg, entry, seen)
		}
	}
	c.readEnvironment(&cfg)
	return cfg
}

func (c *checker) readEntry(cfg *typed.Config, entry ast.ConfigEntry, seen map[string]source.Span) {
	name := settingName(entry.Name)
	s, ok := settingByName(name)
	if !ok {
		c.errorf(entry.Span, "unknown-setting", "unknown setting %s", quote(entry.Name)).
			Hint = suggest.Hint("", name, settingNames())
		return
	}
	if at, twice := seen[name]; twice {
		c.errorf(entry.Span, "duplicate", "setting %s is given twice", name).WithRelated(at, "the first is here")
		return
	}
	seen[name] = entry.Span
	text, ok := c.settingText(entry.Value)
	if !ok {
		c.errorf(entry.Value.Pos(), "bad-setting", "the value of a setting is a number, a word or a string")
		return
	}
	if wrong := s.set(cfg, text); wrong != "" {
		d := c.errorf(entry.Value.Pos(), "bad-setting", "bad value %q for %s, %s", text, name, wrong)
		d.Hint = suggest.Hint("", text, s.values)
	}
}

// settingText is the value of an entry as text.
func (c *checker) settingText(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.Int:
		return itoa(int64(e.Value)), true
	case *ast.Bool:
		return fmt.Sprint(e.Value), true
	case *ast.String:
		return e.Value, true
	case *ast.Ident:
		return e.Name, true
	case *ast.Param:
		return c.paramText(e.Number), e.Number > 0
	}
	return "", false
}

// settingName is the canonical form of a name: lower case, no prefix.
func settingName(name string) string {
	name = strings.ToLower(name)
	name = strings.TrimPrefix(name, "bpftrace_")
	return strings.TrimPrefix(name, "gotrace_")
}

func settingByName(name string) (setting, bool) {
	for _, s := range settings() {
		if s.name == name {
			return s, true
		}
	}
	return setting{}, false
}

func settingNames() []string {
	var names []string
	for _, s := range settings() {
		names = append(names, s.name)
	}
	return names
}

// readEnvironment applies BPFTRACE_X and then GOTRACE_X.
func (c *checker) readEnvironment(cfg *typed.Config) {
	keys := make([]string, 0, len(c.opts.Env))
	for key := range c.opts.Env {
		if strings.HasPrefix(key, "BPFTRACE_") || strings.HasPrefix(key, "GOTRACE_") {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys) // BPFTRACE_ before GOTRACE_, which wins
	for _, key := range keys {
		name := settingName(key)
		s, ok := settingByName(name)
		if !ok {
			if !contains(environmentOnly(), name) {
				if hint := suggest.Hint("", name, settingNames()); hint != "" {
					c.warnf(c.fileSpan(), "unknown-setting", "environment variable %s is not a setting", key).Hint = hint
				}
			}
			continue
		}
		if wrong := s.set(cfg, c.opts.Env[key]); wrong != "" {
			c.errorf(c.fileSpan(), "bad-setting", "bad value %q in environment variable %s, %s", c.opts.Env[key], key, wrong)
		}
	}
}
