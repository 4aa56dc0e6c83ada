package output

// gfpName is a set of allocation flags that has a name.
type gfpName struct {
	mask uint64
	name string
}

// gfpNames lists the names the kernel prints (include/trace/events/mmflags.h),
// the larger sets first: a name is used when all its flags are there.
func gfpNames() []gfpName {
	return []gfpName{
		{0x1c24ca, "GFP_TRANSHUGE"}, {0x1c20ca, "GFP_TRANSHUGE_LIGHT"},
		{0x100cca, "GFP_HIGHUSER_MOVABLE"}, {0x100cc2, "GFP_HIGHUSER"}, {0x100cc0, "GFP_USER"},
		{0x400cc0, "GFP_KERNEL_ACCOUNT"}, {0xcc0, "GFP_KERNEL"},
		{0xc40, "GFP_NOFS"}, {0x820, "GFP_ATOMIC"}, {0xc00, "GFP_NOIO"}, {0x2800, "GFP_NOWAIT"},
		{0x1, "GFP_DMA"}, {0x2, "__GFP_HIGHMEM"}, {0x4, "GFP_DMA32"}, {0x8, "__GFP_MOVABLE"},
		{0x10, "__GFP_RECLAIMABLE"}, {0x20, "__GFP_HIGH"}, {0x40, "__GFP_IO"}, {0x80, "__GFP_FS"},
		{0x100, "__GFP_ZERO"}, {0x400, "__GFP_DIRECT_RECLAIM"}, {0x800, "__GFP_KSWAPD_RECLAIM"},
		{0x1000, "__GFP_WRITE"}, {0x2000, "__GFP_NOWARN"}, {0x4000, "__GFP_RETRY_MAYFAIL"},
		{0x8000, "__GFP_NOFAIL"}, {0x10000, "__GFP_NORETRY"}, {0x20000, "__GFP_MEMALLOC"},
		{0x40000, "__GFP_COMP"}, {0x80000, "__GFP_NOMEMALLOC"}, {0x100000, "__GFP_HARDWALL"},
		{0x200000, "__GFP_THISNODE"}, {0x400000, "__GFP_ACCOUNT"}, {0x800000, "__GFP_ZEROTAGS"},
		{0x1000000, "__GFP_SKIP_ZERO"}, {0x2000000, "__GFP_SKIP_KASAN"},
	}
}

// appendGFP appends allocation flags by name, as %gr does.
func appendGFP(dst []byte, flags uint64) []byte {
	if flags == 0 {
		return append(dst, '0')
	}
	start := len(dst)
	for _, g := range gfpNames() {
		if flags&g.mask != g.mask {
			continue
		}
		if len(dst) > start {
			dst = append(dst, '|')
		}
		dst = append(dst, g.name...)
		flags &^= g.mask
	}
	if flags != 0 {
		if len(dst) > start {
			dst = append(dst, '|')
		}
		dst = appendHex(dst, flags)
	}
	return dst
}
