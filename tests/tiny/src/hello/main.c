#include <stdio.h>

const char *hello(void);

int main(void) {
    puts(hello());
    return 0;
}
