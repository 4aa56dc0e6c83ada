package value

import (
	"net/netip"
	"strconv"
)

// Address families as the kernel numbers them.
const (
	afInet  = 2
	afInet6 = 10
)

// AppendInet appends an IP address of 16 bytes (IPv4 in the first four) as
// inet_ntop writes it.
func AppendInet(dst []byte, family uint32, addr []byte) []byte {
	switch {
	case family == afInet && len(addr) >= 4:
		return netip.AddrFrom4([4]byte(addr[:4])).AppendTo(dst)
	case family == afInet6 && len(addr) >= 16:
		return netip.AddrFrom16([16]byte(addr[:16])).AppendTo(dst)
	}
	dst = append(dst, "unknown address family "...)
	return strconv.AppendUint(dst, uint64(family), 10)
}

// AppendMAC appends an Ethernet address: 18:C0:4D:08:2E:BB.
func AppendMAC(dst, mac []byte) []byte {
	const digits = "0123456789ABCDEF"
	for i, c := range mac {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, digits[c>>4], digits[c&15])
	}
	return dst
}
