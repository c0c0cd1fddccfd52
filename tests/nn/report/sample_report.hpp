#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gradus/nn/report/report.hpp>

namespace gradus::testing {

/// A report with something in every place, and names that want escaping.
inline nn::Report sample_report() {
  nn::Report report;
  report.title = "Digits <b>&\"bold\"</b>";
  report.date = "2024-05-31 18:05 UTC";
  report.seconds = 3725;
  report.seed = 42;
  report.command_line = "train --label \"<x>\" && echo";
  report.figures = {{"accuracy <test>", "98.4 %"}, {"epochs", "8"}};
  nn::Curve train{"train <1>"}, validation{"validation"}, lr{""};
  for (int epoch = 1; epoch <= 8; ++epoch) {
    for (nn::Curve* curve : {&train, &validation, &lr}) curve->x.push_back(epoch);
    train.y.push_back(1.0 / epoch);
    validation.y.push_back(1.2 / epoch);
    lr.y.push_back(std::pow(0.5, epoch));
  }
  report.panels = {
      {.title = "Loss & more", .x_label = "epoch", .curves = {train, validation}, .y_label = "loss"},
      {.title = "Learning rate", .x_label = "epoch", .curves = {lr}, .log = true}};
  report.class_names = {"cat", "<dog>", "hen"};
  report.confusion = nn::ConfusionMatrix{3};
  report.confusion->add(xt::xarray<std::int64_t>{0, 0, 1, 1, 2, 2, 2},
                        xt::xarray<std::int64_t>{0, 1, 1, 1, 2, 0, nn::no_class});
  report.mistakes = {{7, "cat", "<dog>", 0.9876, xt::xarray<float>{{0, 0.5f}, {1, 0.2f}}},
                     {9, "hen", "cat", 0.5}};
  report.weights = xt::xarray<float>{{{-1, 0}, {0.5f, 1}}, {{0, 0}, {0, 0}}};
  report.summary = "Linear (784) -> (10)";
  return report;
}

}  // namespace gradus::testing
