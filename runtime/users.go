package runtime

import (
	"os"
	"strconv"
	"strings"
)

// username returns the name of a user, or its number. It reads /etc/passwd
// itself: package os/user would make the binary depend on the C library.
func username(uid uint32) string {
	number := strconv.FormatUint(uint64(uid), 10)
	text, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return number
	}
	for line := range strings.Lines(string(text)) {
		// name:password:uid:...
		fields := strings.SplitN(line, ":", 4)
		if len(fields) == 4 && fields[2] == number {
			return fields[0]
		}
	}
	return number
}
