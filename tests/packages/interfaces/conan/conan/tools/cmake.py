class CMake:
    pass


def cmake_layout(_recipe):
    pass
