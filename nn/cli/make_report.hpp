#pragma once

#include <gradus/nn/cli/judge.hpp>
#include <gradus/nn/cli/saved_model.hpp>
#include <gradus/nn/report/report.hpp>

namespace gradus::cli {

/// Curves of a history: loss, metrics, learning rate, norm of the gradient.
std::vector<nn::Panel> panels_of(const nn::History& history);

/// The report of a run: curves, what the model makes of examples, the most confident mistakes, what its first
/// layer looks for where inputs are pictures, and its summary.
nn::Report make_report(const SavedModel& saved, const AnyDataset& examples, const Judgement& judgement);

}  // namespace gradus::cli
