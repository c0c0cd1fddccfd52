#pragma once

/// Results one can look at.

#include <gradus/nn/report/curve_svg.hpp>
#include <gradus/nn/report/report.hpp>
#include <gradus/nn/report/training_panels.hpp>
