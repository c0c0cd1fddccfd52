// CMake attaches a precompiled header to a source file: the one the tests share, to this one.
