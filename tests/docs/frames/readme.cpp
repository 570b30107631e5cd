// The code of README.md, section "openai_stream.hpp".
// Prints: ^Sunlight carries every color.*\.$
//// the code
