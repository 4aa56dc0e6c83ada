// Package codegen turns a typed program into an object: BPF programs, maps and
// a manifest.
//
// It is pure: the same program, target and options always give the same
// object, and nothing here asks the running kernel anything. What depends on a
// kernel is asked of a Target.
package codegen

import "github.com/gotrace/gotrace/codegen/target"

// The names of package target under which most callers know them.
type (
	// Feature is something that only some kernels have.
	Feature = target.Feature
	// Target is the kernel to compile for.
	Target = target.Target
	// Options are choices of the run that change the code.
	Options = target.Options
)

// The features: see package target.
const (
	FeatureTaskBTF        = target.FeatureTaskBTF
	FeatureAtomicFetch    = target.FeatureAtomicFetch
	FeatureForEachMapElem = target.FeatureForEachMapElem
	FeatureAttachCookie   = target.FeatureAttachCookie
	FeatureFuncIP         = target.FeatureFuncIP
	FeatureLoop           = target.FeatureLoop
	FeatureKprobeMulti    = target.FeatureKprobeMulti
	FeaturePerCPULookup   = target.FeaturePerCPULookup
	FeatureLazyHash       = target.FeatureLazyHash
	FeatureUprobeMulti    = target.FeatureUprobeMulti
	FeatureSignedDivision = target.FeatureSignedDivision
)

// Features lists all features, in the order --info prints them.
func Features() []Feature { return target.Features() }
