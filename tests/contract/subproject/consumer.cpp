#include "openai_stream.hpp"

#include <stdio.h>

int main() {
    puts(openai_stream::describe(openai_stream::Error::none));
    return 0;
}
