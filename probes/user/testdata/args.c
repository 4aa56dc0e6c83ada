/* Functions whose arguments a test reads from the debug information. */
#include <stdbool.h>

struct pair {
	int first;
	unsigned small : 3;
	const char *second;
	struct pair *next;
};

enum colour { RED, GREEN };
typedef int number;

__attribute__((noinline)) int all(const number n, unsigned char c, bool yes, const char *text, struct pair *p, enum colour e)
{
	return n + c + yes + text[0] + p->first + e;
}

__attribute__((noinline)) int floats(int before, double x, int after)
{
	return before + (int)x + after;
}

__attribute__((noinline)) int none(void)
{
	static volatile int count;
	return ++count;
}

int main(void)
{
	struct pair p = {1, 2, "x", 0};
	return all(none(), 2, true, "y", &p, GREEN) + floats(1, none(), 3) == 0;
}
