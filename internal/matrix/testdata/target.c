// cc: -no-pie -Wl,--section-start=.watched=0x10000000
/* target: a program to trace. Its argument says what it does:
 *
 *   target work N      calls work(i, "text i") N times, then prints "done"
 *   target usdt N      passes its USDT probes N times
 *   target write N     writes N to the variable "watched"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A USDT probe as <sys/sdt.h> makes it, with the arguments as given: each is
 * SIZE@OPERAND. */
#define NOTE(provider, name, semaphore, args)                                  \
	"990: nop\n"                                                           \
	".pushsection .note.stapsdt,\"\",\"note\"\n"                           \
	".balign 4\n"                                                          \
	".4byte 992f-991f, 994f-993f, 3\n"                                     \
	"991: .asciz \"stapsdt\"\n"                                            \
	"992: .balign 4\n"                                                     \
	"993: .8byte 990b, _.stapsdt.base, " semaphore "\n"                    \
	".asciz \"" provider "\"\n"                                            \
	".asciz \"" name "\"\n"                                                \
	".asciz \"" args "\"\n"                                                \
	"994: .balign 4\n"                                                     \
	".popsection\n"

/* What the addresses of the notes are told relative to (prelink). */
__asm__(".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
	".weak _.stapsdt.base\n.hidden _.stapsdt.base\n"
	"_.stapsdt.base: .space 1\n.size _.stapsdt.base,1\n.popsection\n");

/* Not zero while somebody traces. */
__attribute__((section(".probes"))) volatile unsigned short demo_guarded_semaphore;

struct pair {
	int first;
	const char *second;
};

/* Where a test can name it without looking. */
__attribute__((section(".watched"))) volatile long watched = 0;
volatile int counter = 41;
long table[4] = {10, 20, 30, 40};

__attribute__((noinline)) int work(int n, const char *text, struct pair *p)
{
	__asm__ volatile("" : : "r"(text), "r"(p) : "memory");
	return n * 2;
}

__attribute__((noinline)) void pass(long n, const char *text)
{
	signed char small = -5;
	unsigned short word = 65000;
	long *at = &table[1];
	long index = n & 3;
	__asm__ volatile(NOTE("demo", "plain", "0", "8@%[n] -1@%[small] 2@%[word] 8@%[text] -4@$-7")
		: : [n] "r"(n), [small] "q"(small), [word] "r"(word), [text] "r"(text));
	__asm__ volatile(NOTE("demo", "memory", "0", "8@8(%[at]) 8@(%[at]) 8@(%[base],%[index],8) 8@-8(%[at],%[index],8) -4@counter(%%rip)")
		: : [at] "r"(at), [base] "r"(table), [index] "r"(index));
	if (demo_guarded_semaphore)
		__asm__ volatile(NOTE("demo", "guarded", "demo_guarded_semaphore", "8@%[n]") : : [n] "r"(n));
	__asm__ volatile(NOTE("demo", "none", "0", "") : :);
}

int main(int argc, char **argv)
{
	int count = argc > 2 ? atoi(argv[2]) : 1;
	const char *what = argc > 1 ? argv[1] : "work";
	for (int i = 0; i < count; i++) {
		char text[32];
		struct pair p = {i + 100, text};
		snprintf(text, sizeof text, "text %d", i);
		if (strcmp(what, "usdt") == 0)
			pass(i, text);
		else if (strcmp(what, "write") == 0)
			watched = i + 1;
		else
			work(i, text, &p);
	}
	puts("done");
	return 0;
}
