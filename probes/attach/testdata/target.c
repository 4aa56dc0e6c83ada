// cc: -O1
// A program to put uprobes on. For each line of its input it calls work() as
// often as the line says, and answers with a line.
#include <stdio.h>

__attribute__((noinline)) int work(int n)
{
	static volatile int sum;
	return sum += n;
}

int main(void)
{
	int times, i;

	while (scanf("%d", &times) == 1) {
		for (i = 0; i < times; i++)
			work(i);
		puts("done");
		fflush(stdout);
	}
	return 0;
}
