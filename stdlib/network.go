package stdlib

import "github.com/gotrace/gotrace/lang/point"

// networkRows are about addresses of the network.
func networkRows() []Function {
	return []Function{
		{
			Name: "ntop", Params: params(opt("family", "int"), req("address", "int|char[4]|char[16]")), Result: "inet",
			Doc:     "An IPv4 or IPv6 address that prints as text. Without a family, the size of the address decides.",
			Example: "begin { print(ntop(0x0100007f)); }",
		},
		{
			Name: "pton", Params: params(req("address", "const string")), Result: "uint8[4]|uint8[16]", CompileTime: true,
			Doc:     "The bytes of an IPv4 or IPv6 address, in network order.",
			Example: "begin { printf(\"%x\\n\", (uint32)pton(\"127.0.0.1\")); }",
		},
		{
			Name: "socket_cookie", Params: params(req("sk", "struct sock*")), Result: "uint64", Contexts: []point.Context{point.Fentry, point.Fexit},
			Doc:     "A number that names a socket as long as it lives, or zero without one. The socket must be an argument of the probe.",
			Example: "fentry:tcp_rcv_established { @[socket_cookie(args.sk)] = count(); }",
		},
		{
			Name: "macaddr", Params: params(req("address", "char[6]")), Result: "mac_address",
			Doc:     "A hardware address that prints as text.",
			Example: "kprobe:arp_create { print(macaddr((uint8*)arg5)); }",
		},
	}
}
