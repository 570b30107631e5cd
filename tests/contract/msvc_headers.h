// Comes before all else where a clang that behaves as Microsoft's compiler reads the headers of MinGW: these take away
// __attribute__ from such a compiler, which clang's own headers need, and put declspecs where it takes none.
#include <_mingw.h>
#undef __attribute__
#undef __MINGW_ATTRIB_DEPRECATED
#define __MINGW_ATTRIB_DEPRECATED
#undef __MINGW_ATTRIB_NORETURN
#define __MINGW_ATTRIB_NORETURN
#undef __MINGW_NOTHROW
#define __MINGW_NOTHROW
