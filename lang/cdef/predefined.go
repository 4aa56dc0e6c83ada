package cdef

import (
	"fmt"
	"strings"
)

// predefined is what stands before every unit: the macros that gcc predefines
// and that headers ask for, words of gcc's that mean nothing here, the kernel's
// annotations, and what cc wants declared.
func predefined(opts Options) string {
	var b strings.Builder
	for _, name := range opts.Predefined {
		fmt.Fprintf(&b, "#define %s 1\n", name)
	}
	b.WriteString(archMacros(opts.Arch))
	b.WriteString(commonMacros)
	if opts.Kernel {
		b.WriteString(kernelMacros)
	}
	return b.String()
}

// archMacros are the macros that name a CPU.
func archMacros(arch string) string {
	if arch == "arm64" {
		return "#define __aarch64__ 1\n#define __AARCH64EL__ 1\n#define __CHAR_UNSIGNED__ 1\n"
	}
	return "#define __x86_64__ 1\n#define __x86_64 1\n#define __amd64__ 1\n#define __amd64 1\n"
}

const commonMacros = `
#define __STDC__ 1
#define __STDC_VERSION__ 201710L
#define __STDC_HOSTED__ 1
#define __GNUC__ 12
#define __GNUC_MINOR__ 2
#define __linux__ 1
#define __linux 1
#define linux 1
#define __unix__ 1
#define __gnu_linux__ 1
#define __ELF__ 1
#define __LP64__ 1
#define _LP64 1
#define __CHAR_BIT__ 8
#define __BYTE_ORDER__ 1234
#define __ORDER_LITTLE_ENDIAN__ 1234
#define __ORDER_BIG_ENDIAN__ 4321
#define __SIZEOF_INT__ 4
#define __SIZEOF_LONG__ 8
#define __SIZEOF_LONG_LONG__ 8
#define __SIZEOF_POINTER__ 8
#define __SIZEOF_SIZE_T__ 8
#define __SIZE_TYPE__ unsigned long
#define __PTRDIFF_TYPE__ long
#define __WCHAR_TYPE__ int
#define __WINT_TYPE__ unsigned int
#define __INTMAX_TYPE__ long
#define __UINTMAX_TYPE__ unsigned long
#define __INT8_TYPE__ signed char
#define __INT16_TYPE__ short
#define __INT32_TYPE__ int
#define __INT64_TYPE__ long
#define __UINT8_TYPE__ unsigned char
#define __UINT16_TYPE__ unsigned short
#define __UINT32_TYPE__ unsigned int
#define __UINT64_TYPE__ unsigned long
#define __INT_MAX__ 0x7fffffff
#define __LONG_MAX__ 0x7fffffffffffffffL
#define __extension__
#define __restrict
#define __restrict__
#define __inline inline
#define __inline__ inline
#define __const const
#define __volatile__ volatile
#define __signed__ signed
#define __asm__(...)
#define __builtin_offsetof(type, member) ((unsigned long)&(((type*)0)->member))
#define __user
#define __kernel
#define __iomem
#define __percpu
#define __rcu
#define __force
#define __bitwise
#define __packed __attribute__((packed))
#define __aligned(x) __attribute__((aligned(x)))
int __predefined_declarator;
typedef void *__builtin_va_list;
typedef unsigned long __predefined_size_t;
typedef int __predefined_wchar_t;
typedef long __predefined_ptrdiff_t;
`

// kernelMacros is what the kernel's build puts before each of its files.
const kernelMacros = `
#define __KERNEL__ 1
#if __has_include(<linux/kconfig.h>)
#include <linux/kconfig.h>
#include <linux/compiler_types.h>
#endif
`

// compilerHeader returns the headers that come with a compiler and not with the
// C library.
func compilerHeader(name string) (string, bool) {
	switch name {
	case "stddef.h":
		return stddefHeader, true
	case "stdarg.h":
		return "#ifndef __GNUC_VA_LIST\n#define __GNUC_VA_LIST\ntypedef __builtin_va_list __gnuc_va_list;\n#endif\n" +
			"#ifndef _VA_LIST_DEFINED\n#define _VA_LIST_DEFINED\ntypedef __builtin_va_list va_list;\n#endif\n", true
	case "stdbool.h":
		return "#define bool _Bool\n#define true 1\n#define false 0\n", true
	case "float.h", "stdnoreturn.h", "stdalign.h":
		return "", true
	case "limits.h":
		return limitsHeader, true
	}
	return "", false
}

const stddefHeader = `
#ifndef _SIZE_T
#define _SIZE_T
typedef unsigned long size_t;
#endif
#ifndef _PTRDIFF_T
#define _PTRDIFF_T
typedef long ptrdiff_t;
#endif
#ifndef _WCHAR_T
#define _WCHAR_T
typedef int wchar_t;
#endif
#ifdef __need_wint_t
#ifndef _WINT_T
#define _WINT_T
typedef unsigned int wint_t;
#endif
#endif
#ifndef NULL
#define NULL ((void *)0)
#endif
#ifndef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)
#endif
`

const limitsHeader = `
#define CHAR_BIT 8
#define SCHAR_MIN (-128)
#define SCHAR_MAX 127
#define UCHAR_MAX 255
#define CHAR_MIN (-128)
#define CHAR_MAX 127
#define SHRT_MIN (-32768)
#define SHRT_MAX 32767
#define USHRT_MAX 65535
#define INT_MIN (-2147483647 - 1)
#define INT_MAX 2147483647
#define UINT_MAX 4294967295U
#define LONG_MIN (-9223372036854775807L - 1L)
#define LONG_MAX 9223372036854775807L
#define ULONG_MAX 18446744073709551615UL
#define LLONG_MIN LONG_MIN
#define LLONG_MAX LONG_MAX
#define ULLONG_MAX ULONG_MAX
#define NAME_MAX 255
#define PATH_MAX 4096
#define PIPE_BUF 4096
#define IOV_MAX 1024
`
