#pragma once

/// Files as such, whatever they hold: read, unpacked, judged and written by all that is stored.

#include <gradus/nn/files/any_array.hpp>
