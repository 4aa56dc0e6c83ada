//go:build linux

package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestList(t *testing.T) {
	for _, tt := range []struct {
		data string
		want []string
	}{
		{"", nil},
		{"\x00", []string{""}},
		{"sh\x00-c\x00echo a\nb\x00", []string{"sh", "-c", "echo a\nb"}},
		{"sh\x00\x00", []string{"sh", ""}},
	} {
		path := filepath.Join(t.TempDir(), "list")
		if err := os.WriteFile(path, []byte(tt.data), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := list(path)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("list(%q) = %q, %v, want %q", tt.data, got, err, tt.want)
		}
	}
}
