#pragma once

#include <gradus/nn/cli/judge.hpp>
#include <gradus/nn/cli/saved_model.hpp>
#include <gradus/nn/report/report.hpp>

namespace gradus::cli {

/// The report of a run: curves, what the model makes of examples, the most confident mistakes, what its first
/// layer looks for where inputs are pictures, and its summary. `rows` says which rows of their source the
/// examples are; all of them, in their order, when empty.
nn::Report make_report(const SavedModel& saved, const AnyDataset& examples, const Judgement& judgement,
                       const std::vector<std::size_t>& rows = {});

/// The same of a run that was made before, with other data perhaps: it says which.
nn::Report make_report_anew(const SavedModel& saved, const DataSettings& data, const AnyDataset& examples,
                            const Judgement& judgement);

}  // namespace gradus::cli
